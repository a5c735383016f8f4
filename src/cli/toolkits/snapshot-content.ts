// A snapshot as the toolkits see it: its table of znodes, its sessions, and the rest of its bytes on demand. Java:
// SnapStream.getInputStream and FileSnap.deserialize, with a DataTree.
//
// As Java's toolkits do, this takes a snapshot whose checksum is wrong; only it says so (`damage`).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { decodeUtf8 } from "../../jute/utf8.js";
import { STORAGE_READ_PAGE_BYTES } from "../../limits.js";
import { NodeDisk } from "../../platform/node/disk.js";
import type { ReadableFile } from "../../platform/platform.js";
import type { Compression } from "../../storage/file-names.js";
import { openSnapshotBytes } from "../../storage/snapshot-decoding.js";
import { STAT_PERSISTED_BYTES } from "../../storage/snapshot-format.js";
import { SnapshotInput } from "../../storage/snapshot-input.js";
import { readSnapshotBody, readSnapshotEnd } from "../../storage/snapshot-reader.js";
import { StorageDamage } from "../../storage/storage-damage.js";
import { NodeTable } from "./node-table.js";
import { settleQuotas } from "./quota-settling.js";
import { SubtreeTotals } from "./subtree-totals.js";

const ACL_ID_BYTES = 8;
const OWNER_OFFSET = 44;
const MZXID_OFFSET = 8;
const PZXID_OFFSET = 52;
const CONTAINER_OWNER = -(2n ** 63n);
/** What is read at once: little by those who go to and fro, more and more by those who read on. */
const WINDOW_MIN_BYTES = 1024;
const WINDOW_MAX_BYTES = 256 * 1024;

export class SnapshotContent {
  readonly table = new NodeTable();
  readonly totals: SubtreeTotals;
  /** Timeouts by session, oldest first. */
  readonly sessions = new Map<bigint, number>();
  readonly ephemerals = new Map<bigint, number>();
  /** The highest zxid that a znode shows. */
  lastZxid = -(2n ** 63n);
  /** What is wrong behind the znodes. */
  readonly damage: string | undefined;
  /** What Java writes anew when it loads a tree: the texts of quota nodes. */
  readonly #replaced: ReadonlyMap<number, Buffer>;
  readonly #path: string;
  readonly #compression: Compression;
  readonly #disk = new NodeDisk();
  #pages: Pages | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#compression = compressionOf(path);
    const input = new SnapshotInput(this.#disk, path, this.#compression);
    try {
      this.#readBody(input);
      this.damage = whatIsWrong(input);
    } finally {
      input.close();
    }
    this.totals = new SubtreeTotals(this.table);
    this.#replaced = settleQuotas(this.table, this.totals);
  }

  close(): void {
    this.#pages?.close();
  }

  /** Valid until the next call. */
  stat(node: number): Buffer {
    const dataBytes = Math.max(0, this.#storedLength(node));
    const position = this.table.dataPosition(node) + dataBytes + ACL_ID_BYTES;
    return this.#read(position, STAT_PERSISTED_BYTES);
  }

  /** Valid until the next call. */
  data(node: number): Buffer {
    const replaced = this.#replaced.get(node);
    if (replaced !== undefined) return replaced;
    const length = Math.max(0, this.table.dataLength(node));
    return this.#read(this.table.dataPosition(node), length);
  }

  /** A quota node's length in the file stands there before its data. */
  #storedLength(node: number): number {
    if (!this.#replaced.has(node)) return this.table.dataLength(node);
    return this.#read(this.table.dataPosition(node) - 4, 4).readInt32BE(0);
  }

  #read(position: number, length: number): Buffer {
    this.#pages ??= new Pages(this.#disk, this.#path, this.#compression);
    return this.#pages.read(position, length);
  }

