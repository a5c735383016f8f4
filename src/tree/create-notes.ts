// What can be known of the creates in a log without the tree: the hashes of their paths, and their nodes' digests. The thread that reads
// logs ahead computes it (src/storage/log-ahead.ts), and TxnReplay has that much less to do.

import { PageView } from "../jute/page-view.js";
import { contentDigestViewed } from "./digest.js";
import { Mark, PathNotes } from "./path-notes.js";
import { PlainCreate } from "./plain-create.js";
import { shortBlockBytes } from "./short-stat.js";
import { Slab } from "./slab.js";
import { createdDigest } from "./stat-digest.js";
import { TouchedPages } from "./touched-pages.js";
import { rowBytes } from "./znode-table.js";

/** 1: it creates a node, and of that all that follows is known. */
export const IS_NOTED_CREATE = 0;
export const PATH_HASH = 1;
export const PATH_CRC = 2;
export const NODE_CRC = 3;
export const NAME_LENGTH = 4;
export const CREATE_NUMBERS = 5;

/** What is known of records: numbers, `stride` from those of one to those of the next. */
export interface KnownRecords {
  readonly count: number;
  readonly notes: Int32Array;
  readonly stride: number;
  /** Pages of slabs for what they create. */
  readonly touched: readonly ArrayBuffer[];
}

/** How many of them are behind the one that has its numbers there. */
export function recordsBehind({ count, stride }: KnownRecords, at: number): number {
  return count - 1 - Math.floor(at / stride);
}

/** Its numbers are those of a record, as the log's other notes want them. */
export class CreateNotes {
  readonly numbers = CREATE_NUMBERS;
  readonly #paths: PathNotes;
  readonly #create = new PlainCreate();
  readonly #pages = new TouchedPages();
  readonly #view = new PageView();

  constructor(hashSeed: number) {
    this.#paths = new PathNotes(hashSeed);
  }

  /** The record is `page[start, end)`. */
  note(page: Buffer, start: number, end: number, notes: Int32Array, at: number): void {
    const create = this.#create;
    const view = this.#view.of(page);
    notes[at + IS_NOTED_CREATE] = 0;
    if (!create.read(page, view, start, end)) return;
    const paths = this.#paths;
    if (paths.note(page, view, create.pathStart, create.pathEnd) === Mark.nothing) return;
    const { dataStart, dataLength } = create;
    const bytes = Math.max(0, dataLength);
    this.#pages.want(Slab.blockBytes(rowBytes(paths.nameLength)));
    this.#pages.want(Slab.blockBytes(shortBlockBytes(bytes)));
    const content = contentDigestViewed(paths.crc, view, dataStart, dataLength);
    notes[at + IS_NOTED_CREATE] = 1;
    notes[at + PATH_HASH] = paths.hash;
    notes[at + PATH_CRC] = paths.crc;
    notes[at + NAME_LENGTH] = paths.nameLength;
    notes[at + NODE_CRC] = createdDigest(content, view, create.zxidAt, create.timeAt);
  }

  /** Pages for what was noted since. */
  touched(): ArrayBuffer[] {
    return this.#pages.take();
  }
}

/** Into the create what has been noted of it. */
export function know(create: PlainCreate, notes: Int32Array, at: number): void {
  if (notes[at + IS_NOTED_CREATE] !== 1) return;
  create.isKnown = true;
  create.pathHash = notes[at + PATH_HASH]!;
  create.pathCrc = notes[at + PATH_CRC]!;
  create.slash = create.pathEnd - notes[at + NAME_LENGTH]! - 1;
  create.nodeCrc = notes[at + NODE_CRC]! >>> 0;
}
