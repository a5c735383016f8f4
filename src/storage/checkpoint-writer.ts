// Writes checkpoints: a whole one into a store of its own, or what has changed into the one there is.
//
// A slice a turn, as snapshots are (snapshot-writer.ts): no request waits longer than a slice takes. A change is one
// transaction of the store, from the first record to the head that says how far it goes: after a crash at any point it is
// the checkpoint before or the one after. A whole one is written in several, under a name that nobody looks for, and gets its
// own when it is complete.

import { decodeUtf8 } from "../jute/utf8.js";
import { JuteWriter } from "../jute/writer.js";
import { CHECKPOINT_COMMIT_BYTES, CHECKPOINT_SLICE_BYTES } from "../limits.js";
import { type Clock, DiskError } from "../platform/platform.js";
import type { Store, StoreTransaction } from "../platform/stores.js";
import type { ChangeSource, SnapshotSource } from "../tree/snapshot.js";
import type { SessionId } from "../wire/ids.js";
import { type ACL, writeACLVector } from "../wire/records.js";
import {
  aclKey,
  type CheckpointHead,
  encodeHead,
  HEAD_KEY,
  longNodeKey,
  nodeKey,
  seal,
  sessionKey,
} from "./checkpoint-format.js";
import type { CheckpointContent } from "./checkpoint-reader.js";
import { STAT_PERSISTED_BYTES } from "./snapshot-format.js";

export interface WrittenCheckpoint {
  readonly content: CheckpointContent;
  readonly writtenBytes: number;
}

/** Into a fresh store. */
export async function writeWhole(
  store: Store,
  clock: Clock,
  source: SnapshotSource,
): Promise<WrittenCheckpoint> {
  const writing = new Writing(store, clock, emptyContent());
  await writing.run(async () => {
    await writing.tables(source);
    const out = new JuteWriter(CHECKPOINT_SLICE_BYTES * 2);
    for (let more = true; more; ) {
      out.reset();
      more = source.writeNodes(out, CHECKPOINT_SLICE_BYTES);
      const bytes = out.view();
      for (let at = 0; at < bytes.length; ) at = writing.node(bytes, at);
      await writing.commitIfLarge();
      await writing.pause();
    }
    writing.head(source, writing.nodes);
  });
  return writing.written();
}

/** What has changed since `content`, in one transaction. */
export async function writeChanges(
  store: Store,
  clock: Clock,
  content: CheckpointContent,
  source: ChangeSource,
): Promise<WrittenCheckpoint> {
  const writing = new Writing(store, clock, {
    ...content,
    acls: new Set(content.acls),
    sessions: new Map(content.sessions),
    longNodes: new Map(content.longNodes),
  });
  await writing.run(async () => {
    writing.checkAlone(content.headBytes);
    await writing.tables(source);
    const out = new JuteWriter(1024);
    let sliceBytes = 0;
    for (;;) {
      out.reset();
      const kind = source.next(out);
      if (kind === undefined) break;
      if (kind === "node") writing.node(out.view(), 0);
      else writing.gone(out.view());
      sliceBytes += out.length + RECORD_COST_BYTES;
      if (sliceBytes < CHECKPOINT_SLICE_BYTES) continue;
      sliceBytes = 0;
      await writing.pause();
    }
    writing.head(source, source.nodeCount);
  });
  return writing.written();
}

/** Finding the place of a record in the tree costs as much as writing this many bytes. */
const RECORD_COST_BYTES = 200;

function emptyContent(): CheckpointContent {
  return {
    head: { zxid: 0, nodeCount: 0, aclCount: 0, sessionCount: 0, digest: undefined } as never,
    headBytes: Buffer.alloc(0),
    acls: new Set(),
    sessions: new Map(),
    longNodes: new Map(),
  };
}

type Tables = Pick<SnapshotSource, "acls" | "sessions" | "lastZxid" | "digest">;

class Writing {
  nodes = 0;
  readonly #store: Store;
  readonly #clock: Clock;
  #content: CheckpointContent;
  #transaction!: StoreTransaction;
  readonly #value = new JuteWriter(4096);
  #uncommittedBytes = 0;
  #writtenBytes = 0;
  #lastLongNumber: number;

  constructor(store: Store, clock: Clock, content: CheckpointContent) {
    this.#store = store;
    this.#clock = clock;
    this.#content = content;
    this.#lastLongNumber = 0;
    for (const key of content.longNodes.values()) {
      this.#lastLongNumber = Math.max(this.#lastLongNumber, key.readUInt32BE(5));
    }
  }

  /** All of it, or nothing since the last commit. */
  async run(write: () => Promise<void>): Promise<void> {
    this.#transaction = await this.#store.begin();
    try {
      await write();
    } catch (error) {
      await this.#transaction.abort();
      throw error;
    }
    this.#writtenBytes += await this.#transaction.commit();
  }

