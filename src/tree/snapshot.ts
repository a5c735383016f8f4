// What a snapshot is to those who do not care about files: a source that is written and a sink that is filled.
//
// src/tree implements both, src/storage drives both (Java: FileSnap with SerializeUtils and DataTree.serialize, all three
// in one). Storage knows the order of the parts, the header, the seals and the file; the tree knows what is in them. The
// same pair serves a leader that sends SNAP to a learner.
//
// Both are made for a million nodes: nothing here costs an object per node. A node is handed to the sink as positions in a
// page of the file, and to the writer as bytes that the tree appends itself.

import type { JuteWriter } from "../jute/writer.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { NotedNodes } from "./node-notes.js";

/** The tree's digest at one zxid, as a snapshot carries it. Java: DataTree.ZxidDigest. */
export interface ZxidDigest {
  readonly zxid: Zxid;
  readonly version: number;
  readonly digest: bigint;
}

/**
 * The state as it was at exactly one zxid, however long the writing takes: what changes meanwhile is kept in its old form
 * until it has been written (Java's snapshots are fuzzy; see zab-and-known-bugs 2B for what that cost).
 */
export interface SnapshotSource {
  /** The last transaction that is in it: the snapshot's name. */
  readonly lastZxid: Zxid;
  /** Undefined where digests are off. */
  readonly digest: ZxidDigest | undefined;
  readonly sessionCount: number;
  sessions(): Iterable<readonly [id: SessionId, timeoutMs: number]>;
  readonly aclCount: number;
  acls(): Iterable<readonly [id: number, acl: readonly ACL[]]>;
  /**
   * Appends the next nodes, parents before children, until there is no more or `out.length` has reached `untilLength`;
   * true while there are more. A node is: ustring path ("" for the root), buffer data, long acl id, StatPersisted (60
   * bytes: czxid mzxid ctime mtime version cversion aversion ephemeralOwner pzxid). Not the closing "/".
   */
  writeNodes(out: JuteWriter, untilLength: number): boolean;
  /** Called once, at the end or when the snapshot is given up: what was kept for it may go. */
  release(): void;
  /** What it shows, where that is a tree that lives: a checkpoint rather asks it what has changed. */
  readonly tree?: SnapshotTree;
}

/** A tree that can be asked for its state, whole or what has changed of it. Between whole transactions only. */
export interface SnapshotTree {
  beginSnapshot(): SnapshotSource;
  /** Begins anew, from this moment on. There is one at a time: an earlier one hears of nothing more. */
  trackChanges(maxPaths: number): ChangeTracker;
}

/** Remembers which nodes came, changed and went since it was begun, or since the last changes that were taken from it. */
export interface ChangeTracker {
  readonly count: number;
  /** False: there were more than it may remember, or what it gave out was not kept, and it has given up. */
  readonly isComplete: boolean;
  /** One at a time. */
  begin(): ChangeSource;
}

/** Changes as of exactly one zxid, however long their writing takes: each node as it was then. */
export interface ChangeSource {
  readonly lastZxid: Zxid;
  readonly digest: ZxidDigest | undefined;
  /** Of the whole tree, as of that zxid. */
  readonly nodeCount: number;
  /** All of them. */
  sessions(): Iterable<readonly [id: SessionId, timeoutMs: number]>;
  acls(): Iterable<readonly [id: number, acl: readonly ACL[]]>;
  /** Appends the next node as in SnapshotSource, or of one that is gone its path alone. In no order. */
  next(out: JuteWriter): "node" | "gone" | undefined;
  /** Called once. Not done: the tracker gives up, too. */
  release(isDone: boolean): void;
}

/** Filled in the file's order: begin, sessions, ACLs, nodes, finish. Throws SnapshotError on what cannot be a tree. */
export interface SnapshotSink {
  /** Forgets everything: tree, sessions, ephemerals, ACLs. Called before each attempt, also after a failed one. */
  begin(): void;
  session(id: SessionId, timeoutMs: number): void;
  acl(id: number, acl: readonly ACL[]): void;
  /**
   * One node, its parent has come before. Its path is `paths[pathStart, pathEnd)` as the file has it, nothing for the root; the
   * data is `page[dataStart, dataStart + dataLength)`, null where dataLength is -1; `statStart` is where its 60 bytes of
   * StatPersisted begin. Both are valid only during the call.
   */
  node(
    paths: Buffer,
    pathStart: number,
    pathEnd: number,
    page: Buffer,
    dataStart: number,
    dataLength: number,
    aclId: number,
    statStart: number,
  ): void;
  /** Many nodes, of which much is known already. Undefined: each must be handed over by itself. */
  nodes?(noted: NotedNodes): void;
  /** What the hashes of paths depend on, in `nodes`. */
  readonly hashSeed?: number;
  /**
   * The snapshot was whole. `digest` is what the file says of itself: undefined in old formats, and not the digest of
   * this content when its zxid is above lastZxid (a fuzzy one of Java's: it holds after the replay has reached that zxid).
   * lastZxid is the one in the file's name (Java: FileSnap.deserialize lets the name win, too).
   */
  finish(lastZxid: Zxid, digest: ZxidDigest | undefined): void;
  /** What was loaded, from `finish` on. Undefined where it does not last: for whoever only looks. */
  readonly tree?: SnapshotTree;
}

/** Well-formed bytes that are no tree. The snapshot counts as damaged; the next older one is tried. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}
