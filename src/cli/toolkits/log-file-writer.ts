// Writes a log file from its beginning to its end, as long as Java makes it. Java: FilePadding.

import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { toDiskError } from "../../platform/node/errors.js";
import { paddedSize } from "../../storage/log-format.js";

const PAGE_BYTES = 256 * 1024;

export class LogFileWriter {
  readonly #fd: number;
  readonly #preAllocBytes: number;
  readonly #page = Buffer.allocUnsafe(PAGE_BYTES);
  #pending = 0;
  #position = 0;
  /** As far as the file has been made longer ahead. */
  #size = 0;

  /** Overwrites what is there. */
  constructor(path: string, preAllocBytes: number) {
    try {
      this.#fd = openSync(path, "w");
    } catch (error) {
      throw toDiskError("create", path, error);
    }
    this.#preAllocBytes = preAllocBytes;
  }

  header(bytes: Buffer): void {
    this.write(bytes);
    this.#size = this.#position;
  }

  /** Before a record. */
  pad(): void {
    const size = paddedSize(this.#position, this.#size, this.#preAllocBytes);
    if (size === this.#size) return;
    this.#size = size;
    ftruncateSync(this.#fd, size);
  }

  write(bytes: Buffer): void {
    this.#position += bytes.length;
    if (this.#pending + bytes.length > PAGE_BYTES) this.#flush();
    if (bytes.length > PAGE_BYTES) this.#send(bytes);
    else {
      bytes.copy(this.#page, this.#pending);
      this.#pending += bytes.length;
    }
  }

  close(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  #flush(): void {
    const bytes = this.#page.subarray(0, this.#pending);
    this.#pending = 0;
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }
}
