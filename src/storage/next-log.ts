// The log's next file, made while the one before is still written to: with header, length, and blocks of the disk for its first
// records, all of it durable. What waits for a new file then waits for its name only. Java: FileTxnLog makes a file when its first
// record is to be written.
//
// Until it has its name nobody takes it for a log, and the next start removes it. From then on it is at worst a log without
// records, as Java's are for a while.

import { LOG_FILL_BYTES } from "../limits.js";
import type { WritableFile } from "../platform/platform.js";
import { discardTemporary, step, type WritingDisk } from "./disk-steps.js";
import { temporaryName } from "./file-names.js";
import { LOG_HEADER_BYTES, paddedSize, writeLogHeader } from "./log-format.js";

/** There is one at a time, and nobody knows yet with which zxid it begins. */
const NAME = temporaryName("log.next");

const HEADER_AND_ZEROS = Buffer.alloc(LOG_FILL_BYTES);
writeLogHeader(HEADER_AND_ZEROS);

export interface MadeLog {
  readonly file: WritableFile;
  readonly sizeBytes: number;
  /** Up to here it has blocks of the disk, not only a length. */
  readonly filledBytes: number;
}

export class NextLog {
  readonly #disk: WritingDisk;
  readonly #path: string;
  readonly #sizeBytes: number;
  #made: Promise<MadeLog> | undefined;

  constructor(disk: WritingDisk, directory: string, preAllocBytes: number) {
    this.#disk = disk;
    this.#path = `${directory}/${NAME}`;
    // As in Java, where the header is written before the file is padded: a new file has 64 MB and 16 bytes.
    this.#sizeBytes = paddedSize(LOG_HEADER_BYTES, LOG_HEADER_BYTES, preAllocBytes);
  }

  /** Rejects with DiskError, and may be asked again. */
  async make(): Promise<void> {
    this.#made ??= this.#make();
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  /** It is the caller's from here on. */
  async take(): Promise<MadeLog> {
    const made = this.#made ?? this.#make();
    this.#made = undefined;
    return made;
  }

  async discard(): Promise<void> {
    const made = await this.#made?.catch(() => undefined);
    this.#made = undefined;
    if (made !== undefined) await discardTemporary(this.#disk, made.file);
  }

  async #make(): Promise<MadeLog> {
    const disk = this.#disk;
    const path = this.#path;
    const sizeBytes = this.#sizeBytes;
    const filledBytes = Math.min(LOG_FILL_BYTES, sizeBytes);
    if (disk.stat(path) !== undefined) await disk.remove(path);
    const file = await disk.openForWriting(path, "create");
    try {
      await Promise.all([
        step((done) => file.truncate(sizeBytes, done)),
        step((done) => file.write(0, HEADER_AND_ZEROS.subarray(0, filledBytes), done)),
        step((done) => file.sync(done)),
      ]);
    } catch (error) {
      await discardTemporary(disk, file);
      throw error;
    }
    return { file, sizeBytes, filledBytes };
  }
}
