// The values of a record one after the other, as Java's archive reads them: a number is whatever is there, a negative count
// is none, a length is refused when it is too large and otherwise ends the record where the bytes end. Java:
// BinaryInputArchive.

import { decodeUtf8 } from "../../jute/utf8.js";
import { UncaughtEnd, uncaught } from "./toolkit-error.js";

export interface JavaAcl {
  readonly perms: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

/** Both together are what Java takes for a length that cannot be, unless it is told otherwise. */
const JAVA_BUFFER_MAX_BYTES = 0xfffff;
const EXTRA_MIN_BYTES = 1024;

/** From jute.maxbuffer and zookeeper.jute.maxbuffer.extrasize; a value that is no number counts as not given. */
export function javaLengthLimit(properties: ReadonlyMap<string, string>): number {
  const value = (name: string): number | undefined => {
    const text = properties.get(name);
    return text !== undefined && /^[+-]?(0[xX][\da-fA-F]+|\d+)$/.test(text)
      ? Number(text)
      : undefined;
  };
  const maximum = value("jute.maxbuffer") ?? JAVA_BUFFER_MAX_BYTES;
  const extra = value("zookeeper.jute.maxbuffer.extrasize") ?? maximum;
  return maximum + Math.max(extra, EXTRA_MIN_BYTES);
}

export function checkLength(length: number, limit: number): void {
  if (length >= 0 && length <= limit) return;
  throw uncaught("java.io.IOException", `Unreasonable length = ${length}`);
}

export class JavaReader {
  at = 0;
  readonly #bytes: Buffer;
  readonly #lengthLimit: number;

  constructor(bytes: Buffer, lengthLimit: number) {
    this.#bytes = bytes;
    this.#lengthLimit = lengthLimit;
  }

  bool(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    checkLength(length, this.#lengthLimit);
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string | null {
    const bytes = this.buffer();
    return bytes === null ? null : decodeUtf8(bytes, 0, bytes.length);
  }

  vector<Item>(read: () => Item): Item[] | null {
    const count = this.int();
    if (count === -1) return null;
    const items: Item[] = [];
    for (let left = count; left > 0; left--) items.push(read());
    return items;
  }

  acl(): JavaAcl[] | null {
    return this.vector(() => ({ perms: this.int(), scheme: this.string(), id: this.string() }));
  }

  #take(count: number): number {
    const start = this.at;
    if (start + count > this.#bytes.length) throw new UncaughtEnd();
    this.at = start + count;
    return start;
  }
}
