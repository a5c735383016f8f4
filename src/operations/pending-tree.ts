// The tree as it will be: the tree that is, under the changes of transactions that are prepared but not yet applied.
// Java: ZooKeeperServer.outstandingChanges and ChangeRecord, PrepRequestProcessor.getRecordForPath.
//
// Requests are checked against this view, so that a second create of the same path fails although the first is still on its
// way to the disk. A change is a record of one path as it will be after one txn; the last record of a path hides the earlier
// ones and the tree. Records leave, oldest first, when their txn has been applied: then the tree says the same.
//
//   find ─▶ the last record of the path, or the znode            duplicate, add ─▶ a record on top
//   mark … rollback: a multi that failed half-way leaves nothing. Each record remembers what it hid, so undoing newest first
//   restores exactly that, the parent's sequence counter included (ZOOKEEPER-1624).
//
// The digest of the whole tree goes along: after every record it is what the tree's own will be once that record's txn is
// applied, which is what TxnDigest promises.
//
// Where this is stricter than Java, it is because Java's records forget something until the txn is applied: that a
// closing session's ephemerals no longer count as children, a new ACL, that "" and "/" are one node. Clients that send
// one request at a time cannot see the difference; with several in flight they get what the order of zxids says.
//
// Invariant: applying everything that is outstanding to the tree gives find() === tree.get() for every path.
// Cost: each call O(1), but that a node's first change but a setData reads its data once for their digest; ephemeralsOf O(the
// session's ephemerals).

import { assert } from "../errors.js";
import { Queue } from "../queue.js";
import type { DataTree } from "../tree/data-tree.js";
import { AdHash, contentDigestIn, isDigested, pathDigest } from "../tree/digest.js";
import { DigestedStat } from "../tree/digested-stat.js";
import { NodeKind } from "../tree/ephemeral-type.js";
import type { Znode } from "../tree/znode.js";
import { NONE } from "../tree/znode-table.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import { LastRecords } from "./last-records.js";

/** What checks need to know of a node, whether it is in the tree (a Znode) or still to come (a ChangeRecord). */
export interface NodeView {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly pzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  /** How many children were ever created: not what clients are shown. */
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly kind: NodeKind;
  readonly dataLength: number;
  readonly childCount: number;
  /** False for what digests leave out. */
  readonly isDigested: boolean;
  /** Digest of the path, of path and data, and of the whole node. */
  readonly pathDigest: number;
  readonly contentDigest: number;
  readonly digest: number;
  /** Its place in the tree, NONE where it is not there yet; good for this era (ZnodeTable). */
  readonly id: number;
  readonly era: object;
  copyStatTo(target: DigestedStat): void;
}

const NOBODY: readonly ACL[] = [];

const NO_ERA = {};
const NO_DATA = Buffer.alloc(0);

/** So many records that are done with are kept to be used again: each is a third of what a setData would leave behind. */
const SPARE_RECORDS_MAX = 4096;

/** One node as it will be after one txn. */
export class ChangeRecord extends DigestedStat implements NodeView {
  /** "" for the root. */
  path: string;
  zxid: Zxid;
  /** False: this txn deletes it. */
  exists = true;
  kind: NodeKind = NodeKind.persistent;
  dataLength = 0;
  childCount = 0;
  acl: readonly ACL[] = NOBODY;
  isDigested = false;
  pathDigest = 0;
  contentDigest = 0;
  /** 0 where digests are off, or leave the path out. */
  digest = 0;
  /** What this record's digest replaces. */
  digestBefore = 0;
  /** The record that this one hides, as long as that may have to come back. */
  hidden: ChangeRecord | undefined = undefined;
  /** A later one hides this one. */
  isHidden = false;
  id: number = NONE;
  era: object = NO_ERA;
  /** While it is the last of its path: see last-records.ts. */
  pathHash = 0;
  nextInPlace: ChangeRecord | undefined = undefined;

  constructor(path: string, zxid: Zxid) {
    super();
    this.path = path;
    this.zxid = zxid;
  }

  /** As it was made, for another path. */
  reset(path: string, zxid: Zxid): this {
    this.#begin(path, zxid);
    this.clearStat();
    this.kind = NodeKind.persistent;
    this.dataLength = 0;
    this.childCount = 0;
    this.acl = NOBODY;
    this.isDigested = false;
    this.pathDigest = 0;
    this.contentDigest = 0;
    this.id = NONE;
    return this;
  }

