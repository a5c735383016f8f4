// The records of a log file one after the other, whatever state they are in. Java: the loops of TxnLogToolkit and LogChopper.
//
// storage/log-reader.ts ends at the first record that is not whole; here that is where it gets interesting. A page of the
// file is in memory at a time.

import { STORED_RECORD_MAX_BYTES } from "../../limits.js";
import { NodeDisk } from "../../platform/node/disk.js";
import { adler32 } from "../../storage/adler32.js";
import { LOG_MAGIC, RECORD_END } from "../../storage/log-format.js";
import { SnapshotInput } from "../../storage/snapshot-input.js";
import { checkLength } from "./java-reader.js";
import { UncaughtEnd, uncaught } from "./toolkit-error.js";

export interface RawRecord {
  readonly checksum: bigint;
  /** What the checksum should be. */
  readonly wantedChecksum: bigint;
  /** Valid until the next record is read. */
  readonly payload: Buffer;
}

export class RawLog {
  magic = 0;
  version = 0;
  dbid = 0n;
  /** Records whose end has been read. */
  count = 0;
  readonly #input: SnapshotInput;
  readonly #lengthLimit: number;

  constructor(path: string, lengthLimit: number) {
    this.#lengthLimit = Math.min(lengthLimit, STORED_RECORD_MAX_BYTES);
    this.#input = new SnapshotInput(new NodeDisk(), path, "");
  }

  readHeader(): void {
    this.magic = this.#input.int();
    this.version = this.#input.int();
    this.dbid = this.#input.bigLong();
  }

  get isLog(): boolean {
    return this.magic === LOG_MAGIC;
  }

  get title(): string {
    return `ZooKeeper Transactional Log File with dbid ${this.dbid} txnlog format version ${this.version}`;
  }

  header(): Buffer {
    const bytes = Buffer.alloc(16);
    bytes.writeInt32BE(this.magic, 0);
    bytes.writeInt32BE(this.version, 4);
    bytes.writeBigInt64BE(this.dbid, 8);
    return bytes;
  }

  close(): void {
    this.#input.close();
  }

  /** Undefined at the end: a record without length, or bytes that do not suffice for one. */
  next(): RawRecord | undefined {
    const input = this.#input;
    if (!this.#has(12)) return undefined;
    const checksum = input.bigLong();
    const length = input.int();
    if (length === -1) throw uncaught("java.lang.NullPointerException");
    checkLength(length, this.#lengthLimit);
    // With the byte behind it, so that looking at that one does not move the page.
    if (length === 0 || !(this.#has(length + 1) || this.#has(length))) return undefined;
    const payload = input.page.subarray(input.at, input.at + length);
    input.at += length;
    return { checksum, wantedChecksum: BigInt(adler32(payload, 0, length)), payload };
  }

  /** Whether the byte behind the record is the one that ends it. */
  readEnd(): boolean {
    if (!this.#has(1)) throw new UncaughtEnd();
    if (this.#input.page[this.#input.at++] !== RECORD_END) return false;
    this.count++;
    return true;
  }

  /** Whether so many bytes are left. */
  #has(count: number): boolean {
    const input = this.#input;
    return input.end - input.at >= count || input.remaining(count) >= count;
  }
}

/** The bytes before a record's payload. */
export function recordPrefix(checksum: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigInt64BE(checksum, 0);
  bytes.writeInt32BE(length, 8);
  return bytes;
}

export const RECORD_END_BYTES = Buffer.from([RECORD_END]);
