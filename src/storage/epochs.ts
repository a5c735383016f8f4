// The two promises that outlive a member: the epoch it has accepted, and the epoch whose history it has. Java:
// acceptedEpoch and currentEpoch of QuorumPeer, AtomicFileOutputStream.
//
// Written tmp, sync, rename, directory sync, and only then believed: Java changes the memory first or forgets the directory
// (zab-and-known-bugs R39, H3). Both only ever grow.
//
// A member that stopped after an epoch's transactions were durable and before its currentEpoch was has all of that epoch's
// initial history, because it is synced first: its currentEpoch is raised to that of its last transaction, where Java
// refuses to start (R38).

import { assert, ExitCode, FatalError } from "../errors.js";
import { reached } from "../marks.js";
import type { Disk, Logger } from "../platform/platform.js";
import { epochOf, hex0x, type Zxid } from "../wire/ids.js";
import { writeFileAtomically } from "./disk-steps.js";

const ACCEPTED = "acceptedEpoch";
const CURRENT = "currentEpoch";

export class Epochs {
  readonly #disk: Disk;
  readonly #log: Logger;
  readonly #directory: string;
  #accepted: number;
  #current: number;

  private constructor(
    disk: Disk,
    log: Logger,
    directory: string,
    accepted: number,
    current: number,
  ) {
    this.#disk = disk;
    this.#log = log;
    this.#directory = directory;
    this.#accepted = accepted;
    this.#current = current;
  }

  /** `directory` is that of the snapshots. Rejects with FatalError on what cannot be. */
  static async load(disk: Disk, log: Logger, directory: string, lastZxid: Zxid): Promise<Epochs> {
    const epochOfZxid = Math.max(0, epochOf(lastZxid));
    const current = await readOrCreate(disk, log, directory, CURRENT, epochOfZxid);
    const accepted = await readOrCreate(
      disk,
      log,
      directory,
      ACCEPTED,
      Math.max(current, epochOfZxid),
    );
    const epochs = new Epochs(disk, log, directory, accepted, current);
    await epochs.raiseTo(lastZxid);
    if (epochs.#accepted < epochs.#current) {
      throw new FatalError(
        ExitCode.unexpectedError,
        `The accepted epoch, ${hex0x(epochs.#accepted)} is less than the current epoch, ${hex0x(epochs.#current)}: ` +
          `${directory}/${ACCEPTED} is not the newest. Let the ensemble send the data anew to this member (mv ${directory} ${directory}.damaged)`,
      );
    }
    return epochs;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get current(): number {
    return this.#current;
  }

  /** After a start, and after a role: see above. */
  async raiseTo(lastZxid: Zxid): Promise<void> {
    const epoch = epochOf(lastZxid);
    if (epoch <= this.#current) return;
    reached("recovery: currentEpoch is raised to the log's");
    this.#log.warn(
      `The current epoch, ${hex0x(this.#current)}, is older than the last zxid, ${hex0x(lastZxid)}: this member stopped while it ` +
        `joined epoch ${hex0x(epoch)}, with its history on disk. Setting current epoch to ${epoch}`,
    );
    if (epoch > this.#accepted) await this.setAccepted(epoch);
    await this.setCurrent(epoch);
  }

  async setAccepted(epoch: number): Promise<void> {
    assert(epoch >= this.#accepted, `Cannot accept epoch ${epoch} after ${this.#accepted}`);
    await write(this.#disk, this.#directory, ACCEPTED, epoch);
    this.#accepted = epoch;
  }

  async setCurrent(epoch: number): Promise<void> {
    assert(epoch >= this.#current, `Cannot enter epoch ${epoch} after ${this.#current}`);
    assert(epoch <= this.#accepted, `Cannot enter epoch ${epoch} without having accepted it`);
    await write(this.#disk, this.#directory, CURRENT, epoch);
    this.#current = epoch;
  }
}

async function readOrCreate(
  disk: Disk,
  log: Logger,
  directory: string,
  name: string,
  reasonable: number,
): Promise<number> {
  const path = `${directory}/${name}`;
  if (disk.stat(path) === undefined) {
    log.info(
      `${name} not found! Creating with a reasonable default of ${reasonable}. ` +
        "This should only happen when you are upgrading your installation",
    );
    await write(disk, directory, name, reasonable);
    return reasonable;
  }
  const line = disk.readFile(path).toString("latin1").split(/\r?\n/, 1)[0] ?? "";
  const epoch = Number(line);
  if (!/^[+-]?\d{1,16}$/.test(line) || !Number.isSafeInteger(epoch) || epoch < 0) {
    throw new FatalError(ExitCode.unexpectedError, `Found ${line} in ${path}`);
  }
  return epoch;
}

async function write(disk: Disk, directory: string, name: string, epoch: number): Promise<void> {
  await writeFileAtomically(disk, directory, name, `${name}.tmp`, Buffer.from(String(epoch)));
}