  written(): WrittenCheckpoint {
    return { content: this.#content, writtenBytes: this.#writtenBytes };
  }

  /** Two servers on one directory would each write what the other does not know. */
  checkAlone(headBytes: Buffer): void {
    if (this.#transaction.get(HEAD_KEY)?.equals(headBytes)) return;
    const text = "another process has changed it: two servers must not share a data directory";
    throw new DiskError("EBUSY", "checkpoint", `Cannot write the checkpoint: ${text} (EBUSY)`);
  }

  pause(): Promise<void> {
    return new Promise((resume) => this.#clock.atTurnEnd(resume));
  }

  async commitIfLarge(): Promise<void> {
    if (this.#uncommittedBytes < CHECKPOINT_COMMIT_BYTES) return;
    this.#uncommittedBytes = 0;
    this.#writtenBytes += await this.#transaction.commit();
    this.#transaction = await this.#store.begin();
  }

  /** Lists never change under their number; sessions may get another time-out. */
  async tables(source: Tables): Promise<void> {
    const { acls, sessions } = this.#content;
    const goneAcls = new Set(acls);
    for (const [id, acl] of source.acls()) {
      if (!goneAcls.delete(id)) await this.#acl(id, acl);
    }
    for (const id of goneAcls) {
      acls.delete(id);
      this.#transaction.delete(aclKey(id));
    }
    const goneSessions = new Set(sessions.keys());
    for (const [id, timeoutMs] of source.sessions()) {
      goneSessions.delete(id);
      if (sessions.get(id) !== timeoutMs) await this.#session(id, timeoutMs);
    }
    for (const id of goneSessions) {
      sessions.delete(id);
      this.#transaction.delete(sessionKey(id));
    }
  }

  async #acl(id: number, acl: readonly ACL[]): Promise<void> {
    this.#content.acls.add(id);
    this.#value.reset();
    writeACLVector(this.#value, [...acl]);
    this.#put(aclKey(id));
    await this.#pauseIfMany(this.#content.acls.size);
  }

  async #session(id: SessionId, timeoutMs: number): Promise<void> {
    this.#content.sessions.set(id, timeoutMs);
    this.#value.reset();
    this.#value.int(timeoutMs);
    this.#put(sessionKey(id));
    await this.#pauseIfMany(this.#content.sessions.size);
  }

  async #pauseIfMany(count: number): Promise<void> {
    if (count % RECORDS_IN_A_SLICE === 0) await this.pause();
  }

  /** The node that begins at `start`, as a snapshot has it; returns where it ends. */
  node(bytes: Buffer, start: number): number {
    const pathEnd = start + 4 + bytes.readInt32BE(start);
    const end = pathEnd + 4 + Math.max(0, bytes.readInt32BE(pathEnd)) + 8 + STAT_PERSISTED_BYTES;
    const key = nodeKey(bytes, start + 4, pathEnd);
    this.#value.reset();
    this.#value.raw(bytes.subarray(key === undefined ? start : pathEnd, end));
    this.#put(key ?? this.#longKey(decodeUtf8(bytes, start + 4, pathEnd)));
    this.nodes++;
    return end;
  }

  /** All there is of it is its path. */
  gone(bytes: Buffer): void {
    const key = nodeKey(bytes, 4, bytes.length);
    if (key !== undefined) {
      this.#transaction.delete(key);
      return;
    }
    const path = decodeUtf8(bytes, 4, bytes.length);
    const longKey = this.#content.longNodes.get(path);
    if (longKey === undefined) return;
    this.#content.longNodes.delete(path);
    this.#transaction.delete(longKey);
  }

  #longKey(path: string): Buffer {
    let key = this.#content.longNodes.get(path);
    if (key === undefined) {
      key = longNodeKey(path, ++this.#lastLongNumber);
      this.#content.longNodes.set(path, key);
    }
    return key;
  }

  /** Last of all. */
  head(source: Tables, nodeCount: number): void {
    const { acls, sessions } = this.#content;
    const head: CheckpointHead = {
      zxid: source.lastZxid,
      nodeCount,
      aclCount: acls.size,
      sessionCount: sessions.size,
      digest: source.digest,
    };
    const headBytes = Buffer.from(encodeHead(head));
    this.#transaction.put(HEAD_KEY, headBytes);
    this.#content = { ...this.#content, head, headBytes };
  }

  #put(key: Buffer): void {
    const value = seal(key, this.#value);
    this.#uncommittedBytes += key.length + value.length;
    this.#transaction.put(key, value);
  }
}

const RECORDS_IN_A_SLICE = 200;
