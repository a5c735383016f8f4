// A file that is being written: a queue of calls, of which one at a time is under way.
//
// The order in which calls were made is the order in which they reach the disk. Several threads could otherwise turn a
// write and the sync after it around, and a sync would then answer for bytes that were not yet there.
//
// The queue is looked at when a sync is asked for, or else when the code that filled it has returned: so writes that follow one
// another in the file go out as one system call.
//
// Where writes are followed by a sync and nothing else is unsynced, both are one system call and one trip through the
// thread pool instead of two: a write to a second descriptor of the same file, opened with O_DSYNC, which answers when
// the bytes are durable (and the file's length as far as they need it), as a write and an fdatasync would. It is opened when
// a file that has been synced once is written and synced again, which is the transaction log. Linux only: elsewhere
// O_DSYNC is missing or does not reach through the drive's cache.
//
// Whole pages that are to avoid the cache go to a third descriptor, with O_DSYNC and O_DIRECT: the disk takes the bytes from where
// they lie, for a third of what it costs to copy them into memory that the system must find first. Where file system or memory
// do not allow it (EINVAL), all is as without.
//
// Invariant: a write to a descriptor with O_DSYNC answers a sync only while `#hasUnsynced` is false: it makes nothing durable but
// its own bytes.

import * as fs from "node:fs";
import { Queue } from "../../queue.js";
import { ALIGNED_BYTES, type CacheUse } from "../cache-use.js";
import type { DiskDone, WritableFile } from "../platform.js";
import { toDiskError } from "./errors.js";
import { SYSTEM_CALLS, type SystemCalls } from "./system-calls.js";

/** IOV_MAX on Linux: more buffers than this in one call would be refused. */
const GATHER_MAX_BUFFERS = 1024;

/** A descriptor that is not there. */
const NONE = -1;

const NOTHING = new Uint8Array(0);

/** What is done after it waits for the code that runs, as process.nextTick does for several times as much. */
const RETURNED = Promise.resolve();

/** One shape for all four kinds: the log's calls are made thousands of times a second. */
interface Call {
  readonly kind: "write" | "sync" | "truncate" | "close";
  /** Where a write begins, or how long the file is to be. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly cache: CacheUse;
  readonly done: DiskDone;
}

/** Of the same file. */
interface OtherDescriptor {
  readonly flags: number;
  fd: number;
  /** Until the system has refused it. */
  isPossible: boolean;
}

function otherDescriptor(flags: number): OtherDescriptor {
  return {
    flags: fs.constants.O_WRONLY | flags,
    fd: NONE,
    isPossible: process.platform === "linux",
  };
}

export class NodeWritableFile implements WritableFile {
  path: string;
  readonly #fd: number;
  readonly #system: SystemCalls;
  /** The same file, with O_DSYNC. */
  readonly #durable = otherDescriptor(fs.constants.O_DSYNC);
  /** And with O_DIRECT, too. */
  readonly #direct = otherDescriptor(fs.constants.O_DSYNC | fs.constants.O_DIRECT);
  #hasBeenSynced = false;
  #hasUnsynced = true;
  readonly #calls = new Queue<Call>();
  #isScheduled = false;
  #isClosed = false;

  #isBusy = false;
  /** What is answered when the disk has answered. */
  #underWay: Call[] = [];
  /** What the disk has not taken of a write. */
  #buffers: Uint8Array[] = [];
  #position = 0;
  #leftBytes = 0;
  /** By which it goes: what goes by one is durable when the disk has taken it. Undefined: by the file's own. */
  #by: OtherDescriptor | undefined;

  constructor(path: string, fd: number, system: SystemCalls = SYSTEM_CALLS) {
    this.#system = system;
    this.path = path;
    this.#fd = fd;
  }

  write(position: number, bytes: Uint8Array, done: DiskDone, cache: CacheUse = "wanted"): void {
    this.#add({ kind: "write", at: position, bytes, cache, done });
    this.#schedule();
  }

  sync(done: DiskDone): void {
    this.#add({ kind: "sync", at: 0, bytes: NOTHING, cache: "wanted", done });
    this.#next();
  }

  truncate(sizeBytes: number, done: DiskDone): void {
    this.#add({ kind: "truncate", at: sizeBytes, bytes: NOTHING, cache: "wanted", done });
    this.#schedule();
  }

  close(done: DiskDone = ignore): void {
    this.#add({ kind: "close", at: 0, bytes: NOTHING, cache: "wanted", done });
    this.#isClosed = true;
    this.#schedule();
  }

  #add(call: Call): void {
    // Of a closed descriptor's number another file may be the owner by now.
    if (this.#isClosed) throw new Error(`Cannot ${call.kind} "${this.path}": it has been closed`);
    this.#calls.push(call);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isBusy) return;
    this.#isScheduled = true;
    void RETURNED.then(this.#scheduled);
  }

  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.#next();
  };

