// A znode's block, made, changed, moved and given back: DataTree's, nobody else's. Its format is stat-block.ts's.
//
// A node without an owner begins with a short stat. Whatever changes such a node moves it to a block with a whole one first.

import { copyRange } from "../jute/bytes.js";
import type { Zxid } from "../wire/ids.js";
import {
  blockBytes,
  CONTENT_DIGEST,
  copyBytes,
  copyData,
  copyLong,
  DIGEST,
  KEPT_OWNER,
  LENGTH_BYTES,
  PERSISTED_AVERSION,
  PERSISTED_CVERSION,
  PERSISTED_PZXID,
  putLongAt,
  statBytes,
  TRAILER_BYTES,
} from "./block-words.js";
import {
  isAsCreated,
  SHORT_DATA_LENGTH,
  SHORT_DIGEST,
  SHORT_TIME,
  SHORT_ZXID,
  shortBlockBytes,
} from "./short-stat.js";
import { type Page, Slab } from "./slab.js";
import { StatBlock } from "./stat-block.js";
import { withChildren } from "./stat-digest.js";
import * as S from "./stat-fields.js";
import { STAT_BYTES } from "./stat-image.js";
import { DATA_PAGE, DATA_POSITION, MARKS, UNDIGESTED } from "./znode-table.js";

export class ChangingBlock extends StatBlock {
  // -------------------------------------------------------------------------------------------------------- a new node's

  /** As the txn with this zxid creates it. Its owner is to be put yet. */
  protected newBlock(
    data: Uint8Array | null,
    zxid: Zxid,
    timeMs: number,
    keepsOwner: boolean,
    extended: boolean,
  ): void {
    const length = data === null ? 0 : data.length;
    this.#allocate(length, !keepsOwner, extended);
    if (keepsOwner) this.#clearStat();
    this.#fill(data, 0, length);
    if (!keepsOwner) {
      this.#putLong(SHORT_ZXID, zxid);
      this.#putLong(SHORT_TIME, timeMs);
      this.#putInt(SHORT_DIGEST, 0);
      this.readShort();
      return;
    }
    this.#putLong(S.CZXID, zxid);
    this.#putLong(S.MZXID, zxid);
    this.#putLong(S.PZXID, zxid);
    this.#putLong(S.CTIME, timeMs);
    this.#putLong(S.MTIME, timeMs);
  }

  /** With the data and the stat that a snapshot has, except the ephemeralOwner. No children yet. */
  protected loadBlock(
    source: DataView,
    dataStart: number,
    dataLength: number,
    statStart: number,
    keepsOwner: boolean,
    extended: boolean,
  ): void {
    const isShort = !keepsOwner && isAsCreated(source, statStart);
    this.#loadData(source, dataStart, dataLength, isShort, extended);
    const { view } = this.page;
    const at = this.position;
    if (isShort) {
      copyLong(source, statStart + S.CZXID, view, at + SHORT_ZXID);
      copyLong(source, statStart + S.CTIME, view, at + SHORT_TIME);
      view.setInt32(at + SHORT_DIGEST, 0);
      this.readShort();
      return;
    }
    copyBytes(source, statStart, view, at, S.CVERSION);
    copyBytes(source, statStart + PERSISTED_AVERSION, view, at + S.AVERSION, 4);
    copyBytes(source, statStart + PERSISTED_PZXID, view, at + S.PZXID, 8);
    view.setInt32(at + S.EPHEMERAL_OWNER, 0);
    view.setInt32(at + S.EPHEMERAL_OWNER + 4, 0);
    view.setInt32(at + CONTENT_DIGEST, 0);
    view.setInt32(at + DIGEST, 0);
    this.putChildren(source.getInt32(statStart + S.CVERSION), 0);
  }

  protected putOwner(owner: bigint, extended: boolean): void {
    this.page.view.setBigInt64(this.position + (extended ? KEPT_OWNER : S.EPHEMERAL_OWNER), owner);
  }

  // ------------------------------------------------------------------------------------------------------------- changing

  putModified(version: number, zxid: Zxid, timeMs: number): void {
    this.#widen();
    this.#putInt(S.VERSION, version);
    this.#putLong(S.MZXID, zxid);
    this.#putLong(S.MTIME, timeMs);
  }

  putPzxid(zxid: Zxid): void {
    this.#widen();
    this.#putLong(S.PZXID, zxid);
  }

  putAversion(aversion: number): void {
    this.#widen();
    this.#putInt(S.AVERSION, aversion);
  }

  /** Both forms, which depend on the number of children. */
  putChildren(cversion: number, count: number): void {
    this.#widen();
    const { view } = this.page;
    const at = this.position;
    view.setInt32(at + PERSISTED_CVERSION, cversion);
    view.setInt32(at + S.CVERSION, (cversion * 2 - count) | 0);
    view.setInt32(at + S.NUM_CHILDREN, count);
  }

  /** One more child, and, where `cversion` is a later one, that and its txn's zxid. The digest follows. */
  childCreated(cversion: number, zxidHigh: number, zxidLow: number): void {
    this.#widen();
    const { view } = this.page;
    const at = this.position;
    const count = view.getInt32(at + S.NUM_CHILDREN) + 1;
    const old = view.getInt32(at + PERSISTED_CVERSION);
    view.setInt32(at + S.NUM_CHILDREN, count);
    view.setInt32(at + S.CVERSION, (Math.max(cversion, old) * 2 - count) | 0);
    if (cversion <= old) return;
    const high = zxidHigh ^ view.getInt32(at + S.PZXID);
    const low = zxidLow ^ view.getInt32(at + S.PZXID + 4);
    const digest = withChildren(view.getInt32(at + DIGEST), high, low, old ^ cversion);
    view.setInt32(at + S.PZXID, zxidHigh);
    view.setInt32(at + S.PZXID + 4, zxidLow);
    view.setInt32(at + PERSISTED_CVERSION, cversion);
    view.setInt32(at + DIGEST, digest);
  }

