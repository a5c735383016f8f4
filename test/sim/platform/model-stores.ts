// A model of lmdb upon a disk that can break: what crash-safety it promises, and no more.
//
// The file has two slots that say how far it counts, and behind them the transactions, one after the other (lmdb has pages
// of a tree, which it writes anew where they change; whoever opens the file sees the same). A commit writes the transaction,
// syncs, writes the older slot, syncs: a crash at any point leaves the state before or the state after. Where a slot is
// damaged the other one counts, as in lmdb.

import { crc32 } from "node:zlib";
import { type Disk, DiskError, type WritableFile } from "../../../src/platform/platform.js";
import type { Store, StoreEntry, Stores, StoreTransaction } from "../../../src/platform/stores.js";

const SLOT_BYTES = 512;
const DATA_START = 2 * SLOT_BYTES;
const MAGIC = 0x5a4d4442;

interface Slot {
  readonly number: number;
  readonly end: number;
}

/** Keys as strings of one byte a character: their order is that of the bytes. */
type Entries = Map<string, Buffer>;

export class ModelStores implements Stores {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  load(): void {}

  async open(path: string, mode: "create" | "open"): Promise<Store> {
    const file = await this.#disk.openForWriting(path, mode);
    try {
      const bytes = this.#disk.readFile(path);
      if (mode === "open" && bytes.length < DATA_START) throw damaged(path, "it is cut short");
      return mode === "create"
        ? new ModelStore(file, { number: 0, end: DATA_START }, new Map())
        : opened(path, file, bytes);
    } catch (error) {
      await new Promise<void>((resume) => file.close(() => resume()));
      throw error;
    }
  }
}

function opened(path: string, file: WritableFile, bytes: Buffer): ModelStore {
  const slots = [slotAt(bytes, 0), slotAt(bytes, SLOT_BYTES)].filter((slot) => slot !== undefined);
  const slot = slots.sort((a, b) => b.number - a.number)[0];
  if (slot === undefined) throw damaged(path, "no slot is whole");
  const entries: Entries = new Map();
  for (let at = DATA_START; at < slot.end; ) at = applyTransaction(path, bytes, at, entries);
  return new ModelStore(file, slot, entries);
}

function slotAt(bytes: Buffer, at: number): Slot | undefined {
  if (bytes.readUInt32BE(at) !== MAGIC) return undefined;
  if (bytes.readUInt32BE(at + 12) !== crc32(bytes.subarray(at, at + 12))) return undefined;
  return { number: bytes.readUInt32BE(at + 4), end: bytes.readUInt32BE(at + 8) };
}

function applyTransaction(path: string, bytes: Buffer, start: number, entries: Entries): number {
  const length = start + 8 <= bytes.length ? bytes.readUInt32BE(start) : 0;
  const end = start + 8 + length;
  const part = bytes.subarray(start + 8, end);
  if (end > bytes.length || crc32(part) !== bytes.readUInt32BE(start + 4)) {
    throw damaged(path, `the transaction at ${start} is not whole`);
  }
  for (let at = 0; at < part.length; ) {
    const keyEnd = at + 4 + part.readUInt16BE(at + 2);
    const key = part.toString("latin1", at + 4, keyEnd);
    if (part[at] === 0) {
      entries.delete(key);
      at = keyEnd;
      continue;
    }
    const valueEnd = keyEnd + 4 + part.readUInt32BE(keyEnd);
    entries.set(key, Buffer.from(part.subarray(keyEnd + 4, valueEnd)));
    at = valueEnd;
  }
  return end;
}

class ModelStore implements Store {
  readonly #file: WritableFile;
  #slot: Slot;
  #entries: Entries;

  constructor(file: WritableFile, slot: Slot, entries: Entries) {
    this.#file = file;
    this.#slot = slot;
    this.#entries = entries;
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.#entries.get(Buffer.from(key).toString("latin1"));
  }

  *entries(): IterableIterator<StoreEntry> {
    for (const key of [...this.#entries.keys()].sort()) {
      yield { key: Buffer.from(key, "latin1"), value: this.#entries.get(key)! };
    }
  }

  async begin(): Promise<StoreTransaction> {
    const entries = new Map(this.#entries);
    const parts: Buffer[] = [];
    let isOver = false;
    const change = (key: Uint8Array, value: Uint8Array | undefined): void => {
      if (isOver) throw new Error("The transaction is over");
      const name = Buffer.from(key).toString("latin1");
      if (value === undefined) entries.delete(name);
      else entries.set(name, Buffer.from(value));
      parts.push(encoded(key, value));
    };
    return {
      get: (key) => entries.get(Buffer.from(key).toString("latin1")),
      put: (key, value) => change(key, value),
      delete: (key) => change(key, undefined),
      commit: async () => {
        isOver = true;
        const written = await this.#write(Buffer.concat(parts));
        this.#entries = entries;
        return written;
      },
      abort: async () => {
        isOver = true;
      },
    };
  }

  close(): Promise<void> {
    return new Promise((resume) => this.#file.close(() => resume()));
  }

  async #write(part: Buffer): Promise<number> {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(part.length, 0);
    head.writeUInt32BE(crc32(part), 4);
    const { number, end } = this.#slot;
    const frame = Buffer.concat([head, part]);
    await this.#step((done) => this.#file.write(end, frame, done));
    await this.#step((done) => this.#file.sync(done));
    const next: Slot = { number: number + 1, end: end + frame.length };
    const slot = Buffer.alloc(SLOT_BYTES);
    slot.writeUInt32BE(MAGIC, 0);
    slot.writeUInt32BE(next.number, 4);
    slot.writeUInt32BE(next.end, 8);
    slot.writeUInt32BE(crc32(slot.subarray(0, 12)), 12);
    await this.#step((done) => this.#file.write((next.number % 2) * SLOT_BYTES, slot, done));
    await this.#step((done) => this.#file.sync(done));
    this.#slot = next;
    return frame.length + SLOT_BYTES;
  }

  #step(start: (done: (error?: DiskError) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      start((error) => (error === undefined ? resolve() : reject(error)));
    });
  }
}

function encoded(key: Uint8Array, value: Uint8Array | undefined): Buffer {
  const head = Buffer.alloc(4);
  head[0] = value === undefined ? 0 : 1;
  head.writeUInt16BE(key.length, 2);
  if (value === undefined) return Buffer.concat([head, key]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length, 0);
  return Buffer.concat([head, key, length, value]);
}

function damaged(path: string, reason: string): DiskError {
  return new DiskError("EUCLEAN", path, `Cannot open "${path}": ${reason} (EUCLEAN)`);
}
