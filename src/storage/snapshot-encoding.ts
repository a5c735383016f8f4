// How the bytes of a snapshot become those of its file: as they are, gzip, or snappy. Java: SnapStream.
//
// The checksum is always that of the snapshot's own bytes: Java's CheckedOutputStream lies around the compressing stream.

import { crc32, deflateBlock } from "../platform/pure-node.js";
import type { Compression } from "./file-names.js";
import {
  SNAPPY_BLOCK_BYTES,
  SnappyCompressor,
  snappyMaxCompressedBytes,
  xerialHeader,
} from "./snappy.js";

/** Takes the snapshot's bytes in order, gives the file's bytes in order. */
export interface SnapshotEncoder {
  /** Before everything else. */
  header(): Buffer;
  /** The result is valid until the next call, and may be the argument. */
  encode(bytes: Buffer): Buffer;
  /** After everything else. */
  finish(): Buffer;
}

export function snapshotEncoder(compression: Compression): SnapshotEncoder {
  if (compression === "gz") return new GzipEncoder();
  if (compression === "snappy") return new SnappyEncoder();
  return PLAIN;
}

const NOTHING = Buffer.alloc(0);

const PLAIN: SnapshotEncoder = {
  header: () => NOTHING,
  encode: (bytes) => bytes,
  finish: () => NOTHING,
};

/** One gzip member: header, deflate blocks that are flushed to a byte's end, an empty last block, CRC and length. */
class GzipEncoder implements SnapshotEncoder {
  #crc = 0;
  #length = 0;

  header(): Buffer {
    // Magic, deflate, no flags, no time, no extra flags, unknown system: as java.util.zip.GZIPOutputStream.
    return Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
  }

  encode(bytes: Buffer): Buffer {
    this.#crc = crc32(bytes, this.#crc);
    this.#length = (this.#length + bytes.length) % 2 ** 32;
    return deflateBlock(bytes);
  }

  finish(): Buffer {
    const end = Buffer.alloc(10);
    end[0] = 3;
    end.writeUInt32LE(this.#crc, 2);
    end.writeUInt32LE(this.#length, 6);
    return end;
  }
}

/** xerial's stream: blocks of 32 KB, each compressed for itself. */
class SnappyEncoder implements SnapshotEncoder {
  readonly #compressor = new SnappyCompressor();
  readonly #pending = Buffer.allocUnsafe(SNAPPY_BLOCK_BYTES);
  #pendingLength = 0;
  #out = NOTHING;

  header(): Buffer {
    return xerialHeader();
  }

  encode(bytes: Buffer): Buffer {
    const blocks = Math.ceil((this.#pendingLength + bytes.length) / SNAPPY_BLOCK_BYTES);
    const room = blocks * (4 + snappyMaxCompressedBytes(SNAPPY_BLOCK_BYTES));
    if (this.#out.length < room) this.#out = Buffer.allocUnsafe(room);
    let to = 0;
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, SNAPPY_BLOCK_BYTES - this.#pendingLength);
      bytes.copy(this.#pending, this.#pendingLength, at, at + count);
      this.#pendingLength += count;
      at += count;
      if (this.#pendingLength === SNAPPY_BLOCK_BYTES) to = this.#writeBlock(to);
    }
    return this.#out.subarray(0, to);
  }

  finish(): Buffer {
    if (this.#pendingLength === 0) return NOTHING;
    this.#out = Buffer.allocUnsafe(4 + snappyMaxCompressedBytes(this.#pendingLength));
    return this.#out.subarray(0, this.#writeBlock(0));
  }

  #writeBlock(to: number): number {
    const out = this.#out;
    const end = this.#compressor.compress(this.#pending, 0, this.#pendingLength, out, to + 4);
    out.writeUInt32BE(end - to - 4, to);
    this.#pendingLength = 0;
    return end;
  }
}
