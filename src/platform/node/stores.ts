// Stores of a real process: lmdb, through the package of that name.
//
// It is loaded with the first store: nobody else pays for it, in time or in memory, and a machine for which the package has no
// binary runs all that needs none. A transaction is a child of one that lmdb's own thread has begun: puts are done here, in
// the caller's slices; pages are written and synced in that thread. (Only a child can be given up; only a rejection does it.)
//
// Each commit writes new pages, syncs them, and then writes one of the two pages that say which tree counts: a crash at any
// point leaves the tree before or the one after. `overlappingSync`, this package's default, would say done before that.

import * as fs from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { RootDatabase, RootDatabaseOptions } from "lmdb";
import { DiskError } from "../platform.js";
import type { Store, StoreEntry, Stores, StoreTransaction } from "../stores.js";
import { toDiskError as systemError } from "./errors.js";

type Database = RootDatabase<Buffer, Uint8Array>;

/** lmdb's own codes, and the system's. */
const CODES: Readonly<Record<number, readonly [code: string, reason: string]>> = {
  [-30797]: ["EUCLEAN", "a page is missing"],
  [-30796]: ["EUCLEAN", "a page is not what was written"],
  [-30794]: ["EUCLEAN", "written by another version of lmdb"],
  [-30793]: ["EUCLEAN", "no lmdb environment"],
  [-30792]: ["ENOSPC", "the memory map cannot grow"],
  5: ["EIO", "i/o error"],
  12: ["ENOMEM", "not enough memory"],
  13: ["EACCES", "permission denied"],
  27: ["EFBIG", "file too large"],
  28: ["ENOSPC", "no space left on device"],
  30: ["EROFS", "read-only file system"],
  122: ["EDQUOT", "disk quota exceeded"],
};

/** What a transaction that is given up ends with. */
class GivenUp extends Error {}

export class NodeStores implements Stores {
  load(): void {
    load("checkpoint");
  }

  async open(path: string, mode: "create" | "open"): Promise<Store> {
    const { open } = load(path);
    const isThere = fs.existsSync(path);
    if (mode === "create" && isThere) throw failure(mode, path, "EEXIST", "it exists");
    if (mode === "open" && !isThere) throw failure(mode, path, "ENOENT", "no such file");
    // Where this package cannot open an environment it ends the process (a use after free, 3.5.6): what can be known
    // before is looked at before.
    if (isThere) checkHeads(path);
    attempt(mode, path, () => fs.accessSync(dirname(path), fs.constants.W_OK));
    return attempt(mode, path, () => {
      const options = {
        noSubdir: true,
        maxDbs: 1,
        encoding: "binary",
        keyEncoding: "binary",
        overlappingSync: false,
        trackMetrics: true,
      };
      const database = open<Buffer, Uint8Array>(path, options as RootDatabaseOptions);
      const store = new NodeStore(path, database);
      if (isThere) store.checkLength();
      return store;
    });
  }
}

/** Of each of the first two pages: where lmdb's magic number, its format and the size of a page are. */
const MAGIC_AT = 24;
const FORMAT_AT = 28;
const PAGE_SIZE_AT = 48;
const MAGIC = 0xbeefc0de;
const FORMATS = [1, 2];
const PAGE_MAX_BYTES = 64 * 1024;

/** Both pages that say which tree counts look like such pages. */
function checkHeads(path: string): void {
  const file = attempt("open", path, () => fs.openSync(path, "r+"));
  try {
    const head = Buffer.alloc(2 * PAGE_MAX_BYTES);
    const bytes = attempt("read", path, () => fs.readSync(file, head, 0, head.length, 0));
    // Numbers are in the machine's own order, as it was where the file was written.
    const numbers = new Uint32Array(head.buffer, head.byteOffset, head.length / 4);
    const isHead = (start: number): boolean =>
      numbers[(start + MAGIC_AT) / 4] === MAGIC &&
      FORMATS.includes(numbers[(start + FORMAT_AT) / 4]!);
    const pageBytes = numbers[PAGE_SIZE_AT / 4]!;
    const isPage = pageBytes >= 512 && pageBytes <= PAGE_MAX_BYTES && pageBytes % 512 === 0;
    if (isPage && bytes >= 2 * pageBytes && isHead(0) && isHead(pageBytes)) return;
    throw failure("open", path, "EUCLEAN", "it is no lmdb environment of this machine's kind");
  } finally {
    fs.closeSync(file);
  }
}

