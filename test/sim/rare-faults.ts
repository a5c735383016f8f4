// What befalls a server's disk seldom, and leads where nothing else does (src/marks.ts).
//
//   handover       the directory is handed over to a Java server and back, which was killed meanwhile: it leaves a snapshot of all
//                  that was logged, committed or not, with the older ones purged perhaps; or a log that it had just begun
//   lostFile       a log out of the middle is gone, or the checkpoint is, or is damaged: must be noticed at the next start
//   slowSnapshot   a snapshot takes so long that its member is brought forward anew before it is done

import { loadConfig } from "../../src/config/load.js";
import { loadTree } from "../../src/load-tree.js";
import { Metrics } from "../../src/metrics/metrics.js";
import type { Platform } from "../../src/platform/platform.js";
import { storageSettings } from "../../src/settings.js";
import { writeFileAtomically } from "../../src/storage/disk-steps.js";
import { Storage } from "../../src/storage/storage.js";
import { observeTree } from "../../src/tree-watcher.js";
import { counterOf, type Zxid } from "../../src/wire/ids.js";
import { CONFIG_PATH, type Ensemble, QUORUM_PORT, type SimMember } from "./ensemble.js";
import type { RunOptions } from "./options.js";
import type { Range, SeededRandom } from "./platform/random.js";
import type { Actor } from "./story-steps.js";

export const RARE = ["handover", "lostFile", "slowSnapshot"] as const;
export type RareKind = (typeof RARE)[number];

export function isRare(kind: string): kind is RareKind {
  return (RARE as readonly string[]).includes(kind);
}

export interface RareParts {
  readonly ensemble: Ensemble;
  readonly options: RunOptions;
  readonly actors: readonly Actor[];
}

/** Who decides what may befall whom (faults.ts). */
export interface RareHost {
  /** Who has a damage that it has not noticed yet. */
  readonly rotten: ReadonlySet<SimMember>;
  /** Runs something after so many milliseconds, if the faults are not over by then. */
  after(delayMs: number, run: () => void): void;
  restartLater(member: SimMember, rangeMs?: Range): void;
  /** Whether the others can do without what this one has. */
  mayForget(member: SimMember): boolean;
  /** Its disk is damaged; its next start must notice. */
  spoiled(member: SimMember): void;
}

/** What is left of a stopped member's directory by somebody else. */
const LEFT = ["headerless log", "torn log", "snapshot", "snapshot alone"] as const;
type Left = (typeof LEFT)[number];

export class RareFaults {
  readonly #parts: RareParts;
  readonly #host: RareHost;
  readonly #random: SeededRandom;

  constructor(parts: RareParts, host: RareHost) {
    this.#parts = parts;
    this.#host = host;
    this.#random = parts.ensemble.world.random.split("rare");
  }

  /** False: it could not, just now. */
  strike(kind: RareKind, member: SimMember): boolean {
    if (kind === "handover") return this.#handOver(member);
    if (kind === "lostFile") return this.#loseFile(member);
    return this.#slowSnapshot(member);
  }

  // ------------------------------------------------------------------------------------------------------------ handover

