// Writes snapshots while requests go on. Java: FileSnap.serialize, in the "Snapshot Thread".
//
// A slice a turn: the source appends some nodes, they are checksummed, perhaps compressed, and handed to the disk; the next
// slice waits until the disk has taken them and the turn's requests have been answered. So memory is bounded by a slice,
// and no request waits longer than one takes. The source shows one zxid all the time (tree/snapshot.ts).
//
// The file gets its name when it is whole and durable: temporary name, sync, rename, directory sync. Until then recovery
// and purge do not see it. (Java writes under the final name, over an older one of the same zxid, and does not sync:
// zab-and-known-bugs R14, R36, H10.) A snapshot that cannot be written is given up and removed; the log, which has all
// that would have been in it, goes on.

import { copyBytes } from "../jute/bytes.js";
import { JuteWriter } from "../jute/writer.js";
import {
  LARGE_SNAPSHOT_MIN_BYTES,
  SNAPSHOT_COMPRESSED_SLICE_BYTES,
  SNAPSHOT_SLICE_BYTES,
  SNAPSHOT_SYNC_BYTES,
  SNAPSHOT_SYNC_MAX_BYTES,
  SNAPSHOT_SYNC_SLOW_MS,
} from "../limits.js";
import { ALIGNED_BYTES } from "../platform/cache-use.js";
import type { Clock, DiskError, Logger, WritableFile } from "../platform/platform.js";
import type { SnapshotSource } from "../tree/snapshot.js";
import { hex } from "../wire/ids.js";
import { writeACL } from "../wire/records.js";
import { ADLER32_SEED, adler32 } from "./adler32.js";
import { closed, step, type WritingDisk } from "./disk-steps.js";
import { type SnapshotFile, snapshotName, temporaryName } from "./file-names.js";
import type { StorageSettings } from "./settings.js";
import { type SnapshotEncoder, snapshotEncoder } from "./snapshot-encoding.js";
import { SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from "./snapshot-format.js";
import { SnapshotPace } from "./snapshot-pace.js";
import type { TxnLog } from "./txn-log.js";

type SnapshotSettings = Pick<
  StorageSettings,
  "snapshotCompression" | "snapshotSliceBytes" | "digestEnabled" | "serializeLastProcessedZxid"
>;

export interface WrittenSnapshot extends SnapshotFile {
  readonly sizeBytes: number;
}

/** One that the next waits for (ADR 4), and for which a server rehearses (rehearsal.ts). */
export function isLarge({ sizeBytes }: WrittenSnapshot): boolean {
  return sizeBytes >= LARGE_SNAPSHOT_MIN_BYTES;
}

interface Pace {
  readonly sliceBytes: number;
}

export class SnapshotWriter {
  readonly #disk: WritingDisk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #directory: string;
  readonly #settings: SnapshotSettings;
  readonly #txnLog: TxnLog | undefined;
  #asides = 0;

  constructor(
    context: { disk: WritingDisk; clock: Clock; log: Logger },
    directory: string,
    settings: SnapshotSettings,
    /** Nothing is written while it makes or names a file: every write of clients waits for the name. */
    txnLog?: TxnLog,
  ) {
    this.#txnLog = txnLog;
    this.#disk = context.disk;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#directory = directory;
    this.#settings = settings;
  }

  /** Rejects with DiskError; the source is released either way. */
  async write(source: SnapshotSource): Promise<WrittenSnapshot> {
    const compression = this.#settings.snapshotCompression;
    const zxid = source.lastZxid;
    const name = snapshotName(zxid, compression);
    const path = `${this.#directory}/${name}`;
    const temporaryPath = `${this.#directory}/${temporaryName(name)}`;
    this.#log.info(`Snapshotting: 0x${hex(zxid)} to ${path}`);
    try {
      const sizeBytes = await this.#writeFile(source, temporaryPath);
      await this.#disk.rename(temporaryPath, path);
      await this.#disk.syncDirectory(this.#directory);
      return { name, path, zxid, compression, sizeBytes };
    } catch (error) {
      await this.#disk.remove(temporaryPath).catch(() => {
        // The next start removes it.
      });
      throw error;
    } finally {
      source.release();
    }
  }

  /** Under a name that nobody takes for a snapshot, and that the next start removes. */
  async writeAside(source: SnapshotSource): Promise<WrittenSnapshot> {
    const compression = this.#settings.snapshotCompression;
    const zxid = source.lastZxid;
    const name = `${temporaryName(snapshotName(zxid, compression))}.aside${this.#asides++}`;
    const path = `${this.#directory}/${name}`;
    try {
      if (this.#disk.stat(path) !== undefined) await this.#disk.remove(path);
      const sizeBytes = await this.#writeFile(source, path);
      return { name, path, zxid, compression, sizeBytes };
    } finally {
      source.release();
    }
  }

  /** Returns how many bytes the file has. */
  async #writeFile(source: SnapshotSource, path: string): Promise<number> {
    const file = await this.#disk.openForWriting(path, "create");
    const { snapshotCompression, snapshotSliceBytes } = this.#settings;
    const usualBytes =
      snapshotCompression === "" ? SNAPSHOT_SLICE_BYTES : SNAPSHOT_COMPRESSED_SLICE_BYTES;
    const leastBytes = snapshotSliceBytes || usualBytes;
    const pace = new SnapshotPace(this.#clock, leastBytes);
    const output = new SnapshotOutput(
      this.#disk,
      this.#clock,
      file,
      snapshotEncoder(snapshotCompression),
    );
    try {
      for (const part of snapshotParts(source, this.#settings, output, pace)) {
        const put = output.put(part);
        pace.made();
        await put;
        await pace.untilNext();
        await this.#txnLog?.newFile;
      }
      await output.finish();
      return output.position;
    } finally {
      await output.settled();
      await closed(file);
    }
  }
}

/** The snapshot's bytes, a slice at a time; a slice is valid until the next is asked for. */
export function* snapshotParts(
  source: SnapshotSource,
  settings: SnapshotSettings,
  output: { readonly checksum: number },
  pace: Pace,
): Generator<Buffer> {
  const out = new JuteWriter(pace.sliceBytes + pace.sliceBytes / 4);
  out.int(SNAPSHOT_MAGIC);
  out.int(SNAPSHOT_VERSION);
  out.long(-1);
  yield* snapshotBody(source, out, pace);
  yield* seal(out, output.checksum);
  yield* trailer(out, source, settings, output);
}

/** What a file has between its header and its first seal, and what a learner is sent. */
export function* snapshotBody(
  source: SnapshotSource,
  out: JuteWriter,
  pace: Pace,
): Generator<Buffer> {
  yield* sessions(source, out, pace);
  yield* acls(source, out, pace);
  yield* nodes(source, out, pace);
}

function* sessions(source: SnapshotSource, out: JuteWriter, pace: Pace): Generator<Buffer> {
  out.int(source.sessionCount);
  for (const [id, timeoutMs] of source.sessions()) {
    out.bigLong(id);
    out.int(timeoutMs);
    if (out.length >= pace.sliceBytes) yield* flush(out);
  }
}

function* acls(source: SnapshotSource, out: JuteWriter, pace: Pace): Generator<Buffer> {
  out.int(source.aclCount);
  for (const [id, acl] of source.acls()) {
    out.long(id);
    out.int(acl.length);
    for (const entry of acl) writeACL(out, entry);
    if (out.length >= pace.sliceBytes) yield* flush(out);
  }
}

function* nodes(source: SnapshotSource, out: JuteWriter, pace: Pace): Generator<Buffer> {
  while (source.writeNodes(out, pace.sliceBytes)) yield* flush(out);
  out.string("/");
  yield* flush(out);
}

function* trailer(
  out: JuteWriter,
  source: SnapshotSource,
  settings: SnapshotSettings,
  output: { readonly checksum: number },
): Generator<Buffer> {
  if (settings.digestEnabled) {
    out.long(source.digest?.zxid ?? 0);
    out.int(source.digest?.version ?? 0);
    out.bigLong(source.digest?.digest ?? 0n);
    yield* flush(out);
    yield* seal(out, output.checksum);
  }
  if (settings.serializeLastProcessedZxid) {
    out.long(source.lastZxid);
    yield* flush(out);
    yield* seal(out, output.checksum);
  }
}

function* flush(out: JuteWriter): Generator<Buffer> {
  yield out.view();
  out.reset();
}

function* seal(out: JuteWriter, checksum: number): Generator<Buffer> {
  out.long(checksum);
  out.string("/");
  yield* flush(out);
}

/**
 * The file behind the encoder: position, checksum, and a sync from time to time. While a part is on its way to the disk the next
 * one is made: the sooner a snapshot is there, the less of the log a restart has to replay.
 */
class SnapshotOutput {
  /** Of all bytes of the snapshot so far. */
  checksum = ADLER32_SEED;
  readonly #disk: WritingDisk;
  readonly #clock: Clock;
  readonly #file: WritableFile;
  readonly #encoder: SnapshotEncoder;
  /** Where in the file the next bytes go. */
  position = 0;
  #syncedTo = 0;
  /** From one sync to the next. */
  #syncBytes = SNAPSHOT_SYNC_BYTES;
  /** The part that is being written, and how much of it waits for the next, so that whole pages are written. */
  #part: Buffer = Buffer.alloc(0);
  #waitingBytes = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(disk: WritingDisk, clock: Clock, file: WritableFile, encoder: SnapshotEncoder) {
    this.#disk = disk;
    this.#clock = clock;
    this.#file = file;
    this.#encoder = encoder;
    this.#add(encoder.header());
  }

  /** Resolves when the part before is written; the bytes are copied. Rejects where that one could not be. */
  async put(bytes: Buffer): Promise<void> {
    this.checksum = adler32(bytes, 0, bytes.length, this.checksum);
    const encoded = this.#encoder.encode(bytes);
    await this.#written;
    this.#add(encoded);
    this.#written = this.#writePages();
    // Whoever comes next is told.
    this.#written.catch(() => {});
  }

  /** To what waits. */
  #add(bytes: Buffer): void {
    const end = this.#waitingBytes + bytes.length;
    if (end > this.#part.length) {
      const grown = this.#disk.alignedBuffer(end + ALIGNED_BYTES);
      copyBytes(this.#part.subarray(0, this.#waitingBytes), grown, 0);
      this.#part = grown;
    }
    copyBytes(bytes, this.#part, this.#waitingBytes);
    this.#waitingBytes = end;
  }

  /** All that waits but for the last page, which is not full. */
  async #writePages(): Promise<void> {
    const end = this.#waitingBytes;
    const left = end % ALIGNED_BYTES;
    await this.#write(this.#part.subarray(0, end - left));
    this.#part.copyWithin(0, end - left, end);
    this.#waitingBytes = left;
  }

  /** Nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#written.catch(() => {});
  }

  async finish(): Promise<void> {
    await this.#written;
    this.#add(this.#encoder.finish());
    await this.#writePages();
    await this.#write(this.#part.subarray(0, this.#waitingBytes));
    if (this.#syncedTo < this.position) await step((done) => this.#file.sync(done));
  }

  /** Asked for at once, a write and its sync are one trip to the disk. */
  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const end = this.position + bytes.length;
    const isSynced = end - this.#syncedTo >= this.#syncBytes;
    const startMs = this.#clock.monotonicMs();
    await step((done) => {
      if (!isSynced) {
        this.#file.write(this.position, bytes, done, "avoided");
        return;
      }
      let failure: DiskError | undefined;
      const note = (error?: DiskError) => {
        failure = error;
      };
      this.#file.write(this.position, bytes, note, "avoided");
      this.#file.sync((error) => done(failure ?? error));
    });
    this.position = end;
    if (!isSynced) return;
    this.#syncedTo = end;
    const isSlow = this.#clock.monotonicMs() - startMs > SNAPSHOT_SYNC_SLOW_MS;
    this.#syncBytes = isSlow
      ? Math.min(SNAPSHOT_SYNC_MAX_BYTES, this.#syncBytes * 2)
      : Math.max(SNAPSHOT_SYNC_BYTES, this.#syncBytes / 2);
  }
}
