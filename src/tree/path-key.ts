// A path as the table of nodes looks it up: its bytes, where its last name begins, and the hashes of all of it and of the path
// of its parent, in one pass.
//
// Bytes are those of the digest: UTF-16 units encoded one by one (jute/utf8.ts), so that different strings are different bytes.
//
// The hash is a sum of bytes times secret numbers, one for each position: whoever does not know the numbers cannot find
// paths that collide, and the hash of a child is that of its parent and a few steps more. The numbers come from a seed.

import { encodeUtf8 } from "../jute/utf8.js";

/** Numbers there are; positions beyond share them, which is why the sum is stirred there. */
const FACTORS = 1024;
const SLASH = 0x2f;

export class PathHash {
  readonly factors = new Int32Array(FACTORS);

  constructor(seed: number) {
    let state = seed | 0;
    for (let i = 0; i < FACTORS; i++) {
      state = (state + 0x9e3779b9) | 0;
      this.factors[i] = mixed(Math.imul(state ^ (state >>> 16), 0x21f0aaad)) | 1;
    }
  }

  /** Of the path that `hash` is the hash of, `position` bytes long, followed by these bytes. */
  extend(hash: number, position: number, bytes: Uint8Array, start: number, end: number): number {
    const { factors } = this;
    for (let i = start; i < end; i++, position++) {
      const at = position & (FACTORS - 1);
      if (at === 0 && position > 0) hash = mixed(hash);
      hash = (hash + Math.imul(bytes[i]! + 1, factors[at]!)) | 0;
    }
    return hash;
  }
}

/** All bits depend on all higher ones: in a sum of products the high bits are the good ones. */
export function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x735a2d97);
  return hash ^ (hash >>> 15);
}

export class PathKey {
  bytes: Buffer = Buffer.allocUnsafeSlow(4096);
  /** Where the path ends in `bytes`; it begins at 0. */
  end = 0;
  /** Of the last slash, -1 for none. */
  slash = -1;
  hash = 0;
  /** Of what is before the last slash. */
  parentHash = 0;
  readonly #hash: PathHash;
  /** What it is set to: who looks for a path under way looks in the tree next, and may add a change of it then. */
  #path = "";

  constructor(hash: PathHash) {
    this.#hash = hash;
  }

  set(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    const units = path.length;
    if (units * 3 > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(units * 6);
    if (units > FACTORS) {
      this.#setEncoded(path);
      return;
    }
    const { bytes } = this;
    const { factors } = this.#hash;
    let hash = 0;
    let parentHash = 0;
    let slash = -1;
    for (let i = 0; i < units; i++) {
      const unit = path.charCodeAt(i);
      if (unit >= 0x80) {
        this.#setEncoded(path);
        return;
      }
      if (unit === SLASH) {
        slash = i;
        parentHash = hash;
      }
      bytes[i] = unit;
      hash = (hash + Math.imul(unit + 1, factors[i]!)) | 0;
    }
    this.end = units;
    this.slash = slash;
    this.hash = hash;
    this.parentHash = parentHash;
  }

  /** Long ones, and those that are not ASCII. */
  #setEncoded(path: string): void {
    const { bytes } = this;
    const end = encodeUtf8(bytes, 0, path);
    const slash = bytes.lastIndexOf(SLASH, end - 1);
    this.end = end;
    this.slash = slash;
    this.parentHash = this.#hash.extend(0, 0, bytes, 0, Math.max(slash, 0));
    this.hash = this.#hash.extend(
      this.parentHash,
      Math.max(slash, 0),
      bytes,
      Math.max(slash, 0),
      end,
    );
  }
}