  #next(): void {
    if (this.#isBusy) return;
    const call = this.#calls.first;
    if (call === undefined) return;
    this.#isBusy = true;
    if (call.kind === "write") {
      this.#gather(call.at, call.cache);
      return;
    }
    this.#calls.take();
    this.#underWay.push(call);
    if (call.kind === "sync") this.#system.fdatasync(this.#fd, this.#synced);
    else if (call.kind === "truncate") {
      this.#hasUnsynced = true;
      this.#system.ftruncate(this.#fd, call.at, this.#finish);
    } else this.#close([this.#direct.fd, this.#durable.fd]);
  }

  /** The file's own last: what that says is the answer. */
  #close(others: number[]): void {
    const fd = others.pop();
    if (fd === undefined) this.#system.close(this.#fd, this.#finish);
    else if (fd === NONE) this.#close(others);
    else this.#system.close(fd, () => this.#close(others));
  }

  /** Takes the writes at the head of the queue that continue each other. */
  #gather(position: number, cache: CacheUse): void {
    let end = position;
    let next = this.#calls.first;
    while (
      next?.kind === "write" &&
      next.at === end &&
      next.cache === cache &&
      this.#buffers.length < GATHER_MAX_BUFFERS
    ) {
      this.#underWay.push(next);
      this.#buffers.push(next.bytes);
      end += next.bytes.length;
      this.#calls.take();
      next = this.#calls.first;
    }
    this.#position = position;
    this.#leftBytes = end - position;
    const other = this.#otherFor(position, end, cache);
    if (other !== undefined && other.fd === NONE) this.#open(other);
    else this.#write(other);
  }

  #otherFor(position: number, end: number, cache: CacheUse): OtherDescriptor | undefined {
    const { isPossible } = this.#direct;
    if (isPossible && cache === "avoided" && isAligned(position, end)) return this.#direct;
    const isAnswer = this.#hasBeenSynced && this.#answeredToo() !== undefined;
    return isAnswer && this.#durable.isPossible ? this.#durable : undefined;
  }

  /** By the file's descriptor, not by its name: it may have another name by now. */
  #open(other: OtherDescriptor): void {
    this.#system.open(`/proc/self/fd/${this.#fd}`, other.flags, (error, fd) => {
      if (!error) other.fd = fd;
      // Without it (no /proc, no descriptor left, a file system that does not know O_DIRECT) there are two calls.
      else other.isPossible = false;
      this.#write(error ? undefined : other);
    });
  }

  #write(other: OtherDescriptor | undefined): void {
    this.#by = other;
    const sync = other === undefined ? undefined : this.#answeredToo();
    if (sync !== undefined) {
      this.#underWay.push(sync);
      this.#calls.take();
    }
    this.#writeLeft();
  }

  /** The sync behind a write, if it wants nothing durable but what that has. */
  #answeredToo(): Call | undefined {
    const next = this.#calls.first;
    return next?.kind === "sync" && !this.#hasUnsynced ? next : undefined;
  }

  #writeLeft(): void {
    const by = this.#by;
    if (by === undefined) this.#hasUnsynced = true;
    const fd = by?.fd ?? this.#fd;
    const only = this.#buffers[0] as Uint8Array;
    if (this.#buffers.length > 1)
      this.#system.writev(fd, this.#buffers, this.#position, this.#written);
    else this.#system.write(fd, only, 0, only.length, this.#position, this.#written);
  }

  /** A call may write less than it was asked to (a nearly full disk, a signal): go on until all is written or one fails. */
  readonly #written = (error: Error | null, written: number): void => {
    if (error !== null) {
      this.#refused(error);
      return;
    }
    this.#leftBytes -= written;
    if (this.#leftBytes === 0) {
      this.#buffers = [];
      this.#answerOrSync();
      return;
    }
    this.#position += written;
    this.#buffers = remainder(this.#buffers, written);
    this.#writeLeft();
  };

  /** A sync that is answered with its write although that was not durable: it was to avoid the cache, and was refused. */
  #answerOrSync(): void {
    const last = this.#underWay.at(-1);
    if (last?.kind === "sync" && this.#by === undefined)
      this.#system.fdatasync(this.#fd, this.#synced);
    else this.#finish(null);
  }

  #refused(error: Error): void {
    // After a part of it nobody knows what is durable.
    this.#hasUnsynced = true;
    const direct = this.#direct;
    if (this.#by !== direct || !isInvalid(error)) {
      this.#buffers = [];
      this.#finish(error);
      return;
    }
    // Through the cache. For a part of it that has been written already nothing changes.
    direct.isPossible = false;
    this.#by = undefined;
    const { fd } = direct;
    direct.fd = NONE;
    this.#system.close(fd, () => this.#writeLeft());
  }

  readonly #synced = (error: Error | null): void => {
    // After a failed one nobody knows what is durable: the next must not be taken for more than it is.
    if (error === null) {
      this.#hasBeenSynced = true;
      this.#hasUnsynced = false;
    }
    this.#finish(error);
  };

  readonly #finish = (error: Error | null): void => {
    const calls = this.#underWay;
    this.#underWay = [];
    for (const call of calls) {
      if (error === null) call.done();
      else call.done(toDiskError(call.kind, this.path, error));
    }
    this.#isBusy = false;
    this.#next();
  };
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