  #handOver(member: SimMember): boolean {
    const { options, ensemble } = this.#parts;
    // Java can make nothing of a checkpoint.
    if (options.config["snapshot.store"] === "lmdb" || this.#host.rotten.has(member)) return false;
    const random = this.#random;
    if (!member.isLeading || random.chance(0.2)) {
      this.#leave(member, random.pick(LEFT));
      return true;
    }
    // What it logs last is for nobody else: the others go on without it.
    const to = ensemble.members.filter((one) => one !== member).map(({ name }) => name);
    const route = { from: member.name, to, port: QUORUM_PORT };
    const rule = ensemble.world.network.addRule(route, { block: true });
    for (const actor of this.#parts.actors) actor.burst(0.9);
    this.#host.after(random.between([1, options.tickMs]), () => {
      // Of a process that is only killed its kernel would still send what it had.
      if (member.isRunning) member.powerOff("applied");
      rule.heal();
      // Back when the others have gone on.
      const left = random.chance(0.5) ? "snapshot" : random.pick(LEFT);
      this.#leave(member, left, [options.tickMs * 2, options.tickMs * 10]);
    });
    return true;
  }

  #leave(member: SimMember, left: Left, downMs?: Range): void {
    if (member.isRunning) member.kill();
    const { node } = member;
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    const platform = node.start((own) => void leave(own, left).then(over, over));
    const { tickMs } = this.#parts.options;
    const look = (): void => {
      // Something else may have befallen it since.
      if (!node.isRunning || node.platform !== platform) return;
      if (!isOver) {
        this.#parts.ensemble.world.scheduler.after(tickMs / 10, "rare", 0, look);
        return;
      }
      member.kill();
      this.#host.restartLater(member, downMs);
    };
    look();
  }

  // ------------------------------------------------------------------------------------------------------------ lostFile

  #loseFile(member: SimMember): boolean {
    const { disk } = member.node;
    const directory = `${member.dataDir}/version-2`;
    const names = disk.list(directory);
    const random = this.#random;
    if (!this.#host.mayForget(member)) return false;
    if (names.includes("checkpoint.mdb")) {
      const path = `${directory}/checkpoint.mdb`;
      const position = random.integer(disk.writtenBytes(path));
      member.kill();
      if (random.chance(0.5)) disk.removeFile(path);
      else {
        disk.damage(path, position, (bytes) => {
          if (bytes.length > 0) bytes[0] = (bytes[0] as number) ^ (1 << random.integer(8));
        });
      }
    } else {
      const logs = names
        .filter((name) => /^log\.[0-9a-f]+$/.test(name))
        .filter((name) => beginsWithRecord(disk.file(`${directory}/${name}`) as Buffer));
      const zxids = logs.map((name) => Number.parseInt(name.slice(4), 16) as Zxid);
      zxids.sort((a, b) => a - b);
      // What follows it says that there was something: the first of an epoch does not.
      const tellable = zxids.slice(0, -1).filter((_, i) => counterOf(zxids[i + 1] as Zxid) > 1);
      if (tellable.length === 0) return false;
      const lost = tellable[Math.max(0, tellable.length - 1 - random.integer(2))] as Zxid;
      member.kill();
      disk.removeFile(`${directory}/log.${lost.toString(16)}`);
    }
    this.#host.spoiled(member);
    this.#host.restartLater(member);
    return true;
  }

  // -------------------------------------------------------------------------------------------------------- slowSnapshot

  #slowSnapshot(member: SimMember): boolean {
    const { ensemble, options } = this.#parts;
    const { tickMs } = options;
    const random = this.#random;
    const fault = member.node.disk.inject({
      operation: "sync",
      path: /\/version-2\/.*(snapshot|checkpoint)/,
      delayMs: random.between([tickMs, tickMs * 20]),
      times: 1 + random.integer(3),
    });
    let looks = 40;
    const look = (): void => {
      if (fault.hits === 0 && looks-- > 0) {
        for (const actor of this.#parts.actors) if (random.chance(0.3)) actor.burst(0.9);
        this.#host.after(tickMs / 4, look);
        return;
      }
      fault.remove();
      ensemble.world.network.reset(
        (a, b) =>
          (a.machine === member.node || b.machine === member.node) &&
          (a.localPort === QUORUM_PORT || b.localPort === QUORUM_PORT),
      );
    };
    look();
    return true;
  }
}

/** Behind the header: checksum, length, record, end. One that was just begun says nothing of what came before. */
function beginsWithRecord(log: Buffer): boolean {
  const length = log.length < 28 ? 0 : log.readInt32BE(24);
  return length > 0 && log[28 + length] === 0x42;
}

/** What a Java server does that is started on the directory, and is killed. */
async function leave(platform: Platform, left: Left): Promise<void> {
  const { disk, log } = platform;
  const { config } = loadConfig({ disk, path: CONFIG_PATH });
  const onFatal = (error: Error): never => {
    throw error;
  };
  const storage = await Storage.open(platform, storageSettings(config), log, { onFatal });
  const metrics = new Metrics();
  const parts = { platform, config, storage, metrics, audit: undefined };
  const { tree } = await loadTree(parts, observeTree(metrics, undefined));
  // It has lost its data: Java would not start either.
  if (tree.lastProcessedZxid < 0) return;
  const { snapshots, logs } = storage.directories;
  if (left === "headerless log" || left === "torn log") {
    const name = `log.${(storage.appendedZxid + 1).toString(16)}`;
    const bytes = left === "torn log" ? tornLog(platform) : Buffer.alloc(64 * 1024);
    await writeFileAtomically(disk, logs, name, `tmp.${name}`, bytes);
    return;
  }
  const old = disk.readDirectory(snapshots).filter((name) => /^(snapshot|log)\./.test(name));
  const taken = await new Promise<string | undefined>((done, failed) => {
    const source = tree.beginSnapshot();
    storage.startSnapshot(source, (error, file) => (error ? failed(error) : done(file?.name)));
  });
  if (left !== "snapshot alone") return;
  for (const name of old) if (name !== taken) await disk.remove(`${snapshots}/${name}`);
  await disk.syncDirectory(snapshots);
}

/** A header, and the beginning of a record. */
function tornLog({ random }: Platform): Buffer {
  const bytes = Buffer.alloc(64 + random.integer(16));
  bytes.write("ZKLG", "latin1");
  bytes.writeInt32BE(2, 4);
  bytes.writeInt32BE(0x1234_5678, 20);
  bytes.writeInt32BE(100, 24);
  bytes.fill(0x5a, 28);
  return bytes;
}
