// Pure computing that node offers: same input, same output, no world behind it. The only way for pure and driven code to
// reach it: those import no node:* module.
//
// Only deterministic functions belong in this file: no asynchronous streams, no callbacks from elsewhere, nothing that
// reads a clock, a file or a random source.

import { createRequire } from "node:module";
import { constants, deflateRawSync } from "node:zlib";
import type { Gunzip } from "minizlib";

export {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  pbkdf2Sync,
  timingSafeEqual,
  verify,
  X509Certificate,
} from "node:crypto";
export { crc32, gunzipSync, gzipSync } from "node:zlib";

/** Raw deflate of these bytes that ends on a byte's boundary and is not the last block: another may be put after it. */
export function deflateBlock(bytes: Uint8Array): Buffer {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
}

/**
 * Inflates gzip piece by piece, in the caller's time. (node:zlib does so only through streams that run elsewhere and answer
 * later, or for a whole file at once; minizlib, which npm unpacks with, drives the same binding synchronously.)
 */
export class StreamingGunzip {
  readonly #stream = newGunzip();
  #output: Buffer[] = [];
  #error: Error | undefined;

  constructor() {
    this.#stream.on("data", (chunk: Buffer) => this.#output.push(chunk));
    this.#stream.on("error", (error: unknown) => {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  /** What these compressed bytes bring to light. They are not kept. Throws on what is not gzip. */
  push(compressed: Buffer): Buffer[] {
    this.#stream.write(Buffer.from(compressed));
    return this.#take();
  }

  /** The rest; throws when the compressed bytes were not whole. */
  finish(): Buffer[] {
    this.#stream.end();
    return this.#take();
  }

  #take(): Buffer[] {
    if (this.#error !== undefined) throw this.#error;
    const output = this.#output;
    this.#output = [];
    return output;
  }
}

/** Loaded when the first gz snapshot is read: a tenth of the time in which a server starts, and few ever need it. */
function newGunzip(): Gunzip {
  const minizlib = createRequire(import.meta.url)("minizlib") as typeof import("minizlib");
  return new minizlib.Gunzip({});
}
