// A file that is being written: a queue of calls, of which one at a time is under way.
//
// The order in which calls were made is the order in which they reach the disk. Several threads could otherwise turn a
// write and the sync after it around, and a sync would then answer for bytes that were not yet there.
//
// The queue is looked at when the code that filled it has returned (process.nextTick), not at the first call: so writes
// that follow one another in the file go out as one system call.
//
// Where writes are followed by a sync and nothing else is unsynced, both are one system call and one trip through the
// thread pool instead of two: a write to a second descriptor of the same file, opened with O_DSYNC, which answers when
// the bytes are durable (and the file's length as far as they need it), as a write and an fdatasync would. It is opened when
// a file that has been synced once is written and synced again, which is the transaction log. Linux only: elsewhere
// O_DSYNC is missing or does not reach through the drive's cache.
//
// Where the cache is to be avoided that descriptor has O_DIRECT, too, and all whole pages go there: the disk takes the bytes
// from where they lie, for a third of what it costs to copy them into memory that the system must find first. Where file
// system or memory do not allow it (EINVAL), all is as without.
//
// Invariant: a write to the O_DSYNC descriptor answers a sync only while `#hasUnsynced` is false: it makes nothing durable but
// its own bytes.

import * as fs from "node:fs";
import { ALIGNED_BYTES, type CacheUse } from "../cache-use.js";
import type { DiskDone, DiskError, WritableFile } from "../platform.js";
import { toDiskError } from "./errors.js";

/** IOV_MAX on Linux: more buffers than this in one call would be refused. */
const GATHER_MAX_BUFFERS = 1024;

/** A descriptor that is not there. */
const NONE = -1;

type Call =
  | {
      readonly kind: "write";
      readonly at: number;
      readonly bytes: Uint8Array;
      readonly done: DiskDone;
    }
  | { readonly kind: "sync"; readonly done: DiskDone }
  | { readonly kind: "truncate"; readonly sizeBytes: number; readonly done: DiskDone }
  | { readonly kind: "close"; readonly done: DiskDone };

export class NodeWritableFile implements WritableFile {
  readonly path: string;
  readonly #fd: number;
  /** The same file, with O_DSYNC, and with O_DIRECT where the cache is avoided. */
  #durableFd = NONE;
  #avoidsCache: boolean;
  #mayOpenDurable = process.platform === "linux";
  #hasBeenSynced = false;
  #hasUnsynced = true;
  #calls: Call[] = [];
  #isBusy = false;
  #isClosed = false;

  constructor(path: string, fd: number, cache: CacheUse = "wanted") {
    this.path = path;
    this.#fd = fd;
    this.#avoidsCache = cache === "avoided";
  }

  write(position: number, bytes: Uint8Array, done: DiskDone): void {
    this.#add({ kind: "write", at: position, bytes, done });
  }

  sync(done: DiskDone): void {
    this.#add({ kind: "sync", done });
  }

  truncate(sizeBytes: number, done: DiskDone): void {
    this.#add({ kind: "truncate", sizeBytes, done });
  }

  close(done: DiskDone = ignore): void {
    this.#add({ kind: "close", done });
    this.#isClosed = true;
  }

