// A member's configurations on disk. Java: writeDynamicConfig, editStaticConfig and backupOldConfig of QuorumPeerConfig, as
// QuorumPeer.setLastSeenQuorumVerifier and setQuorumVerifier call them.
//
//   zoo.cfg                   names the dynamic file
//   zoo.cfg.dynamic.<version> the committed configuration; its name has the version
//   zoo.cfg.dynamic.next      one that was seen and may be committed; it has the version inside
//   zoo.cfg.bak               zoo.cfg as the operator wrote it, with the members in it
//
// Each is written to a temporary file, synced, renamed, and the directory synced (Java forgets the last). A change goes
// through these states, and a member that stops in any of them finds its way:
//
//   .next written                   it knows both configurations, and decides nothing without quorums of both
//   dynamic.<version> written       the same: nobody names that file yet
//   zoo.cfg names it                it goes by the new one; a .next that is not later says nothing
//   .next removed                   done
//
// So a member that has a reconfig in its log, of which `remember` came first, never starts without knowing it.

import { dynamicFileText, pointToDynamicFile } from "../config/dynamic-file.js";
import { ExitCode, FatalError } from "../errors.js";
import type { Disk, Logger } from "../platform/platform.js";
import type { Configuration } from "../quorum/configuration.js";
import { writeFileAtomically } from "../storage/disk-steps.js";
import type { Sid } from "../wire/ids.js";
import { hex } from "../wire/ids.js";

export interface ConfigurationFilesParts {
  readonly disk: Disk;
  readonly log: Logger;
  readonly sid: Sid;
  /** As it was named; undefined: there is nothing to keep up to date. */
  readonly configFile: string | undefined;
  readonly workingDirectory: string;
}

export class ConfigurationFiles {
  readonly #parts: ConfigurationFilesParts;
  readonly #directory: string;
  readonly #name: string;
  /** One at a time, in the order in which they were asked for. */
  #last: Promise<unknown> = Promise.resolve();
  /** Committed, and not in the files: the disk refused it. */
  #unwritten: Configuration | undefined;

  constructor(parts: ConfigurationFilesParts) {
    this.#parts = parts;
    const path = parts.configFile ?? "";
    const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
    this.#directory = slash < 0 ? "." : path.slice(0, slash) || "/";
    this.#name = path.slice(slash + 1);
  }

  /** Members are in zoo.cfg itself: it is about to be changed. */
  async backUp(): Promise<void> {
    const { disk, configFile } = this.#parts;
    if (configFile === undefined) return;
    await this.#write(`${this.#name}.bak`, disk.readFile(configFile));
  }

  /**
   * The configuration may be committed one day. Rejects where it cannot be written: who forgets it in a restart could elect a
   * leader without the quorum that it needs.
   */
  remember({ membership }: Configuration): Promise<void> {
    return this.#inTurn(async () => {
      try {
        // A .next is read beside a dynamic file alone.
        if (this.#unwritten !== undefined) await this.#activate(this.#unwritten);
        const text = dynamicFileText(membership, true);
        await this.#write(`${this.#name}.dynamic.next`, Buffer.from(text));
      } catch (error) {
        const path = `${this.#parts.configFile}.dynamic.next`;
        throw new FatalError(
          ExitCode.unexpectedError,
          `Cannot write the configuration that is to come, ${path}: a server with reconfigEnabled=true must be able to write beside its configuration file`,
          { cause: error },
        );
      }
    });
  }

  /** Nothing is to come: what was seen is no history, or committed by now. */
  forget(): Promise<void> {
    return this.#inTurn(() => this.#forget());
  }

  /** It is committed. What cannot be written is an error in the log, as in Java: what is to come is still remembered. */
  activate(configuration: Configuration, isLast: boolean): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#activate(configuration);
        this.#unwritten = undefined;
        if (isLast) await this.#forget();
      } catch (error) {
        this.#unwritten = configuration;
        this.#parts.log.error("Cannot write the configuration that is committed now", error);
      }
    });
  }

  async #activate({ membership }: Configuration): Promise<void> {
    const { disk, configFile, sid } = this.#parts;
    if (configFile === undefined) return;
    const name = `${this.#name}.dynamic.${hex(membership.version)}`;
    await this.#write(name, Buffer.from(dynamicFileText(membership, false)));
    const before = disk.readFile(configFile).toString("latin1");
    const own = membership.servers.find((server) => server.sid === sid);
    const after = pointToDynamicFile(before, this.#absolute(name), own?.client !== undefined);
    await this.#write(this.#name, Buffer.from(after, "latin1"));
  }

  async #forget(): Promise<void> {
    const { disk, configFile } = this.#parts;
    const path = `${this.#directory}/${this.#name}.dynamic.next`;
    if (configFile === undefined || disk.stat(path) === undefined) return;
    await disk.remove(path);
    await disk.syncDirectory(this.#directory);
  }

  async #write(name: string, content: Buffer): Promise<void> {
    const { disk, configFile } = this.#parts;
    if (configFile === undefined) return;
    await writeFileAtomically(disk, this.#directory, name, `${name}.tmp`, content);
  }

  #absolute(name: string): string {
    const path = this.#directory === "/" ? `/${name}` : `${this.#directory}/${name}`;
    const isAbsolute = /^([A-Za-z]:)?[\\/]/.test(path);
    // A path that begins with ./ is one of the working directory.
    return isAbsolute ? path : `${this.#parts.workingDirectory}/${path.replace(/^(\.\/)+/, "")}`;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const next = this.#last.then(run, run);
    // A failure is the caller's, and does not hold up the next.
    this.#last = next.catch(() => {});
    return next;
  }
}
