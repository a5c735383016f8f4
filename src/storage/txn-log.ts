// Writes transactions to the log and makes them durable. Java: FileTxnLog and the disk half of SyncRequestProcessor.
//
// What is appended is gathered in memory, framed as it will be on disk. A flush takes all that was gathered: one write, one
// sync. While that is under way the next gathers; it starts when the disk has answered. So every flush finds the one before
// it durable, and a power cut can only tear the last.
//
// A new file is made under another name, with a header that is durable (next-log.ts). It gets its name, and the directory is synced,
// while its first records are written; both are done before one of them may be acknowledged (Java creates it under its name, empty,
// and syncs no directory; see zab-and-known-bugs R70, H4).
//
// Small batches write zeros behind them, once for many: into the first blocks of a file's hole a sync has to write the file
// system's journal, too, and into blocks that are there it has not. Readers see no difference: a hole is zeros.
//
// Large batches go past the system's cache (log-pages.ts).
//
// The first failed call fences the log: everything that waits, and whatever comes later, fails, and nothing is tried again,
// because after a failed sync nobody knows what is on disk (R30, "fsyncgate").
//
// Invariant: syncedZxid <= appendedZxid, and the zxids that are appended have no gap.

import { assert } from "../errors.js";
import { LOG_FILL_BYTES } from "../limits.js";
import { reached } from "../marks.js";
import { ALIGNED_BYTES } from "../platform/cache-use.js";
import type { Clock, DiskDone, DiskError, Logger, WritableFile } from "../platform/platform.js";
import { Queue } from "../queue.js";
import { counterOf, epochOf, hex0x, ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { step, type WritingDisk } from "./disk-steps.js";
import { logName } from "./file-names.js";
import { GatherBuffer } from "./gather-buffer.js";
import { LOG_HEADER_BYTES, paddedSize, zxidOfPayload } from "./log-format.js";
import { LogPages } from "./log-pages.js";
import { NextLog } from "./next-log.js";
import type { StorageObserver, StorageSettings } from "./settings.js";

export type Flushed = (error?: DiskError) => void;

type LogSettings = Pick<
  StorageSettings,
  | "preAllocBytes"
  | "txnLogSizeLimitBytes"
  | "txnLogDirectMinBytes"
  | "forceSync"
  | "fsyncWarningThresholdMs"
  | "serverId"
>;

/** A batch of at least this much is worth its own journal entry: filled ahead, the disk would only write everything twice. */
const SMALL_BATCH_BYTES = LOG_FILL_BYTES / 8;

/** Whether a log may continue with `next` after `last`: the next in the epoch, or the first of a later one. */
export function follows(last: Zxid, next: Zxid): boolean {
  return next === last + 1 || (counterOf(next) === 1 && epochOf(next) > epochOf(last));
}

export class TxnLog {
  appendedZxid: Zxid = ZXID_ZERO;
  syncedZxid: Zxid = ZXID_ZERO;
  /** Of all files since the last `resetTotals`: what Java counts towards snapSizeLimitInKb and snapCount. */
  totalBytes = 0;
  totalTxns = 0;
  lastSyncMs = -1;
  /** While a file is made, and while it gets its name, for which all that is appended waits: until that is done, or has failed. */
  newFile: Promise<void> | undefined;

  readonly #disk: WritingDisk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #directory: string;
  readonly #settings: LogSettings;
  readonly #observer: StorageObserver;
  readonly #onFatal: (error: DiskError) => void;

  readonly #next: NextLog;
  readonly #pages: LogPages;
  readonly #zeros: Buffer;
  #file: WritableFile | undefined;
  #path = "";
  #fileSize = 0;
  #position = 0;
  /** Up to here the file has blocks of the disk, not only a length. */
  #filledTo = 0;
  /** Here the next file could not be made: it is tried again when as much has come as a file may have. */
  #refusedAt = 0;
  #gathering = new GatherBuffer();
  #spare: GatherBuffer | undefined = new GatherBuffer();
  /** Full, or followed by a new file: they go before what is being gathered. */
  readonly #full = new Queue<GatherBuffer>();
  #inFlight: GatherBuffer | undefined;
  #flushWanted = false;
  #rollWanted = true;
  #fenced: DiskError | undefined;

  constructor(
    context: { disk: WritingDisk; clock: Clock; log: Logger; observer: StorageObserver },
    directory: string,
    settings: LogSettings,
    onFatal: (error: DiskError) => void,
  ) {
    this.#disk = context.disk;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#observer = context.observer;
    this.#directory = directory;
    this.#settings = settings;
    this.#onFatal = onFatal;
    this.#pages = new LogPages(context.disk, settings.txnLogDirectMinBytes);
    this.#zeros = context.disk.alignedBuffer(LOG_FILL_BYTES);
    this.#next = new NextLog(context.disk, directory, settings.preAllocBytes);
  }

  get fenced(): boolean {
    return this.#fenced !== undefined;
  }

  /** The log goes on after `zxid`, in a new file. Nothing may be under way. */
  continueAfter(zxid: Zxid): void {
    assert(this.#inFlight === undefined && this.#gathering.length === 0, "Cannot move a busy log");
    this.#file?.close();
    this.#file = undefined;
    this.newFile = undefined;
    this.#rollWanted = true;
    this.appendedZxid = zxid;
    this.syncedZxid = zxid;
  }

  /** Takes the record in (TxnHeader, txn, digest: it is copied). It is on disk when a later `flush` is done. */
  append(record: Buffer, zxid: Zxid): void {
    const last = this.appendedZxid;
    if (!follows(last, zxid)) assert(false, `Cannot log zxid ${hex0x(zxid)} after ${hex0x(last)}`);
    assert(
      zxidOfPayload(record, 0) === zxid,
      "Cannot log a record under another zxid than its own",
    );
    if (this.#fenced !== undefined) return;
    if (!this.#gathering.hasRoom(record.length)) this.#startNextBuffer();
    const gathering = this.#gathering;
    if (this.#rollWanted) {
      gathering.beginFile(zxid);
      this.#rollWanted = false;
    }
    gathering.add(record, zxid);
    this.appendedZxid = zxid;
    this.totalTxns++;
    this.totalBytes += record.length;
  }

  /** `done` is called when everything appended before is durable, or with the error after which nothing ever will be. */
  flush(done: Flushed): void {
    if (this.#fenced !== undefined) {
      const error = this.#fenced;
      this.#clock.atTurnEnd(() => done(error));
      return;
    }
    const last = this.#gathering.length > 0 ? this.#gathering : (this.#full.last ?? this.#inFlight);
    if (last === undefined) {
      this.#clock.atTurnEnd(() => done());
      return;
    }
    last.waiting.push(done);
    if (last === this.#gathering) this.#flushWanted = true;
    this.#writeNext();
  }

  /** A new file is made, and what is appended once that is done goes into it. */
  roll(): void {
    if (this.#rollWanted || this.newFile !== undefined) return;
    const making: Promise<void> = this.#next.make().then(
      () => this.#nextMade(making),
      (error: DiskError) => this.#nextFailed(making, error),
    );
    this.newFile = making;
  }

  resetTotals(): void {
    this.totalBytes = 0;
    this.totalTxns = 0;
  }

  close(done: () => void): void {
    this.flush(() => {
      const file = this.#file;
      this.#file = undefined;
      this.#rollWanted = true;
      void this.#next.discard().then(() => {
        if (file === undefined) done();
        else file.close(() => done());
      });
    });
  }

  #nextMade(making: Promise<void>): void {
    // It may not be wanted any more: `continueAfter` begins a new file itself.
    if (this.newFile !== making) return;
    this.newFile = undefined;
    if (this.#gathering.length > 0) this.#startNextBuffer();
    this.#rollWanted = true;
  }

  #nextFailed(making: Promise<void>, error: DiskError): void {
    if (this.newFile !== making) return;
    this.newFile = undefined;
    this.#refusedAt = this.#position;
    reached("log: the next file cannot be made");
    this.#log.warn(
      `Cannot make a new log file: ${error.message}. The log goes on in "${this.#path}"`,
    );
  }

  #startNextBuffer(): void {
    this.#full.push(this.#gathering);
    this.#gathering = this.#emptyBuffer();
  }

  #emptyBuffer(): GatherBuffer {
    const buffer = this.#spare ?? new GatherBuffer();
    this.#spare = undefined;
    return buffer;
  }

  #writeNext(): void {
    if (this.#inFlight !== undefined || this.#fenced !== undefined) return;
    let next = this.#full.take();
    if (next === undefined) {
      if (!this.#flushWanted || this.#gathering.length === 0) return;
      next = this.#gathering;
      this.#flushWanted = false;
      this.#gathering = this.#emptyBuffer();
    }
    this.#inFlight = next;
    if (next.beginsFile) this.#writeNewFile(next);
    else this.#writeToFile(next);
  }

  #written(buffer: GatherBuffer): void {
    this.syncedZxid = buffer.lastZxid;
    this.#position += buffer.length;
    this.#fileSize = Math.max(this.#fileSize, this.#position);
    const waiting = buffer.takeWaiting();
    buffer.reset();
    this.#inFlight = undefined;
    this.#spare = buffer;
    const limit = this.#settings.txnLogSizeLimitBytes;
    if (limit > 0 && this.#position - this.#refusedAt > limit) this.roll();
    this.#writeNext();
    for (const done of waiting) done();
  }

  #writeToFile(buffer: GatherBuffer): void {
    const file = this.#file;
    assert(file !== undefined, "Log file is not open");
    let failure: DiskError | undefined;
    const noteFailure = (error?: DiskError) => {
      failure ??= error;
    };
    const size = this.#paddedFor(buffer);
    if (size !== this.#fileSize) file.truncate(size, noteFailure);
    this.#fileSize = size;
    const finish = (error?: DiskError) => {
      noteFailure(error);
      if (failure !== undefined) this.#fence(failure);
      else this.#written(buffer);
    };
    if (!this.#settings.forceSync) {
      file.write(this.#position, buffer.view(), finish);
      return;
    }
    // Of the write, too: the platform may make one call of both, and a disk that stalls stalls either.
    const startMs = this.#clock.monotonicMs();
    this.#write(file, buffer, noteFailure);
    file.sync((error) => {
      this.#noteSync(startMs);
      finish(error);
    });
  }

  #write(file: WritableFile, buffer: GatherBuffer, done: DiskDone): void {
    const position = this.#position;
    const batch = buffer.view();
    const pages = this.#pages.add(position, batch, this.#fileSize);
    const cache = pages === undefined ? "wanted" : "avoided";
    const at = pages === undefined ? position : position - (position % ALIGNED_BYTES);
    const bytes = pages ?? batch;
    file.write(at, bytes, done, cache);
    const end = at + bytes.length;
    if (end <= this.#filledTo) return;
    const room = Math.max(0, this.#fileSize - end);
    const fill = batch.length < SMALL_BATCH_BYTES ? Math.min(LOG_FILL_BYTES, room) : 0;
    if (fill > 0) file.write(end, this.#zeros.subarray(0, fill), done, cache);
    this.#filledTo = end + fill;
  }

  #writeNewFile(buffer: GatherBuffer): void {
    const name = logName(buffer.firstZxid);
    this.#log.info(`Creating new log file: ${name}`);
    this.#file?.close();
    this.#file = undefined;
    this.newFile = this.#beginFile(buffer, name).then(
      () => {
        this.newFile = undefined;
        this.#written(buffer);
      },
      (error: DiskError) => {
        this.newFile = undefined;
        this.#fence(error);
      },
    );
  }

  /** The records and the name, at once. */
  async #beginFile(buffer: GatherBuffer, name: string): Promise<void> {
    this.#path = `${this.#directory}/${name}`;
    const made = await this.#next.take();
    const { file } = made;
    this.#file = file;
    this.#position = 0;
    this.#refusedAt = 0;
    this.#fileSize = made.sizeBytes;
    this.#filledTo = made.filledBytes;
    this.#pages.begin(buffer.view());
    const size = this.#paddedFor(buffer);
    const isLonger = size > this.#fileSize;
    this.#fileSize = size;
    await Promise.all([
      isLonger ? step((done) => file.truncate(size, done)) : undefined,
      step((done) => file.write(0, buffer.view(), done)),
      step((done) => file.sync(done)),
      this.#giveName(file),
    ]);
  }

  async #giveName(file: WritableFile): Promise<void> {
    await this.#disk.rename(file.path, this.#path);
    file.path = this.#path;
    await this.#disk.syncDirectory(this.#directory);
  }

  /** How long the file is to be when the buffer is written: by Java's rule, and never shorter than what is in it. */
  #paddedFor(buffer: GatherBuffer): number {
    const preAlloc = this.#settings.preAllocBytes;
    const start = Math.max(this.#position, LOG_HEADER_BYTES);
    const size = paddedSize(start, this.#fileSize, preAlloc);
    const end = this.#position + buffer.length;
    return end > size ? paddedSize(end, size, preAlloc) : size;
  }

  #noteSync(startMs: number): void {
    const elapsedMs = Math.floor(this.#clock.monotonicMs() - startMs);
    this.lastSyncMs = elapsedMs;
    const slow = elapsedMs > this.#settings.fsyncWarningThresholdMs;
    this.#observer.synced(elapsedMs, slow);
    if (!slow) return;
    this.#log.warn(
      `fsync-ing the write ahead log in SyncThread:${this.#settings.serverId} took ${elapsedMs}ms which will adversely effect operation latency.` +
        `File size is ${this.#fileSize} bytes. See the ZooKeeper troubleshooting guide`,
    );
  }

  #fence(error: DiskError): void {
    if (this.#fenced !== undefined) return;
    this.#fenced = error;
    reached("log: a failure fences it");
    this.#log.error(
      `Cannot write transactions ${hex0x(this.syncedZxid + 1)} and later to "${this.#path}": ${error.message}. ` +
        "Nothing more is acknowledged; what was acknowledged is on disk",
    );
    const buffers = [this.#inFlight, ...this.#full.toArray(), this.#gathering];
    this.#file?.close();
    this.#file = undefined;
    this.#onFatal(error);
    for (const buffer of buffers) for (const done of buffer?.takeWaiting() ?? []) done(error);
  }
}
