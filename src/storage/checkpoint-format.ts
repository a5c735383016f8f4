// What is in the store of a checkpoint (checkpoint.mdb). There is no such thing in Java.
//
//   key                          value                                                   each value ends with a CRC32
//   0                            how far it goes: magic, version, zxid, counts, digest   of key and value: lmdb has none
//   1, long id                   vector<ACL>
//   2, long id                   int timeout
//   3, path                      buffer data, long acl, StatPersisted, as in a snapshot
//   4, int depth, int number     ustring path, and the same: of paths that are too long for a key
//
// In the order of the keys parents stand before children, and ACLs before who has them. A path is its UTF-8, the root's "".

import { crc32Range } from "../crc32.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import { STORE_KEY_MAX_BYTES } from "../platform/stores.js";
import type { ZxidDigest } from "../tree/snapshot.js";
import type { Zxid } from "../wire/ids.js";
import { StorageDamage } from "./storage-damage.js";

export const RecordKind = { head: 0, acl: 1, session: 2, node: 3, longNode: 4 } as const;

const MAGIC = 0x5a4b4350;
const VERSION = 1;
const CRC_BYTES = 4;
const SLASH = 0x2f;

export const HEAD_KEY = Buffer.from([RecordKind.head]);

/** How far the checkpoint goes, and what must be in it. */
export interface CheckpointHead {
  readonly zxid: Zxid;
  readonly nodeCount: number;
  readonly aclCount: number;
  readonly sessionCount: number;
  readonly digest: ZxidDigest | undefined;
}

export function encodeHead(head: CheckpointHead): Buffer {
  const out = new JuteWriter(96);
  out.int(MAGIC);
  out.int(VERSION);
  out.long(head.zxid);
  out.long(head.nodeCount);
  out.long(head.aclCount);
  out.long(head.sessionCount);
  out.bool(head.digest !== undefined);
  out.long(head.digest?.zxid ?? 0);
  out.int(head.digest?.version ?? 0);
  out.bigLong(head.digest?.digest ?? 0n);
  return seal(HEAD_KEY, out);
}

/** Of a value whose seal has been checked. */
export function decodeHead(value: Buffer): CheckpointHead {
  const reader = new JuteReader(value);
  if (reader.int() !== MAGIC) throw new StorageDamage("It is not one of Zooid's");
  const version = reader.int();
  if (version !== VERSION) {
    throw new StorageDamage(`It has version ${version}, this program knows ${VERSION}`);
  }
  const zxid = reader.long() as Zxid;
  const nodeCount = reader.long();
  const aclCount = reader.long();
  const sessionCount = reader.long();
  const hasDigest = reader.bool();
  const digest: ZxidDigest = {
    zxid: reader.long() as Zxid,
    version: reader.int(),
    digest: reader.bigLong(),
  };
  return { zxid, nodeCount, aclCount, sessionCount, digest: hasDigest ? digest : undefined };
}

/** The writer's bytes with their seal; valid until the writer is used again. */
export function seal(key: Buffer, out: JuteWriter): Buffer {
  const bytes = out.view();
  const crc = crc32Range(bytes, 0, bytes.length, crc32Range(key, 0, key.length, 0));
  out.int(crc | 0);
  return out.view();
}

/** Throws where key and value are not what was written; returns where the value's content ends. */
export function checkSeal(key: Buffer, value: Buffer): number {
  const end = value.length - CRC_BYTES;
  if (end >= 0) {
    const crc = crc32Range(value, 0, end, crc32Range(key, 0, key.length, 0));
    if (value.readUInt32BE(end) === crc) return end;
  }
  throw new StorageDamage(`The record ${describe(key)} is not what was written`);
}

/** For messages. */
export function describe(key: Buffer): string {
  if (key[0] === RecordKind.node) return `of "${key.toString("utf8", 1)}"`;
  return key.toString("hex");
}

export function aclKey(id: number): Buffer {
  const key = Buffer.alloc(9);
  key[0] = RecordKind.acl;
  key.writeBigInt64BE(BigInt(id), 1);
  return key;
}

export function sessionKey(id: bigint): Buffer {
  const key = Buffer.alloc(9);
  key[0] = RecordKind.session;
  key.writeBigInt64BE(id, 1);
  return key;
}

/** Undefined: it is too long. */
export function nodeKey(bytes: Buffer, start: number, end: number): Buffer | undefined {
  if (end - start >= STORE_KEY_MAX_BYTES) return undefined;
  const key = Buffer.allocUnsafe(1 + end - start);
  key[0] = RecordKind.node;
  bytes.copy(key, 1, start, end);
  return key;
}

export function longNodeKey(path: string, number: number): Buffer {
  const key = Buffer.alloc(9);
  key[0] = RecordKind.longNode;
  let depth = 0;
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === SLASH) depth++;
  // No path has more: it would be longer than a record may be.
  key.writeUInt32BE(depth, 1);
  key.writeUInt32BE(number, 5);
  return key;
}
