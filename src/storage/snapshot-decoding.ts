// The bytes of a snapshot out of those of its file, piece by piece. Java: SnapStream.getInputStream.
//
// Whatever is wrong with the compression is StorageDamage. No piece is larger than a page, whatever the file claims.

import { STORAGE_READ_PAGE_BYTES } from "../limits.js";
import type { Disk, ReadableFile } from "../platform/platform.js";
import { StreamingGunzip } from "../platform/pure-node.js";
import type { Compression } from "./file-names.js";
import {
  SNAPPY_BLOCK_MAX_BYTES,
  snappyContentBytes,
  snappyUncompress,
  XERIAL_HEADER_BYTES,
  XERIAL_MAGIC,
} from "./snappy.js";
import { StorageDamage } from "./storage-damage.js";

export interface SnapshotBytes {
  /** There are no more than so many. */
  readonly mostBytes: number;
  /** Fills `target` from `start` on as far as it goes; how many bytes came, 0 only at the end. */
  read(target: Buffer, start: number): number;
  /** As that of the file. */
  ahead(): Promise<void> | undefined;
  close(): void;
}

export function openSnapshotBytes(
  disk: Disk,
  path: string,
  compression: Compression,
): SnapshotBytes {
  const file = disk.openForReading(path, "avoided");
  if (compression === "gz") return new PieceBytes(file, gunzipPieces(file));
  if (compression === "snappy") return new PieceBytes(file, snappyPieces(file));
  return new PlainBytes(file);
}

class PlainBytes implements SnapshotBytes {
  readonly mostBytes: number;
  readonly #file: ReadableFile;
  #position = 0;

  constructor(file: ReadableFile) {
    this.mostBytes = file.sizeBytes;
    this.#file = file;
  }

  read(target: Buffer, start: number): number {
    const count = this.#file.read(this.#position, target.subarray(start));
    this.#position += count;
    return count;
  }

  ahead(): Promise<void> | undefined {
    return this.#file.ahead();
  }

  close(): void {
    this.#file.close();
  }
}

/** Hands out what a decompressor produces, which comes in pieces of its own size. */
class PieceBytes implements SnapshotBytes {
  readonly mostBytes = Number.POSITIVE_INFINITY;
  readonly #file: ReadableFile;
  readonly #pieces: Iterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(file: ReadableFile, pieces: Iterator<Buffer>) {
    this.#file = file;
    this.#pieces = pieces;
  }

  read(target: Buffer, start: number): number {
    while (this.#used === this.#piece.length) {
      const next = this.#pieces.next();
      if (next.done) return 0;
      this.#piece = next.value;
      this.#used = 0;
    }
    const count = this.#piece.copy(target, start, this.#used);
    this.#used += count;
    return count;
  }

  ahead(): Promise<void> | undefined {
    return this.#file.ahead();
  }

  close(): void {
    this.#file.close();
  }
}

function* gunzipPieces(file: ReadableFile): Generator<Buffer> {
  const gunzip = new StreamingGunzip();
  const page = Buffer.allocUnsafe(STORAGE_READ_PAGE_BYTES / 16);
  try {
    for (let position = 0; ; ) {
      const count = file.read(position, page);
      if (count === 0) break;
      position += count;
      yield* gunzip.push(page.subarray(0, count));
    }
    yield* gunzip.finish();
  } catch (error) {
    throw new StorageDamage(`Not in gzip format: ${(error as Error).message}`);
  }
}

function* snappyPieces(file: ReadableFile): Generator<Buffer> {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  const count = file.read(0, header);
  if (count < header.length || header.compare(XERIAL_MAGIC, 0, 8, 0, 8) !== 0) {
    throw new StorageDamage("Not in snappy format");
  }
  const length = Buffer.alloc(4);
  let block: Buffer = Buffer.alloc(0);
  let content: Buffer = Buffer.alloc(0);
  for (let position = XERIAL_HEADER_BYTES; ; ) {
    const got = file.read(position, length);
    if (got === 0) return;
    const blockBytes = length.readInt32BE(0);
    if (
      got < 4 ||
      blockBytes <= 0 ||
      blockBytes > Math.min(SNAPPY_BLOCK_MAX_BYTES, file.sizeBytes)
    ) {
      throw new StorageDamage(`A snappy block has a length of ${blockBytes} bytes`);
    }
    if (block.length < blockBytes) block = Buffer.allocUnsafe(blockBytes);
    const compressed = block.subarray(0, blockBytes);
    if (file.read(position + 4, compressed) < blockBytes) throw new StorageDamage("Cut short");
    position += 4 + blockBytes;
    const contentBytes = snappyContentBytes(compressed);
    if (contentBytes > SNAPPY_BLOCK_MAX_BYTES) {
      throw new StorageDamage(`A snappy block claims ${contentBytes} bytes`);
    }
    if (content.length < contentBytes) content = Buffer.allocUnsafe(contentBytes);
    const piece = content.subarray(0, contentBytes);
    snappyUncompress(compressed, piece);
    yield piece;
  }
}