  /** Says of the node at this path what `view` says, but for the digest of its data. */
  copy(path: string, zxid: Zxid, view: NodeView, acl: readonly ACL[]): this {
    this.#begin(path, zxid);
    view.copyStatTo(this);
    this.kind = view.kind;
    this.dataLength = view.dataLength;
    this.childCount = view.childCount;
    this.acl = acl;
    this.isDigested = view.isDigested;
    this.pathDigest = view.pathDigest;
    this.contentDigest = 0;
    this.id = view.id;
    this.era = view.era;
    return this;
  }

  #begin(path: string, zxid: Zxid): void {
    this.path = path;
    this.zxid = zxid;
    this.exists = true;
    this.digest = 0;
    this.digestBefore = 0;
    this.hidden = undefined;
    this.isHidden = false;
    this.pathHash = 0;
    this.nextInPlace = undefined;
  }
}

export class PendingTree {
  readonly #tree: DataTree;
  readonly #digestEnabled: boolean;
  readonly #last: LastRecords;
  /** Of what is not applied yet. */
  readonly #records = new Queue<ChangeRecord>();
  readonly #spare: ChangeRecord[] = [];
  /** How many have been applied: added to the queue's length it numbers the records. */
  #discarded = 0;
  readonly #digest = new AdHash();
  /** Records that create an ephemeral, by session: closing a session must find them. */
  readonly #created = new Map<SessionId, Set<ChangeRecord>>();

  constructor(tree: DataTree, digestEnabled: boolean) {
    this.#tree = tree;
    this.#digestEnabled = digestEnabled;
    this.#last = new LastRecords(tree.nodes.key);
  }

  get tree(): DataTree {
    return this.#tree;
  }

  /** How many changes are outstanding. */
  get size(): number {
    return this.#records.length;
  }

  /** The tree's digest after the last change. Valid until the next. */
  get digest(): AdHash {
    return this.size === 0 ? this.#tree.digest : this.#digest;
  }

  /** The node as it will be, or undefined when there will be none. */
  find(path: string): NodeView | undefined {
    const record = this.#last.get(path === "/" ? "" : path);
    if (record === undefined) return this.#tree.get(path);
    return record.exists ? record : undefined;
  }

  /** One that says nothing yet. It is ours again when its txn has been applied. */
  newRecord(path: string, zxid: Zxid): ChangeRecord {
    return this.#spare.pop()?.reset(path, zxid) ?? new ChangeRecord(path, zxid);
  }