function load(path: string): typeof import("lmdb") {
  try {
    return createRequire(import.meta.url)("lmdb") as typeof import("lmdb");
  } catch (error) {
    const why = (error as Error).message.split("\n")[0];
    const text = `the package lmdb cannot be loaded on this machine: ${why}`;
    throw failure("open", path, "ENOTSUP", text);
  }
}

class NodeStore implements Store {
  readonly #path: string;
  readonly #database: Database;

  constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
  }

  /** Behind the end of a file that was cut the memory map has nothing: looking there would end the process. */
  checkLength(): void {
    const { lastPageNumber, pageSize } = statsOf(this.#database);
    const wanted = (lastPageNumber + 1) * pageSize;
    const size = fs.statSync(this.#path).size;
    if (size >= wanted) return;
    void this.#database.close();
    throw failure("open", this.#path, "EUCLEAN", `it has ${size} of ${wanted} bytes`);
  }

  get(key: Uint8Array): Buffer | undefined {
    return attempt("read", this.#path, () => this.#database.getBinary(key));
  }

  *entries(): IterableIterator<StoreEntry> {
    const steps = attempt("read", this.#path, () =>
      this.#database.getRange()[Symbol.iterator](),
    ) as Iterator<StoreEntry>;
    for (;;) {
      const step = attempt("read", this.#path, () => steps.next());
      if (step.done) return;
      yield step.value;
    }
  }

  begin(): Promise<StoreTransaction> {
    return new Promise((resolve, reject) => {
      const transaction = new NodeStoreTransaction(this.#path, this.#database);
      const outcome = this.#database.childTransaction(() => {
        resolve(transaction);
        return transaction.ending;
      });
      transaction.outcome = outcome;
      outcome.catch((error) => reject(toDiskError("write", this.#path, error)));
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

class NodeStoreTransaction implements StoreTransaction {
  readonly ending: Promise<void>;
  outcome: Promise<unknown> | undefined;
  readonly #path: string;
  readonly #database: Database;
  readonly #pagesBefore: number;
  #end!: (error?: GivenUp) => void;

  constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
    this.#pagesBefore = statsOf(database).pagesWritten;
    this.ending = new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Whoever gives up has heard of it.
    this.ending.catch(() => {});
  }

  get(key: Uint8Array): Buffer | undefined {
    return attempt("read", this.#path, () => this.#database.getBinary(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    attempt("write", this.#path, () => this.#database.put(key, value as Buffer));
  }

  delete(key: Uint8Array): void {
    attempt("write", this.#path, () => this.#database.remove(key));
  }

  async commit(): Promise<number> {
    this.#end();
    try {
      await this.outcome;
    } catch (error) {
      throw toDiskError("write", this.#path, await causeOf(error));
    }
    const { pagesWritten, pageSize } = statsOf(this.#database);
    return (pagesWritten - this.#pagesBefore) * pageSize;
  }

  async abort(): Promise<void> {
    this.#end(new GivenUp());
    await this.outcome?.catch(() => {});
  }
}

interface Stats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly pagesWritten: number;
}

function statsOf(database: Database): Stats {
  return (database as unknown as { getStats(): Stats }).getStats();
}

/** What lmdb says of a commit comes with a promise of its own. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  return await commitError.catch((cause: unknown) => cause);
}

function attempt<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof DiskError ? error : toDiskError(action, path, error);
  }
}

function toDiskError(action: string, path: string, error: unknown): DiskError {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code === "string") return systemError(action, path, error);
  const known = typeof code === "number" ? CODES[code] : undefined;
  return failure(action, path, known?.[0] ?? "EIO", known?.[1] ?? String(message));
}

function failure(action: string, path: string, code: string, reason: string): DiskError {
  return new DiskError(code, path, `Cannot ${action} "${path}": ${reason} (${code})`);
}
