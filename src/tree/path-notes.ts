// What can be known of a path's bytes without the tree: its hash (path-key.ts) and its CRC (digest.ts), of siblings after one another
// those of the parent only once. Of a path that is not ASCII nothing is: it must first become what Java would read.

import { crc32Range } from "../crc32.js";
import { PathHash } from "./path-key.js";

const SLASH = 0x2f;
const NOT_COMPARED = -2;

/** Nothing; all; and: its parent is that of the path before, of which all is known, too. */
export const Mark = { nothing: 0, all: 1, sibling: 2 } as const;

export class PathNotes {
  hash = 0;
  crc = 0;
  /** How long the name is that the last one ends with. */
  nameLength = 0;
  readonly #hash: PathHash;
  /** Of the last path whose parent is not the same as that of the one before. */
  #parentPath: Buffer = Buffer.allocUnsafe(256);
  #parentLength = NOT_COMPARED;
  #parentHash = 0;
  #parentCrc = 0;

  constructor(hashSeed: number) {
    this.#hash = new PathHash(hashSeed);
  }

  /** Of page[start, end); returns how much is known. */
  note(page: Buffer, start: number, end: number): number {
    let slash = end - 1;
    let all = 0;
    for (; slash >= start && page[slash] !== SLASH; slash--) all |= page[slash]!;
    const length = slash - start;
    this.nameLength = end - slash - 1;
    const isSibling = length === this.#parentLength && this.#isBelowParent(page, start);
    if (!isSibling) {
      for (let i = start; i < slash; i++) all |= page[i]!;
      this.#parentLength = NOT_COMPARED;
    }
    if (all >= 0x80 || length < 0) {
      this.#parentLength = NOT_COMPARED;
      return Mark.nothing;
    }
    if (!isSibling) {
      if (length > this.#parentPath.length) this.#parentPath = Buffer.allocUnsafe(length * 2);
      page.copy(this.#parentPath, 0, start, slash);
      this.#parentLength = length;
      this.#parentHash = this.#hash.extend(0, 0, page, start, slash);
      this.#parentCrc = crc32Range(page, start, slash, 0);
    }
    this.hash = this.#hash.extend(this.#parentHash, length, page, slash, end);
    this.crc = crc32Range(page, slash, end, this.#parentCrc);
    return isSibling ? Mark.sibling : Mark.all;
  }

  #isBelowParent(page: Buffer, start: number): boolean {
    const length = this.#parentLength;
    const path = this.#parentPath;
    for (let i = 0; i < length; i++) if (page[start + i] !== path[i]) return false;
    return true;
  }
}