  /** A short stat leaves the first to be computed. */
  protected keepDigests(content: number, digest: number): void {
    if (this.isShort) this.page.view.setInt32(this.position + SHORT_DIGEST, digest);
    else this.#putInt(CONTENT_DIGEST, content);
    this.#putInt(DIGEST, digest);
  }

  /** With `length` bytes from `from` on; null has none. */
  protected replaceData(
    data: Uint8Array | null,
    from: number,
    length: number,
    extended: boolean,
  ): void {
    const oldLength = this.dataLength;
    if (this.isShort) {
      this.#move(length, false);
    } else if (length !== oldLength) {
      const bytes = blockBytes(length, extended);
      if (Slab.sameBlock(bytes, blockBytes(oldLength, extended))) {
        const page = this.page;
        const at = this.position;
        const newAt = at - oldLength + length;
        page.bytes.copyWithin(newAt, at, at + statBytes(extended));
        this.#moveTo(page, newAt, false);
      } else {
        this.#move(length, extended);
      }
    }
    this.#fill(data, from, length);
  }

  // ------------------------------------------------------------------------------------------------------ moving and going

  /** Leaves a page that is mostly empty, so that it can be given back. */
  protected leaveSparsePage(extended: boolean): void {
    const { page, slab, isShort } = this;
    if (!slab.isSparse(page)) return;
    const length = this.dataLength;
    const start = this.#start;
    const bytes = isShort ? shortBlockBytes(length) : blockBytes(length, extended);
    this.#allocate(length, isShort, extended);
    page.bytes.copy(this.page.bytes, this.#startOf(length), start, start + bytes);
    if (isShort) this.readShort();
    slab.free(page, start);
  }

  /** The node leaves the tree: its block must not be looked at again. */
  protected freeBlock(): void {
    this.slab.free(this.page, this.#start);
  }

  /** Something happens to the node: it needs a whole stat. */
  #widen(): void {
    if (!this.isShort) return;
    // Where they lie they stay for now: a block that is given back loses its length, and no data.
    const data = this.dataView();
    const isDigested = (this.ints[this.row + MARKS]! & UNDIGESTED) === 0;
    const content = isDigested ? this.contentDigest : 0;
    const length = this.dataLength;
    this.#move(length, false);
    this.#fill(data, 0, length);
    this.#putInt(CONTENT_DIGEST, content);
  }

  /** To a block for that many bytes of data; only the stat comes along, and is whole. */
  #move(dataLength: number, extended: boolean): void {
    const { page, words, wordsAt } = this;
    const start = this.#start;
    this.#allocate(dataLength, false, extended);
    copyBytes(words, wordsAt, this.words, this.wordsAt, statBytes(extended));
    this.slab.free(page, start);
  }

  #allocate(dataLength: number, isShort: boolean, extended: boolean): void {
    const { slab } = this;
    const bytes = isShort ? shortBlockBytes(dataLength) : blockBytes(dataLength, extended);
    const page = slab.allocate(bytes);
    this.#moveTo(page, slab.position + LENGTH_BYTES + dataLength, isShort);
  }

  /** A short stat must be read when it is there. */
  #moveTo(page: Page, position: number, isShort: boolean): void {
    const { ints, row } = this;
    ints[row + DATA_PAGE] = page.index;
    ints[row + DATA_POSITION] = isShort ? ~position : position;
    this.page = page;
    this.locateWhole(position);
    this.isShort = isShort;
  }

  /** Where the block begins. */
  get #start(): number {
    return this.#startOf(this.dataLength);
  }

  #startOf(dataLength: number): number {
    return this.position - dataLength - LENGTH_BYTES;
  }

  // ------------------------------------------------------------------------------------------------------------ its bytes

  /** A block with data in it, and their length. */
  #loadData(
    source: DataView,
    dataStart: number,
    dataLength: number,
    isShort: boolean,
    extended: boolean,
  ): void {
    const length = Math.max(0, dataLength);
    this.#allocate(length, isShort, extended);
    const { page } = this;
    const start = this.position - length;
    page.view.setInt32(start - LENGTH_BYTES, dataLength);
    copyData(source, dataStart, page, start, length);
    this.#putInt(isShort ? SHORT_DATA_LENGTH : S.DATA_LENGTH, length);
  }

  /** Length and bytes; the position must already be right for them. */
  #fill(data: Uint8Array | null, from: number, length: number): void {
    const { bytes, view } = this.page;
    const start = this.position - length;
    view.setInt32(start - LENGTH_BYTES, data === null ? -1 : length);
    if (data !== null) copyRange(data, from, length, bytes, start);
    this.#putInt(this.isShort ? SHORT_DATA_LENGTH : S.DATA_LENGTH, length);
  }

  /** Twenty stores: a call to fill costs more than all the rest of making a block. */
  #clearStat(): void {
    const { words, wordsAt } = this;
    for (let i = 0; i < STAT_BYTES + TRAILER_BYTES; i += 4) words.setInt32(wordsAt + i, 0);
  }

  #putInt(field: number, value: number): void {
    this.words.setInt32(this.wordsAt + field, value);
  }

  #putLong(field: number, value: number): void {
    putLongAt(this.words, this.wordsAt + field, value);
  }
}
