// Reads a checkpoint into a sink. Every record's seal is checked, and that there are as many as the head says.

import { JuteReader } from "../jute/reader.js";
import { decodeUtf8 } from "../jute/utf8.js";
import type { Store } from "../platform/stores.js";
import type { SnapshotSink } from "../tree/snapshot.js";
import { makeZxid, type SessionId } from "../wire/ids.js";
import { readACLVector } from "../wire/records.js";
import {
  type CheckpointHead,
  checkSeal,
  decodeHead,
  describe,
  HEAD_KEY,
  RecordKind,
} from "./checkpoint-format.js";
import { STAT_PERSISTED_BYTES } from "./snapshot-format.js";
import { StorageDamage } from "./storage-damage.js";

/** What a writer must know of a checkpoint to bring it forward. */
export interface CheckpointContent {
  readonly head: CheckpointHead;
  /** The head's bytes: whoever finds others is not alone. */
  readonly headBytes: Buffer;
  readonly acls: Set<number>;
  readonly sessions: Map<SessionId, number>;
  /** The keys of those whose paths are too long to be one. */
  readonly longNodes: Map<string, Buffer>;
}

export function readHead(store: Store): CheckpointContent["head"] {
  const value = store.get(HEAD_KEY);
  if (value === undefined) throw new StorageDamage("It does not say how far it goes");
  checkSeal(HEAD_KEY, value);
  return decodeHead(value);
}

/** Fills the sink. Throws StorageDamage, what the sink throws, or DiskError. */
export function readCheckpoint(store: Store, sink: SnapshotSink): CheckpointContent {
  const head = readHead(store);
  const reading = new Reading(head, store.get(HEAD_KEY)!, sink);
  sink.begin();
  for (const { key, value } of store.entries()) reading.record(key, value);
  reading.finish();
  return reading.content;
}

class Reading {
  readonly content: CheckpointContent;
  readonly #sink: SnapshotSink;
  #nodes = 0;

  constructor(head: CheckpointHead, headBytes: Buffer, sink: SnapshotSink) {
    this.content = {
      head,
      headBytes: Buffer.from(headBytes),
      acls: new Set(),
      sessions: new Map(),
      longNodes: new Map(),
    };
    this.#sink = sink;
  }

  record(key: Buffer, value: Buffer): void {
    const end = checkSeal(key, value);
    switch (key[0]) {
      case RecordKind.head:
        break;
      case RecordKind.acl:
        this.#acl(longIn(key), value, end);
        break;
      case RecordKind.session:
        this.#session(key.readBigInt64BE(1) as SessionId, value);
        break;
      case RecordKind.node:
        this.#node(key, 1, key.length, value, 0, end, key);
        break;
      case RecordKind.longNode:
        this.#longNode(key, value, end);
        break;
      default:
        throw new StorageDamage(`It has a record of a kind that is not known, ${describe(key)}`);
    }
  }

  finish(): void {
    const { head, acls, sessions } = this.content;
    const found = [this.#nodes, acls.size, sessions.size];
    const wanted = [head.nodeCount, head.aclCount, head.sessionCount];
    if (found.some((count, at) => count !== wanted[at])) {
      const text = "nodes, ACLs and sessions, where there must be";
      throw new StorageDamage(`It has ${found.join(", ")} ${text} ${wanted.join(", ")}`);
    }
    this.#sink.finish(head.zxid, head.digest);
  }

  #acl(id: number, value: Buffer, end: number): void {
    this.#sink.acl(id, readACLVector(new JuteReader(value, 0, end)) ?? []);
    this.content.acls.add(id);
  }

  #session(id: SessionId, value: Buffer): void {
    const timeoutMs = value.readInt32BE(0);
    this.#sink.session(id, timeoutMs);
    this.content.sessions.set(id, timeoutMs);
  }

  #longNode(key: Buffer, value: Buffer, end: number): void {
    const pathEnd = 4 + value.readInt32BE(0);
    this.content.longNodes.set(decodeUtf8(value, 4, pathEnd), Buffer.from(key));
    this.#node(value, 4, pathEnd, value, pathEnd, end, key);
  }

  #node(
    paths: Buffer,
    pathStart: number,
    pathEnd: number,
    value: Buffer,
    start: number,
    end: number,
    key: Buffer,
  ): void {
    const length = value.readInt32BE(start);
    const dataStart = start + 4;
    const aclStart = dataStart + Math.max(0, length);
    if (aclStart + 8 + STAT_PERSISTED_BYTES !== end) {
      throw new StorageDamage(`The record ${describe(key)} has a wrong length`);
    }
    const aclId = value.readInt32BE(aclStart) * 2 ** 32 + value.readUInt32BE(aclStart + 4);
    this.#sink.node(paths, pathStart, pathEnd, value, dataStart, length, aclId, aclStart + 8);
    this.#nodes++;
  }
}

function longIn(key: Buffer): number {
  return makeZxid(key.readInt32BE(1), key.readUInt32BE(5));
}
