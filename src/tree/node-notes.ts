// What can be known of a snapshot's nodes without the tree: where in a page each has its parts, the hash of its path, and its
// digests. Another thread computes it (src/storage/read-ahead.ts), and TreeLoader has that much less to do.
//
// Notes are numbers, NOTE_INTS for each node. A path that is not ASCII must first become what Java would read: of such a node
// there are only the places.

import { PageView } from "../jute/page-view.js";
import { blockBytes, isOwned } from "./block-words.js";
import { contentDigestViewed, nodeDigestOfPersisted } from "./digest.js";
import { Mark, PathNotes } from "./path-notes.js";
import { isAsCreated, shortBlockBytes } from "./short-stat.js";
import { Slab } from "./slab.js";
import { createdDigest } from "./stat-digest.js";
import * as S from "./stat-fields.js";
import { TouchedPages } from "./touched-pages.js";
import { rowBytes } from "./znode-table.js";

export const NOTE_INTS = 12;
export const PATH_START = 0;
export const PATH_END = 1;
export const DATA_START = 2;
export const DATA_LENGTH = 3;
export const ACL_ID_HIGH = 4;
export const ACL_ID_LOW = 5;
export const STAT_START = 6;
export const MARK = 7;
export const HASH = 8;
export const PATH_CRC = 9;
export const CONTENT_CRC = 10;
export const NODE_CRC = 11;

/** A MARK beside those of paths: a sibling that nobody owns and nothing has happened to. */
export const PLAIN_SIBLING = 3;

/** Nodes, their page, and pages of slabs that have been touched. */
export interface NotedNodes {
  readonly page: Buffer;
  readonly notes: Int32Array;
  readonly count: number;
  readonly touched: readonly ArrayBuffer[];
}

/** As many nodes as a page has that are small. */
const NOTES_BYTES = 3000 * NOTE_INTS * 4;
const TWO_POW_32 = 2 ** 32;

export class NodeNotes {
  #notes = new Int32Array(new ArrayBuffer(NOTES_BYTES));
  #count = 0;
  readonly #paths: PathNotes;
  readonly #pages = new TouchedPages();
  readonly #view = new PageView();

  constructor(hashSeed: number) {
    this.#paths = new PathNotes(hashSeed);
  }

  add(
    page: Buffer,
    pathStart: number,
    pathEnd: number,
    dataStart: number,
    dataLength: number,
    aclId: number,
    statStart: number,
  ): void {
    const at = this.#count++ * NOTE_INTS;
    if (at === this.#notes.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.#notes);
      this.#notes = grown;
    }
    const notes = this.#notes;
    notes[at + PATH_START] = pathStart;
    notes[at + PATH_END] = pathEnd;
    notes[at + DATA_START] = dataStart;
    notes[at + DATA_LENGTH] = dataLength;
    notes[at + ACL_ID_HIGH] = Math.floor(aclId / TWO_POW_32);
    notes[at + ACL_ID_LOW] = aclId;
    notes[at + STAT_START] = statStart;
    const bytes = Math.max(0, dataLength);
    const view = this.#view.of(page);
    const isPlain = !isOwned(view, statStart) && isAsCreated(view, statStart);
    this.#pages.want(Slab.blockBytes(isPlain ? shortBlockBytes(bytes) : blockBytes(bytes, false)));
    const paths = this.#paths;
    const mark = paths.note(page, view, pathStart, pathEnd);
    notes[at + MARK] = isPlain && mark === Mark.sibling ? PLAIN_SIBLING : mark;
    notes[at + HASH] = paths.hash;
    notes[at + PATH_CRC] = paths.crc;
    this.#pages.want(Slab.blockBytes(rowBytes(paths.nameLength)));
    const content = contentDigestViewed(paths.crc, view, dataStart, dataLength);
    notes[at + CONTENT_CRC] = content;
    notes[at + NODE_CRC] = isPlain
      ? createdDigest(content, view, statStart + S.CZXID, statStart + S.CTIME)
      : nodeDigestOfPersisted(content, view, statStart);
  }

  /** All that was added since, whose page is left. Its buffers are handed over; `unused` has come back. */
  take(page: Buffer, unused?: ArrayBuffer): NotedNodes {
    const count = this.#count;
    this.#count = 0;
    const touched = this.#pages.take();
    const notes = this.#notes;
    this.#notes = new Int32Array(unused ?? new ArrayBuffer(NOTES_BYTES));
    return { page, notes, count, touched };
  }
}
