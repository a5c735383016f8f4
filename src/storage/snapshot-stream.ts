// A snapshot on its way from a leader to a learner. Java: ZKDatabase.serializeSnapshot, Learner.syncWithLeader.
//
// Between a SNAP packet and the next one the connection carries the body of a snapshot (snapshot-format.ts: sessions, ACLs,
// nodes, no header and no seals) and then the string "BenWasHere". No length says where it ends: whoever reads it must
// understand it. It is read as it comes, item by item, into a sink; what is not a whole item yet waits.

import { ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import { SNAPSHOT_SLICE_BYTES, STORED_RECORD_MAX_BYTES } from "../limits.js";
import type { SnapshotSink, SnapshotSource } from "../tree/snapshot.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import { readACLVector } from "../wire/records.js";
import { STAT_PERSISTED_BYTES } from "./snapshot-format.js";
import { snapshotBody } from "./snapshot-writer.js";

const SIGNATURE = "BenWasHere";
const SLASH = 0x2f;

/** The stream's bytes, a slice at a time; a slice is valid until the next is asked for. */
export function* snapshotStream(source: SnapshotSource): Generator<Buffer> {
  const out = new JuteWriter(SNAPSHOT_SLICE_BYTES + SNAPSHOT_SLICE_BYTES / 4);
  yield* snapshotBody(source, out, { sliceBytes: SNAPSHOT_SLICE_BYTES });
  out.reset();
  out.string(SIGNATURE);
  yield out.view();
}

/** Not a whole item yet. */
const MORE = -1;

export class SnapshotStreamReader {
  readonly #sink: SnapshotSink;
  readonly #zxid: Zxid;
  /** What has come and is not a whole item: the first so many bytes. */
  #rest: Buffer = Buffer.alloc(0);
  #restBytes = 0;
  #part: "sessionCount" | "sessions" | "aclCount" | "acls" | "nodes" | "signature" | "done" =
    "sessionCount";
  #left = 0;

  /** `zxid` is that of the SNAP packet: where the tree is when the stream has ended. */
  constructor(sink: SnapshotSink, zxid: Zxid) {
    this.#sink = sink;
    this.#zxid = zxid;
    sink.begin();
  }

  get isDone(): boolean {
    return this.#part === "done";
  }

  /**
   * Takes a chunk; returns how many of its last bytes are not the snapshot's any more. Throws ProtocolError, or what the
   * sink throws, on what is no snapshot.
   */
  push(chunk: Buffer): number {
    const bytes = this.#restBytes === 0 ? chunk : this.#append(chunk);
    let at = 0;
    while (this.#part !== "done") {
      const taken = this.#item(bytes, at);
      if (taken === MORE) break;
      at += taken;
    }
    const left = bytes.length - at;
    if (this.#part === "done") {
      this.#rest = Buffer.alloc(0);
      this.#restBytes = 0;
      this.#sink.finish(this.#zxid, undefined);
      return left;
    }
    if (left > STORED_RECORD_MAX_BYTES)
      throw new ProtocolError("Cannot read the leader's snapshot: an item is too large");
    if (at > 0 || this.#restBytes === 0) this.#rest = Buffer.from(bytes.subarray(at));
    this.#restBytes = left;
    return 0;
  }

  /** Room doubles: an item of a thousand chunks is not copied a thousand times. */
  #append(chunk: Buffer): Buffer {
    const needed = this.#restBytes + chunk.length;
    if (needed > this.#rest.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#rest.length));
      this.#rest.copy(grown, 0, 0, this.#restBytes);
      this.#rest = grown;
    }
    chunk.copy(this.#rest, this.#restBytes);
    this.#restBytes = needed;
    return this.#rest.subarray(0, needed) as Buffer;
  }

  /** One item from `at` on: how many bytes it is, or MORE. */
  #item(bytes: Buffer, at: number): number {
    switch (this.#part) {
      case "sessionCount":
        return this.#count(bytes, at, "sessions");
      case "sessions":
        return this.#left === 0 ? this.#next("aclCount") : this.#session(bytes, at);
      case "aclCount":
        return this.#count(bytes, at, "acls");
      case "acls":
        return this.#left === 0 ? this.#next("nodes") : this.#acl(bytes, at);
      case "nodes":
        return this.#node(bytes, at);
      default:
        return this.#signature(bytes, at);
    }
  }

  #next(part: "aclCount" | "nodes"): number {
    this.#part = part;
    return 0;
  }

  #count(bytes: Buffer, at: number, part: "sessions" | "acls"): number {
    if (bytes.length - at < 4) return MORE;
    const count = bytes.readInt32BE(at);
    if (count < 0)
      throw new ProtocolError(`Cannot read the leader's snapshot: a count is ${count}`);
    this.#left = count;
    this.#part = part;
    return 4;
  }

  #session(bytes: Buffer, at: number): number {
    if (bytes.length - at < 12) return MORE;
    this.#sink.session(bytes.readBigInt64BE(at) as SessionId, bytes.readInt32BE(at + 8));
    this.#left--;
    return 12;
  }

  #acl(bytes: Buffer, at: number): number {
    const end = aclEnd(bytes, at);
    if (end === MORE) return MORE;
    const reader = new JuteReader(bytes, at, end);
    const id = reader.long();
    this.#sink.acl(id, readACLVector(reader) ?? []);
    this.#left--;
    return end - at;
  }

  #node(bytes: Buffer, at: number): number {
    const pathEnd = stringEnd(bytes, at);
    if (pathEnd === MORE) return MORE;
    if (pathEnd - at === 5 && bytes[at + 4] === SLASH) {
      this.#part = "signature";
      return pathEnd - at;
    }
    const dataEnd = stringEnd(bytes, pathEnd);
    if (dataEnd === MORE) return MORE;
    const end = dataEnd + 8 + STAT_PERSISTED_BYTES;
    if (bytes.length < end) return MORE;
    const dataLength = bytes.readInt32BE(pathEnd);
    const aclId = new JuteReader(bytes, dataEnd, dataEnd + 8).long();
    const dataStart = pathEnd + 4;
    this.#sink.node(bytes, at + 4, pathEnd, bytes, dataStart, dataLength, aclId, dataEnd + 8);
    return end - at;
  }

  #signature(bytes: Buffer, at: number): number {
    const end = stringEnd(bytes, at);
    if (end === MORE) return MORE;
    const signature = new JuteReader(bytes, at, end).string();
    if (signature !== SIGNATURE) {
      throw new ProtocolError(
        `Cannot read the leader's snapshot: missing signature, got "${signature}"`,
      );
    }
    this.#part = "done";
    return end - at;
  }
}

/** Where a string or buffer that begins at `at` ends. */
function stringEnd(bytes: Buffer, at: number): number {
  if (bytes.length - at < 4) return MORE;
  const length = bytes.readInt32BE(at);
  if (length < -1 || length > STORED_RECORD_MAX_BYTES) {
    throw new ProtocolError(`Cannot read the leader's snapshot: a length is ${length}`);
  }
  const end = at + 4 + Math.max(0, length);
  return end > bytes.length ? MORE : end;
}

/** Where an ACL (long id, vector of perms, scheme and id) that begins at `at` ends. */
function aclEnd(bytes: Buffer, at: number): number {
  if (bytes.length - at < 12) return MORE;
  let end = at + 12;
  for (let left = bytes.readInt32BE(at + 8); left > 0; left--) {
    const scheme = stringEnd(bytes, end + 4);
    if (scheme === MORE) return MORE;
    end = stringEnd(bytes, scheme);
    if (end === MORE) return MORE;
  }
  return end;
}
