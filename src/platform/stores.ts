// The door (platform.ts) to lmdb.

/**
 * Ordered keys with values in one file, which changes by whole transactions only: lmdb. What it runs on is loaded with the first that
 * is opened. Beside the file there may be others whose names begin with its own. Rejections are DiskErrors: ENOTSUP where this machine
 * has no lmdb, EUCLEAN where the file is not what was written.
 */
export interface Stores {
  /** Throws DiskError (ENOTSUP) where there will never be one. */
  load(): void;
  /** `create` refuses an existing file (EEXIST); `open` refuses a missing one (ENOENT). */
  open(path: string, mode: "create" | "open"): Promise<Store>;
}

/** Keys have 1 to STORE_KEY_MAX_BYTES bytes and are in the order of these. */
export interface Store {
  get(key: Uint8Array): Buffer | undefined;
  /** As committed last. An entry is valid until the next step. Steps throw DiskError. */
  entries(): IterableIterator<StoreEntry>;
  /** One at a time. */
  begin(): Promise<StoreTransaction>;
  close(): Promise<void>;
}

export interface StoreEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** After the end, and after a call that has thrown, only `abort` may follow, which then does nothing. */
export interface StoreTransaction {
  get(key: Uint8Array): Buffer | undefined;
  /** Both are copied. Throws DiskError. */
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /**
   * All of it becomes visible and durable, and how many bytes were written for it. Rejected: it may be there after the next
   * opening, whole, or not at all; the store must be closed.
   */
  commit(): Promise<number>;
  /** Nothing of it has ever been. */
  abort(): Promise<void>;
}

export const STORE_KEY_MAX_BYTES = 1024;