  #add(call: Call): void {
    // Of a closed descriptor's number another file may be the owner by now.
    if (this.#isClosed) throw new Error(`Cannot ${call.kind} "${this.path}": it has been closed`);
    this.#calls.push(call);
    if (this.#isBusy) return;
    this.#isBusy = true;
    process.nextTick(this.#next);
  }

  readonly #next = (): void => {
    const call = this.#calls[0];
    if (call === undefined) {
      this.#isBusy = false;
      return;
    }
    if (call.kind === "write") {
      this.#writeGathered(call.at);
      return;
    }
    this.#calls.shift();
    const answer = (error: Error | null): void => this.#finish([call], error);
    if (call.kind === "sync") this.#sync(call);
    else if (call.kind === "truncate") {
      this.#hasUnsynced = true;
      fs.ftruncate(this.#fd, call.sizeBytes, answer);
    } else if (this.#durableFd === NONE) fs.close(this.#fd, answer);
    else fs.close(this.#durableFd, () => fs.close(this.#fd, answer));
  };

  #sync(call: Call): void {
    fs.fdatasync(this.#fd, (error) => {
      // After a failed one nobody knows what is durable: the next must not be taken for more than it is.
      if (error === null) {
        this.#hasBeenSynced = true;
        this.#hasUnsynced = false;
      }
      this.#finish([call], error);
    });
  }

  /** Takes the writes at the head of the queue that continue each other. */
  #writeGathered(position: number): void {
    const gathered: Call[] = [];
    const buffers: Uint8Array[] = [];
    let end = position;
    for (const call of this.#calls) {
      if (call.kind !== "write" || call.at !== end || buffers.length === GATHER_MAX_BUFFERS) break;
      gathered.push(call);
      buffers.push(call.bytes);
      end += call.bytes.length;
    }
    const next = this.#calls[gathered.length];
    const sync = next?.kind === "sync" && !this.#hasUnsynced ? next : undefined;
    const wantsDurable = this.#avoidsCache
      ? isAligned(position, end)
      : sync !== undefined && this.#hasBeenSynced;
    if (wantsDurable && this.#durableFd === NONE && this.#mayOpenDurable) {
      this.#openDurable();
      return;
    }
    const isDurable = wantsDurable && this.#durableFd !== NONE;
    if (isDurable && sync !== undefined) gathered.push(sync);
    this.#calls.splice(0, gathered.length);
    this.#writeAll(isDurable, buffers, position, end - position, gathered);
  }

  /** By the descriptor, not by the name: the file may have another name by now. */
  #openDurable(): void {
    const { O_WRONLY, O_DSYNC, O_DIRECT } = fs.constants;
    const flags = O_WRONLY | O_DSYNC | (this.#avoidsCache ? O_DIRECT : 0);
    fs.open(`/proc/self/fd/${this.#fd}`, flags, (error, fd) => {
      if (!error) this.#durableFd = fd;
      else if (this.#avoidsCache) this.#avoidsCache = false;
      // Without it (no /proc, no descriptor left) there are two calls as before.
      else this.#mayOpenDurable = false;
      this.#next();
    });
  }

  /** A call may write less than it was asked to (a nearly full disk, a signal): go on until all is written or one fails. */
  #writeAll(
    isDurable: boolean,
    buffers: Uint8Array[],
    position: number,
    bytes: number,
    calls: Call[],
  ): void {
    if (bytes === 0) {
      this.#finish(calls, null);
      return;
    }
    const fd = isDurable ? this.#durableFd : this.#fd;
    if (!isDurable) this.#hasUnsynced = true;
    const answer = (error: Error | null, written: number): void => {
      if (error) this.#refused(isDurable, calls, error);
      else {
        const rest = remainder(buffers, written);
        this.#writeAll(isDurable, rest, position + written, bytes - written, calls);
      }
    };
    const only = buffers[0] as Uint8Array;
    if (buffers.length === 1) fs.write(fd, only, 0, bytes, position, answer);
    else fs.writev(fd, buffers, position, answer);
  }

  #refused(isDurable: boolean, calls: readonly Call[], error: Error): void {
    // After a part of it nobody knows what is durable.
    this.#hasUnsynced = true;
    if (!isDurable || !this.#avoidsCache || !isInvalid(error)) {
      this.#finish(calls, error);
      return;
    }
    // Through the cache. For a part of it that has been written already nothing changes.
    this.#calls.unshift(...calls);
    this.#avoidsCache = false;
    const fd = this.#durableFd;
    this.#durableFd = NONE;
    fs.close(fd, this.#next);
  }

  #finish(calls: readonly Call[], error: Error | null): void {
    for (const call of calls) {
      if (error === null) call.done();
      else call.done(this.#explain(call, error));
    }
    this.#next();
  }

  #explain(call: Call, error: Error): DiskError {
    return toDiskError(call.kind, this.path, error);
  }
}

/** What is left of the buffers when their first bytes have been written. */
function remainder(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = written;
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(skip > 0 ? buffer.subarray(skip) : buffer);
    skip = Math.max(0, skip - buffer.length);
  }
  return rest;
}

function isAligned(start: number, end: number): boolean {
  return start % ALIGNED_BYTES === 0 && end % ALIGNED_BYTES === 0;
}

function isInvalid(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === "EINVAL";
}

function ignore(): void {}