  /** A record that says of the node what `view` says. It counts once it is changed and added. */
  duplicate(path: string, view: NodeView, zxid: Zxid): ChangeRecord {
    const record = this.duplicateToSet(path, view, zxid);
    if (this.#digestEnabled && view.isDigested) record.contentDigest = view.contentDigest;
    return record;
  }

  /** The same for who sets the node's content next: nobody reads the data that it has. */
  duplicateToSet(path: string, view: NodeView, zxid: Zxid): ChangeRecord {
    const name = path === "/" ? "" : path;
    const record = this.#spare.pop() ?? new ChangeRecord(name, zxid);
    return record.copy(name, zxid, view, this.aclOf(view));
  }

  aclOf(view: NodeView): readonly ACL[] {
    return view instanceof ChangeRecord ? view.acl : this.#tree.acls.get((view as Znode).aclId);
  }

  /** A node where there was none. `record` says everything but what follows from its being new. */
  addNew(record: ChangeRecord, nowMs: number, data: Uint8Array | null): void {
    const { zxid } = record;
    record.czxid = zxid;
    record.mzxid = zxid;
    record.pzxid = zxid;
    record.ctime = nowMs;
    record.mtime = nowMs;
    if (this.#digestEnabled && isDigested(record.path)) {
      record.isDigested = true;
      record.pathDigest = pathDigest(record.path);
    }
    this.setContent(record, data);
    this.#push(record, 0, this.#last.get(record.path));
    if (record.kind !== NodeKind.ephemeral) return;
    const session = record.ephemeralOwner as SessionId;
    const created = this.#created.get(session);
    if (created === undefined) this.#created.set(session, new Set([record]));
    else created.add(record);
  }

  setContent(record: ChangeRecord, data: Uint8Array | null): void {
    this.setContentIn(record, data ?? NO_DATA, 0, data === null ? -1 : data.length);
  }

  /** The same of data in a page; -1: null. */
  setContentIn(record: ChangeRecord, page: Uint8Array, start: number, length: number): void {
    record.dataLength = Math.max(0, length);
    if (this.#digestEnabled && record.isDigested) {
      record.contentDigest = contentDigestIn(record.pathDigest, page, start, length);
    }
  }

  /** The record follows `before`, which is what `find` gave for its path. */
  add(record: ChangeRecord, before: NodeView): void {
    const digestBefore = this.#digestEnabled && before.isDigested ? before.digest : 0;
    this.#push(record, digestBefore, before instanceof ChangeRecord ? before : undefined);
  }

  addDeleted(path: string, before: NodeView, zxid: Zxid): void {
    const record = this.newRecord(path, zxid);
    record.exists = false;
    this.add(record, before);
  }

  /** Where rollback comes back to. */
  mark(): number {
    return this.#discarded + this.#records.length;
  }

  /** Forgets everything added since the mark. Nothing may have been discarded in between. */
  rollback(mark: number): void {
    assert(mark >= this.#discarded, "Cannot roll back changes that have been applied");
    while (this.mark() > mark) {
      const record = this.#records.takeLast()!;
      const hidden = record.hidden;
      this.#last.delete(record);
      if (hidden !== undefined) {
        hidden.isHidden = false;
        this.#last.put(hidden);
      }
      this.#forgetCreated(record);
      this.#digest.subtract(record.digest);
      this.#digest.add(record.digestBefore);
    }
  }

  /** The txns up to this one are in the tree: their records have nothing more to say. */
  discardAppliedUpTo(zxid: Zxid): void {
    const records = this.#records;
    for (let record = records.first; record !== undefined; record = records.first) {
      if (record.zxid > zxid) return;
      records.take();
      this.#discarded++;
      if (!record.isHidden) this.#last.delete(record);
      // Whoever hides this record must not keep it, nor what it hid, alive.
      record.hidden = undefined;
      this.#forgetCreated(record);
      if (this.#spare.length < SPARE_RECORDS_MAX) this.#spare.push(record);
    }
  }

  /** Everything outstanding is void: the tree has been replaced, or this server no longer leads. */
  clear(): void {
    this.#last.clear();
    this.#created.clear();
    this.#records.clear();
  }

  /** The ephemerals that the session will have, oldest first as far as they are in the tree. */
  ephemeralsOf(session: SessionId): Iterable<string> {
    const created = this.#created.get(session);
    if (this.#last.size === 0) return this.#tree.ephemeralsOf(session);
    const paths = new Set<string>();
    for (const path of this.#tree.ephemeralsOf(session)) {
      if (this.#stillOwned(path, session)) paths.add(path);
    }
    if (created !== undefined) {
      for (const record of created) {
        if (this.#stillOwned(record.path, session)) paths.add(record.path);
      }
    }
    return paths;
  }

  /** `hidden`: the last record of the path, if there is one. */
  #push(record: ChangeRecord, digestBefore: number, hidden: ChangeRecord | undefined): void {
    if (this.#digestEnabled) {
      if (this.size === 0) this.#digest.copyFrom(this.#tree.digest);
      if (record.exists && record.isDigested) {
        record.digest = record.digestWith(record.contentDigest);
      }
      record.digestBefore = digestBefore;
      this.#digest.subtract(digestBefore);
      this.#digest.add(record.digest);
    }
    record.hidden = hidden;
    if (hidden !== undefined) hidden.isHidden = true;
    this.#last.put(record);
    this.#records.push(record);
  }

  #forgetCreated(record: ChangeRecord): void {
    if (record.kind !== NodeKind.ephemeral) return;
    const owner = record.ephemeralOwner as SessionId;
    const created = this.#created.get(owner);
    if (created?.delete(record) && created.size === 0) this.#created.delete(owner);
  }

  #stillOwned(path: string, session: SessionId): boolean {
    const record = this.#last.get(path);
    return record === undefined || (record.exists && record.ephemeralOwner === session);
  }
}
