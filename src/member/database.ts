// The replicated state of one member through all its roles: the tree, the log under it, and the newest committed
// transactions for learners. Java: ZKDatabase.
//
// Invariant: outside a role, tree and log end at the same zxid, and all of the log is on disk. `advertised` is only asked
// then: what a member says of itself in an election is what a power cut would leave (3.1 b, R10).

import { ProtocolError } from "../errors.js";
import { reached } from "../marks.js";
import type { ApplyResult } from "../operations/operation.js";
import { applyTxn, decodeTxnRecord, hasDigestOf } from "../operations/transactions.js";
import type { TxnRecord } from "../operations/txn-record.js";
import { Queue } from "../queue.js";
import { CommittedLog, type LoggedTxn } from "../quorum/committed-log.js";
import type { LeaderHistory } from "../quorum/sync-plan.js";
import type { Storage } from "../storage/storage.js";
import type { DataTree } from "../tree/data-tree.js";
import { hex0x, type Zxid } from "../wire/ids.js";
import type { TxnHeader } from "../wire/records.js";

export interface DatabaseOptions {
  readonly commitLogCount: number;
  readonly commitLogBytes: number;
  readonly forceSnapshotSync: boolean;
  /** A learner whose DIFF from the log would be larger gets a snapshot; 0: never from the log (snapshotSizeFactor). */
  readonly logSyncMaxBytes: number;
}

/** Valid until the next is committed. */
export interface Committed {
  readonly record: TxnRecord;
  readonly result: ApplyResult;
}

export const toNobody = () => false;

export class Database {
  readonly storage: Storage;
  readonly #options: DatabaseOptions;
  #committed: CommittedLog;
  #tree: DataTree;
  /** The snapshot that we have adopted holds more than its name says: until there is another, replay over it looks wrong. */
  wasFuzzy = false;
  /** Whether a client of ours waits for what becomes of this: set by the server that has clients. */
  isTold: (header: TxnHeader) => boolean = toNobody;
  /** Appended and not applied, oldest first. */
  readonly #appended = new Queue<TxnRecord>();
  /** The last one: an object for each would be one more for every transaction. */
  #last: { -readonly [Field in keyof Committed]: Committed[Field] } | undefined;
  /** What was read and is not received yet, so that it need not be read again. */
  readonly #read = new Queue<TxnRecord>();

  /** `replayed`: the end of the log that the tree was made from. */
  constructor(storage: Storage, tree: DataTree, replayed: CommittedLog, options: DatabaseOptions) {
    this.storage = storage;
    this.#tree = tree;
    this.#committed = replayed;
    this.#options = options;
  }

  get tree(): DataTree {
    return this.#tree;
  }

  /** Tree and log have been replaced by a leader's, or cut back; `replayed` is what the log has to show for it now. */
  replaced(tree: DataTree, replayed?: CommittedLog): void {
    const { commitLogCount, commitLogBytes } = this.#options;
    this.#tree = tree;
    this.#appended.clear();
    this.#read.clear();
    this.#committed = replayed ?? new CommittedLog(commitLogCount, commitLogBytes);
  }

  /** Throws ProtocolError for what is not the transaction `zxid`: in the log it would keep this server from starting. */
  read(zxid: Zxid, bytes: Buffer): Buffer {
    const record = decodeTxnRecord(bytes);
    const own = record.zxid;
    if (own !== zxid) {
      throw new ProtocolError(`Transaction ${hex0x(zxid)} calls itself ${hex0x(own)}`);
    }
    this.#read.push(record);
    return bytes;
  }

  /** A leader's PROPOSAL, on its way to the log. The bytes are ours to keep. */
  received(bytes: Buffer): void {
    let read = this.#read.take();
    // What was not followed by this call was held back, and is read anew when its turn comes.
    while (read !== undefined && read.bytes !== bytes) read = this.#read.take();
    this.#appended.push(read ?? decodeTxnRecord(bytes));
  }

  /** The oldest of what was received and is not applied. */
  get nextReceived(): Zxid | undefined {
    return this.#appended.first?.zxid;
  }

  /**
   * The oldest of what was received; it is applied now. `isFuzzy`: the tree is of a leader that went on writing while it sent
   * it, as Java's do, and may have some of what is to come already: its digest says nothing yet, and is not kept.
   */
  commitReceived(zxid: Zxid, isFuzzy = false): Committed {
    const next = this.#appended.take();
    if (next?.zxid !== zxid) throw new Error(`Cannot commit ${zxid}: it was not received`);
    this.#tree.digestLog.isUncertain = isFuzzy;
    const result = applyTxn(this.#tree, next, this.isTold(next));
    this.#tree.digestLog.isUncertain = false;
    if (isFuzzy && next.hasDigest) this.wasFuzzy ||= !hasDigestOf(this.#tree, next);
    this.#committed.add(zxid, next.bytes);
    this.#last ??= { record: next, result };
    this.#last.record = next;
    this.#last.result = result;
    return this.#last;
  }

  /** A leader applies through its pipeline; this keeps what learners may have missed. */
  committed(zxid: Zxid, bytes: Buffer): void {
    this.#committed.add(zxid, bytes);
  }

  /**
   * The role is over and the log is on disk: what was appended and not committed is history now, until a leader says
   * otherwise. Java: ZKDatabase.fastForwardDataBase.
   */
  fastForward(uncommitted: Iterable<{ readonly zxid: Zxid; readonly bytes: Buffer }> = []): void {
    for (const { zxid } of this.#appended.toArray()) {
      reached("follower: it had logged what it must fast-forward");
      this.commitReceived(zxid);
    }
    for (const { zxid, bytes } of uncommitted) {
      reached("leader: it had logged what it must fast-forward");
      applyTxn(this.#tree, decodeTxnRecord(bytes));
      this.#committed.add(zxid, bytes);
    }
  }

  /** What a leader synchronizes its learners from. */
  history(): LeaderHistory {
    const log = this.#committed;
    return {
      last: this.#tree.lastProcessedZxid,
      get committed() {
        return log.all();
      },
      logged: (from) => this.#loggedFrom(from),
      alwaysSnap: this.#options.forceSnapshotSync,
    };
  }

  /** Read from the log's files: whole up to what is in memory (or to the end), or not at all. */
  #loggedFrom(from: Zxid): LoggedTxn[] | undefined {
    const { storage } = this;
    const end = this.#committed.first ?? ((this.#tree.lastProcessedZxid + 1) as Zxid);
    const records = storage.iterate(from) ?? storage.iterate((from + 1) as Zxid);
    if (records === undefined) return undefined;
    const txns: LoggedTxn[] = [];
    let bytes = 0;
    let seen: Zxid | undefined;
    for (const { zxid, record } of records) {
      seen = zxid;
      if (zxid >= end) break;
      bytes += record.length;
      if (bytes > this.#options.logSyncMaxBytes) return undefined;
      txns.push({ zxid, bytes: Buffer.from(record) });
    }
    // Iteration ends in silence where the log has a hole: only what was read to its end is whole.
    const isWhole =
      seen !== undefined &&
      (this.#committed.first === undefined
        ? seen >= end || seen === storage.appendedZxid
        : seen === end);
    return isWhole ? txns : undefined;
  }
}
