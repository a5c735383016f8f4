// What the simulator looks at inside the servers, without a word of it in them: a handful of methods through which every
// transaction, every commit and every role passes are wrapped, once for the process, and tell whoever observes now.
//
// Who calls is known by the data directory: an ensemble's members each have their own (ensemble.ts).

import { Database } from "../../src/member/database.js";
import { Serving } from "../../src/member/serving.js";
import { encodeTxnRecord } from "../../src/operations/transactions.js";
import { Reconfiguration } from "../../src/quorum/reconfiguration.js";
import { Storage } from "../../src/storage/storage.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import type { SnapshotSource } from "../../src/tree/snapshot.js";
import { epochOf, type SessionId, type Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { sidOfPath } from "./ensemble.js";

export interface Observer {
  /** A record goes to a member's log, behind `previous`. */
  appended(sid: number, zxid: Zxid, bytes: Buffer, previous: Zxid): void;
  /** A leader has committed and applied. */
  committedByLeader(sid: number, zxid: Zxid, tree: DataTree, synced: Zxid): void;
  /** A learner has applied what its leader says is committed; also during synchronization. */
  appliedByLearner(sid: number, zxid: Zxid, tree: DataTree): void;
  /** A role has ended, and what was appended is applied without anybody's word. */
  fastForwarded(sid: number, tree: DataTree, isAtRest: boolean): void;
  /** A quorum has a leader's history, and with it a configuration in which another is to lead: it never serves. */
  handsOver(epoch: number): void;
  /** A member serves clients from here on. */
  serves(sid: number, role: "leader" | "learner", tree: DataTree, logged: Zxid): void;
  /** A member serves readers, while it looks for a leader. */
  onlyReads(sid: number, tree: DataTree): void;
  stopsServing(sid: number, tree: DataTree): void;
  /** TRUNC or SNAP begins. */
  rebuilding(sid: number, zxid: Zxid): void;
  /** TRUNC or SNAP is done, durably. */
  replaced(sid: number, tree: DataTree): void;
}

let observer: Observer | undefined;
let isInstalled = false;

/** One at a time: the run that is under way. */
export function observe(by: Observer | undefined): void {
  observer = by;
  if (!isInstalled) install();
  isInstalled = true;
}

const sids = new WeakMap<Storage, number>();

function sidOf(storage: Storage): number {
  let sid = sids.get(storage);
  if (sid === undefined) {
    sid = sidOfPath(storage.directories.logs);
    sids.set(storage, sid);
  }
  return sid;
}

interface ServingInside {
  readonly tree: DataTree;
  readonly storage: Storage;
  readonly serverState: string;
}

function install(): void {
  watchStorage();
  watchDatabase();
  watchServing();
  watchHandingOver();
}

function watchHandingOver(): void {
  const { epochStands, established } = Reconfiguration.prototype;
  const epochs = new WeakMap<Reconfiguration, number>();
  Reconfiguration.prototype.epochStands = function (this: Reconfiguration, zxid, effects): void {
    epochs.set(this, epochOf(zxid));
    epochStands.call(this, zxid, effects);
  };
  Reconfiguration.prototype.established = function (this: Reconfiguration, effects): void {
    established.call(this, effects);
    if (this.hasHandedOver) observer?.handsOver(epochs.get(this) as number);
  };
}

function watchStorage(): void {
  const { append, truncate, adopt, replace } = Storage.prototype;
  Storage.prototype.append = function (this: Storage, record: Buffer, zxid: Zxid): void {
    const previous = this.appendedZxid;
    append.call(this, record, zxid);
    observer?.appended(sidOf(this), zxid, record, previous);
  };
  Storage.prototype.truncate = function (this: Storage, zxid: Zxid): Promise<boolean> {
    observer?.rebuilding(sidOf(this), zxid);
    return truncate.call(this, zxid);
  };
  Storage.prototype.adopt = function (this: Storage, source: SnapshotSource): Promise<void> {
    observer?.rebuilding(sidOf(this), source.lastZxid);
    return adopt.call(this, source);
  };
  // An operator's state stands in the history like a transaction, in no log: what it is, the digests say.
  Storage.prototype.replace = function (this: Storage, source: SnapshotSource) {
    const { lastZxid: zxid } = source;
    const header = { clientId: 0n as SessionId, cxid: 0, zxid, time: 0, type: OpCode.error };
    const record = encodeTxnRecord(header, { err: 0 }, undefined);
    observer?.appended(sidOf(this), zxid, record, (zxid - 1) as Zxid);
    return replace.call(this, source);
  };
}

function watchDatabase(): void {
  const { committed, commitReceived, fastForward, replaced } = Database.prototype;
  const forwarding = new WeakSet<Database>();
  Database.prototype.committed = function (this: Database, zxid: Zxid, bytes: Buffer): void {
    committed.call(this, zxid, bytes);
    const { storage } = this;
    observer?.committedByLeader(sidOf(storage), zxid, this.tree, storage.syncedZxid);
  };
  Database.prototype.commitReceived = function (this: Database, zxid: Zxid, ...rest) {
    const result = commitReceived.call(this, zxid, ...rest);
    if (!forwarding.has(this)) observer?.appliedByLearner(sidOf(this.storage), zxid, this.tree);
    return result;
  };
  Database.prototype.fastForward = function (this: Database, ...uncommitted): void {
    forwarding.add(this);
    fastForward.call(this, ...uncommitted);
    forwarding.delete(this);
    const { storage } = this;
    const isAtRest = storage.fenced || storage.syncedZxid === storage.appendedZxid;
    observer?.fastForwarded(sidOf(storage), this.tree, isAtRest);
  };
  Database.prototype.replaced = function (this: Database, tree: DataTree): void {
    replaced.call(this, tree);
    observer?.replaced(sidOf(this.storage), tree);
  };
}

function watchServing(): void {
  const { start, stopServing } = Serving.prototype;
  Serving.prototype.start = function (this: Serving): void {
    const { tree, storage, serverState } = this as unknown as ServingInside;
    // Who has no quorum cannot know what is committed, and says so (G16).
    if (serverState === "read-only") {
      observer?.onlyReads(sidOf(storage), tree);
      start.call(this);
      return;
    }
    const role = serverState === "leader" ? "leader" : "learner";
    observer?.serves(sidOf(storage), role, tree, storage.appendedZxid);
    start.call(this);
  };
  Serving.prototype.stopServing = function (this: Serving): void {
    stopServing.call(this);
    const { storage, tree } = this as unknown as ServingInside;
    observer?.stopsServing(sidOf(storage), tree);
  };
}
