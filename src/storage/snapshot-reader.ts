// Reads a snapshot file into a sink. Java: FileSnap.deserialize, SerializeUtils.deserializeSnapshot.
//
// Every generation is read: without digest (3.4, 3.5), with digest (3.6 to 3.8), with the last zxid (3.9), with any mixture
// of the two, plain, gz or snappy. All seals are checked, and nothing may follow the last one; a snapshot that was not
// found whole to its last byte is StorageDamage, and what the sink was given until then is void.
//
// The loop over the nodes is the time a restart takes: it hands positions to the sink and allocates nothing.

import { decodeUtf8 } from "../jute/utf8.js";
import { STORED_RECORD_MAX_BYTES } from "../limits.js";
import type { Disk } from "../platform/platform.js";
import type { SnapshotSink, ZxidDigest } from "../tree/snapshot.js";
import { epochOf, hex0x, MAX_EPOCH, makeZxid, type SessionId, type Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { SnapshotFile } from "./file-names.js";
import {
  DIGEST_PART_BYTES,
  SNAPSHOT_MAGIC,
  STAT_PERSISTED_BYTES,
  ZXID_PART_BYTES,
} from "./snapshot-format.js";
import { SnapshotInput } from "./snapshot-input.js";
import { StorageDamage } from "./storage-damage.js";

const SLASH = 0x2f;
/** "Not ": how the marker of checkpoint-directory.ts begins. */
const MARKER_MAGIC = 0x4e6f7420;

/** Fills the sink. Throws StorageDamage, what the sink throws, or DiskError. */
export function readSnapshot(disk: Disk, file: SnapshotFile, sink: SnapshotSink): void {
  const input = new SnapshotInput(disk, file.path, file.compression);
  try {
    sink.begin();
    readSnapshotBody(input, sink);
    sink.finish(file.zxid, readSnapshotEnd(input));
  } finally {
    input.close();
  }
}

/**
 * The same a piece a step, so that a server can answer requests in between. The file's name says no zxid: it is what the
 * snapshot says of itself (Java: DataTree.deserializeLastProcessedZxid), or, before 3.9, what its digest says. Returned.
 */
export function* loadSnapshotInSteps(
  disk: Disk,
  file: Pick<SnapshotFile, "path" | "compression">,
  sink: SnapshotSink,
): Generator<void, Zxid> {
  const input = new SnapshotInput(disk, file.path, file.compression);
  try {
    sink.begin();
    yield* snapshotBodyInSteps(input, sink);
    checkSeal(input);
    const { digest, lastZxid } = readTrailer(input);
    const zxid = lastZxid ?? digest?.zxid;
    if (zxid === undefined) throw new StorageDamage("It does not say at which zxid it was taken");
    if (zxid < 0 || epochOf(zxid) > MAX_EPOCH) {
      throw new StorageDamage(`It says that it was taken at zxid ${hex0x(zxid)}`);
    }
    sink.finish(zxid, digest);
    return zxid;
  } finally {
    input.close();
  }
}

/** All that is before the first seal. */
export function readSnapshotBody(input: SnapshotInput, sink: SnapshotSink): void {
  const steps = snapshotBodyInSteps(input, sink);
  while (!steps.next().done);
}

export function* snapshotBodyInSteps(
  input: SnapshotInput,
  sink: SnapshotSink,
): Generator<void, void> {
  readHeader(input);
  readSessions(input, sink);
  readAcls(input, sink);
  yield* nodesInSteps(input, sink);
}

/** The first seal and all that is behind it. */
export function readSnapshotEnd(input: SnapshotInput): ZxidDigest | undefined {
  checkSeal(input);
  return readTrailer(input).digest;
}

function readHeader(input: SnapshotInput): void {
  const magic = input.int();
  if (magic === MARKER_MAGIC) {
    throw new StorageDamage(
      "The state of this directory is in checkpoint.mdb (snapshot.store=lmdb)",
    );
  }
  if (magic !== SNAPSHOT_MAGIC) {
    throw new StorageDamage(`mismatching magic headers ${magic} !=  ${SNAPSHOT_MAGIC}`);
  }
  // Version and dbid: Java looks at neither.
  input.int();
  input.bigLong();
}

function readSessions(input: SnapshotInput, sink: SnapshotSink): void {
  for (let left = input.count(); left > 0; left--) {
    const id = input.bigLong() as SessionId;
    sink.session(id, input.int());
  }
}

function readAcls(input: SnapshotInput, sink: SnapshotSink): void {
  for (let left = input.count(); left > 0; left--) {
    const id = input.long();
    const acl: ACL[] = [];
    for (let entries = input.count(); entries > 0; entries--) {
      const perms = input.int();
      const scheme = readString(input);
      acl.push({ perms, id: { scheme, id: readString(input) } });
    }
    sink.acl(id, acl);
  }
}

function readString(input: SnapshotInput): string | null {
  const length = input.int();
  if (length === -1) return null;
  if (length < 0 || length > STORED_RECORD_MAX_BYTES) {
    throw new StorageDamage(`A string has a length of ${length} bytes`);
  }
  input.need(length);
  input.at += length;
  return decodeUtf8(input.page, input.at - length, input.at);
}

const NODES_IN_A_STEP = 2048;

function* nodesInSteps(input: SnapshotInput, sink: SnapshotSink): Generator<void, void> {
  for (let count = 1; ; count++) {
    if (count % NODES_IN_A_STEP === 0) yield;
    const pathLength = input.int();
    if (pathLength < 0 || pathLength > STORED_RECORD_MAX_BYTES) {
      throw new StorageDamage(`A path has a length of ${pathLength} bytes`);
    }
    // The path and the length behind it; "/" is the end, and the long of the seal is behind that.
    input.need(pathLength + 4);
    if (pathLength === 1 && input.page[input.at] === SLASH) {
      input.at++;
      return;
    }
    const dataLength = input.page.readInt32BE(input.at + pathLength);
    if (dataLength < -1 || dataLength > STORED_RECORD_MAX_BYTES) {
      const path = decodeUtf8(input.page, input.at, input.at + pathLength);
      throw new StorageDamage(`The data of "${path}" have a length of ${dataLength} bytes`);
    }
    const bytes = Math.max(0, dataLength);
    input.need(pathLength + 4 + bytes + 8 + STAT_PERSISTED_BYTES);
    const pathStart = input.at;
    const pathEnd = pathStart + pathLength;
    const dataStart = pathEnd + 4;
    input.at = dataStart + bytes;
    const aclId = input.int() * 2 ** 32 + (input.int() >>> 0);
    const statStart = input.at;
    input.at += STAT_PERSISTED_BYTES;
    const { page } = input;
    sink.node(page, pathStart, pathEnd, page, dataStart, dataLength, aclId, statStart);
  }
}

function checkSeal(input: SnapshotInput): void {
  const expected = input.checksum();
  const high = input.int();
  const low = input.int() >>> 0;
  if (high !== 0 || low !== expected) throw new StorageDamage("CRC corruption");
  if (input.int() !== 1) throw new StorageDamage("A seal does not end with /");
  input.need(1);
  if (input.page[input.at++] !== SLASH) throw new StorageDamage("A seal does not end with /");
}

interface Trailer {
  readonly digest: ZxidDigest | undefined;
  /** lastProcessedZxid: only Java's restore command goes by it, otherwise the file's name counts. */
  readonly lastZxid: Zxid | undefined;
}

function readTrailer(input: SnapshotInput): Trailer {
  const rest = input.remaining(DIGEST_PART_BYTES + ZXID_PART_BYTES + 1);
  const hasDigest = rest === DIGEST_PART_BYTES || rest === DIGEST_PART_BYTES + ZXID_PART_BYTES;
  if (!hasDigest && rest !== ZXID_PART_BYTES && rest !== 0) {
    throw new StorageDamage(`${rest} bytes or more follow the nodes`);
  }
  const digest = hasDigest ? readDigest(input) : undefined;
  let lastZxid: Zxid | undefined;
  if (rest === ZXID_PART_BYTES || rest === DIGEST_PART_BYTES + ZXID_PART_BYTES) {
    lastZxid = makeZxid(input.int(), input.int() >>> 0);
    checkSeal(input);
  }
  return { digest, lastZxid };
}

function readDigest(input: SnapshotInput): ZxidDigest | undefined {
  const zxid = makeZxid(input.int(), input.int() >>> 0);
  const version = input.int();
  const digest = input.bigLong();
  checkSeal(input);
  // Java writes zeros when it has no digest yet.
  return zxid > 0 ? { zxid: zxid as Zxid, version, digest } : undefined;
}
