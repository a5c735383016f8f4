// A model of what one server has on disk, and of what a power cut leaves of it. Appended txns become durable in their order,
// some at a time; epochs are written when the runner says so; a rebuild (TRUNC, SNAP) is done or not done.

import { CommittedLog, type LoggedTxn } from "../../../src/quorum/committed-log.js";
import type { Configuration } from "../../../src/quorum/configuration.js";
import type { EpochsToPersist } from "../../../src/quorum/effects.js";
import type { LeaderHistory } from "../../../src/quorum/sync-plan.js";
import { epochOf, type Zxid } from "../../../src/wire/ids.js";

/** What survives. */
export interface Image {
  acceptedEpoch: number;
  currentEpoch: number;
  /** All history, from the first txn that ever was. */
  txns: LoggedTxn[];
  /** From this index on `txns` are in the log too; what is before is in a snapshot alone. */
  logStart: number;
  /** The name of the newest snapshot: (e,0) can be in no other place. */
  label: Zxid;
  /** The oldest snapshot: what the history was before it is nowhere any more. */
  base: Zxid;
  /** The files beside zoo.cfg: they are not lost with the data. */
  committed: Configuration;
  next: Configuration | undefined;
  /** It has lost its data and not got it back: it says -1. */
  isLost: boolean;
}

export function newImage(committed: Configuration): Image {
  return {
    committed,
    next: undefined,
    acceptedEpoch: 0,
    currentEpoch: 0,
    txns: [],
    logStart: 0,
    label: 0 as Zxid,
    base: 0 as Zxid,
    isLost: false,
  };
}

export function lastOf({ txns, label, isLost }: Image): Zxid {
  if (isLost) return -1 as Zxid;
  const last = txns.at(-1)?.zxid ?? (0 as Zxid);
  return last > label ? last : label;
}

/** [R38] Whoever holds a txn of an epoch holds all that the epoch began with: its current epoch is at least that. */
export function epochsAtStart(image: Image): { acceptedEpoch: number; currentEpoch: number } {
  const currentEpoch = Math.max(image.currentEpoch, epochOf(lastOf(image)));
  return { currentEpoch, acceptedEpoch: Math.max(image.acceptedEpoch, currentEpoch) };
}

export class ModelDisk {
  readonly image: Image;
  /** Written and not synced. */
  unsynced: LoggedTxn[] = [];
  /** In force, and not yet in the files. */
  activations: Configuration[] = [];

  constructor(configuration: Configuration) {
    this.image = newImage(configuration);
  }

  get appendedCount(): number {
    return this.image.txns.length + this.unsynced.length;
  }

  /** `count` of what is written becomes durable. */
  sync(count = this.unsynced.length): Zxid {
    this.image.txns.push(...this.unsynced.splice(0, count));
    return lastOf(this.image);
  }

  persist({ acceptedEpoch, currentEpoch }: EpochsToPersist): void {
    if (acceptedEpoch !== undefined) this.image.acceptedEpoch = acceptedEpoch;
    if (currentEpoch !== undefined) this.image.currentEpoch = currentEpoch;
  }

  /** `next` undefined: nothing is to come. */
  remember(next: Configuration | undefined): void {
    while (this.activations.length > 0) this.activate();
    this.image.next = next;
  }

  activate(): void {
    const { image } = this;
    image.committed = this.activations.shift()!;
    if (image.next && image.next.version <= image.committed.version) image.next = undefined;
  }

  canTruncate(zxid: Zxid): boolean {
    return zxid >= this.image.base;
  }

  /** Throws when this point is not in the history: a server would stop then. */
  truncate(zxid: Zxid): void {
    const { txns } = this.image;
    const at = txns.findIndex((txn) => txn.zxid === zxid);
    if (at < 0 && zxid !== 0) throw new Error(`cannot truncate to ${zxid}: it is not there`);
    txns.splice(at + 1);
    this.image.logStart = Math.min(this.image.logStart, txns.length);
    this.image.label = Math.min(this.image.label, zxid) as Zxid;
  }

  install(txns: readonly LoggedTxn[], zxid: Zxid): void {
    Object.assign(this.image, { txns: [...txns], logStart: txns.length, label: zxid, base: zxid });
    this.image.isLost = false;
  }

  /** Logs that a snapshot covers are purged; or the older snapshots, too. */
  purge(all = false): void {
    this.image.logStart = this.image.txns.length;
    this.image.label = lastOf(this.image);
    if (all) this.image.base = this.image.label;
  }

  crash(survivors: number): void {
    this.sync(Math.min(survivors, this.unsynced.length));
    this.unsynced = [];
    this.activations = [];
  }

  wipe(): void {
    const { committed, next } = this.image;
    Object.assign(this.image, newImage(committed), { next, isLost: true });
    this.unsynced = [];
  }
}

/** The tree: txns applied, in order. And what Database keeps beside it. */
export class ModelTree {
  readonly txns: LoggedTxn[];
  last: Zxid;
  readonly #disk: ModelDisk;
  readonly #committed: CommittedLog;

  constructor(disk: ModelDisk, committedCount: number) {
    this.#disk = disk;
    this.txns = [...disk.image.txns];
    this.last = lastOf(disk.image);
    this.#committed = new CommittedLog(committedCount, 1_000_000);
  }

  apply(txn: LoggedTxn): void {
    this.txns.push(txn);
    this.last = txn.zxid;
    this.#committed.add(txn.zxid, txn.bytes);
  }

  history(): LeaderHistory {
    const committed = this.#committed.all();
    return {
      last: this.last,
      committed,
      alwaysSnap: false,
      logged: (from) => {
        const { txns, logStart } = this.#disk.image;
        const first = txns[logStart]?.zxid;
        if (first === undefined || first > from + 1) return undefined;
        const end = committed[0]?.zxid ?? this.last + 1;
        const logged = txns.slice(logStart).filter(({ zxid }) => zxid >= from && zxid < end);
        // What is committed and not yet synced here is not in the log.
        const isWhole = committed.length === 0 || txns.some(({ zxid }) => zxid === end);
        return isWhole ? logged : undefined;
      },
    };
  }
}
