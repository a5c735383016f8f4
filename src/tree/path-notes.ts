// What can be known of a path's bytes without the tree: its hash (path-key.ts) and its CRC (digest.ts), of siblings after one another
// those of the parent only once. Of a path that is not ASCII nothing is: it must first become what Java would read.

import { crc32Range } from "../crc32.js";
import { KnownBytes } from "../jute/known-bytes.js";
import { PathHash } from "./path-key.js";

const SLASH = 0x2f;

/** Nothing; all; and: its parent is that of the path before, of which all is known, too. */
export const Mark = { nothing: 0, all: 1, sibling: 2 } as const;

export class PathNotes {
  hash = 0;
  crc = 0;
  /** How long the name is that the last one ends with. */
  nameLength = 0;
  readonly #hash: PathHash;
  /** Of the last path, if all was known of it. */
  readonly #parent = new KnownBytes();
  #isParentKnown = false;
  #parentHash = 0;
  #parentCrc = 0;

  constructor(hashSeed: number) {
    this.#hash = new PathHash(hashSeed);
  }

  /** Of page[start, end), which `view` is of, too; returns how much is known. */
  note(page: Buffer, view: DataView, start: number, end: number): number {
    const parent = this.#parent;
    const slash = start + parent.length;
    const isBelow = this.#isParentKnown && slash < end && page[slash] === SLASH;
    if (!isBelow || !parent.areAt(view, start)) return this.#noteAnew(page, start, end);
    let all = 0;
    for (let i = slash + 1; i < end; i++) {
      const byte = page[i]!;
      if (byte === SLASH) return this.#noteAnew(page, start, end);
      all |= byte;
    }
    if (all >= 0x80) return this.#noteAnew(page, start, end);
    this.#noteName(page, parent.length, slash, end);
    return Mark.sibling;
  }

  #noteAnew(page: Buffer, start: number, end: number): number {
    let slash = end - 1;
    let all = 0;
    for (; slash >= start && page[slash] !== SLASH; slash--) all |= page[slash]!;
    for (let i = start; i < slash; i++) all |= page[i]!;
    this.nameLength = end - slash - 1;
    this.#isParentKnown = all < 0x80 && slash >= start;
    if (!this.#isParentKnown) return Mark.nothing;
    this.#parent.keep(page, start, slash);
    this.#parentHash = this.#hash.extend(0, 0, page, start, slash);
    this.#parentCrc = crc32Range(page, start, slash, 0);
    this.#noteName(page, slash - start, slash, end);
    return Mark.all;
  }

  #noteName(page: Buffer, parentLength: number, slash: number, end: number): void {
    this.nameLength = end - slash - 1;
    this.hash = this.#hash.extend(this.#parentHash, parentLength, page, slash, end);
    this.crc = crc32Range(page, slash, end, this.#parentCrc);
  }
}