  #readBody(input: SnapshotInput): void {
    const { table, sessions } = this;
    readSnapshotBody(input, {
      begin: () => {},
      session: (id, timeoutMs) => void sessions.set(id, timeoutMs),
      acl: () => {},
      node: (paths, pathStart, pathEnd, page, _dataStart, dataLength, _aclId, statStart) => {
        const path = decodeUtf8(paths, pathStart, pathEnd);
        const behind = ACL_ID_BYTES + STAT_PERSISTED_BYTES + Math.max(0, dataLength);
        table.add(path, dataLength, input.position - behind);
        this.#takeStat(page, statStart, path === "");
      },
      finish: () => {},
    });
    if (table.count === 0) throw new StorageDamage("It has no root");
  }

  #takeStat(page: Buffer, at: number, isRoot: boolean): void {
    const mzxid = page.readBigInt64BE(at + MZXID_OFFSET);
    const pzxid = page.readBigInt64BE(at + PZXID_OFFSET);
    if (mzxid > this.lastZxid) this.lastZxid = mzxid;
    if (pzxid > this.lastZxid) this.lastZxid = pzxid;
    if (isRoot) return;
    const owner = page.readBigInt64BE(at + OWNER_OFFSET);
    if (owner === 0n || owner === CONTAINER_OWNER) return;
    this.ephemerals.set(owner, (this.ephemerals.get(owner) ?? 0) + 1);
  }
}

/** Java goes by the last part of the name, whatever the others are. */
function compressionOf(path: string): Compression {
  const ending = basename(path).split(".").slice(1).pop()?.toLowerCase();
  return ending === "gz" || ending === "snappy" ? ending : "";
}

function whatIsWrong(input: SnapshotInput): string | undefined {
  try {
    readSnapshotEnd(input);
    return undefined;
  } catch (error) {
    if (error instanceof StorageDamage) return error.message;
    throw error;
  }
}

/** Any bytes of the content, with a window that follows those who read on. */
class Pages {
  readonly #file: ReadableFile;
  readonly #folder: string | undefined;
  #window = Buffer.allocUnsafe(WINDOW_MAX_BYTES);
  #start = 0;
  #length = 0;
  #wanted = WINDOW_MIN_BYTES;

  constructor(disk: NodeDisk, path: string, compression: Compression) {
    if (compression === "") {
      this.#file = disk.openForReading(path);
      return;
    }
    this.#folder = mkdtempSync(join(tmpdir(), "zooid-snapshot-"));
    try {
      const copy = join(this.#folder, "content");
      unpack(disk, path, compression, copy);
      this.#file = disk.openForReading(copy);
      // A program that is stopped leaves nothing behind; where open files cannot be removed, close does it.
      if (process.platform !== "win32") this.#removeFolder();
    } catch (error) {
      this.#removeFolder();
      throw error;
    }
  }

  read(position: number, length: number): Buffer {
    const end = this.#start + this.#length;
    if (position < this.#start || position + length > end) {
      const readsOn = position >= this.#start && position < end + this.#wanted;
      this.#wanted = readsOn ? Math.min(this.#wanted * 2, WINDOW_MAX_BYTES) : WINDOW_MIN_BYTES;
      const count = Math.max(length, this.#wanted);
      if (count > this.#window.length) this.#window = Buffer.allocUnsafe(count);
      this.#start = position;
      this.#length = this.#file.read(position, this.#window.subarray(0, count));
    }
    const at = position - this.#start;
    return this.#window.subarray(at, at + length);
  }

  close(): void {
    this.#file.close();
    this.#removeFolder();
  }

  #removeFolder(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

function unpack(disk: NodeDisk, path: string, compression: Compression, target: string): void {
  const bytes = openSnapshotBytes(disk, path, compression);
  try {
    const page = Buffer.allocUnsafe(STORAGE_READ_PAGE_BYTES);
    writeFileSync(target, "", { mode: 0o600 });
    for (let count = bytes.read(page, 0); count > 0; count = bytes.read(page, 0)) {
      writeFileSync(target, page.subarray(0, count), { flag: "a" });
    }
  } catch (error) {
    // What is behind the znodes may be cut short: they have been read once.
    if (!(error instanceof StorageDamage)) throw error;
  } finally {
    bytes.close();
  }
}
