// A block of the slab with a znode's data and stat in it. Java: DataNode.data and StatPersisted.
//
// What a getData reply says lies here in the reply's own bytes, so that answering is one copy:
//
//     int dataLength (-1: null) | data | Stat (68 bytes) | trailer
//     trailer: int cversion | int contentDigest | int digest | long ephemeralOwner (only where `extended`)
//
// A Stat as clients see it differs from the persisted one: its cversion counts creates and deletes (twice the persisted
// one, which counts creates, minus the children that are there), and its ephemeralOwner is 0 unless a session owns the
// node. The persisted values stand in the trailer; a block with room for an owner there is called extended.
//
// A node without an owner to be kept has a short stat (short-stat.ts) in place of Stat and trailer until something happens to it.
//
// The node's row (znode-table.ts) says in which page the block is and where in it the stat begins: everything else is found
// from there. A block moves when it grows: whoever looks at it remembers where it is (`locate`), and must look again when
// somebody else may have changed the node. (Whose data were set may be a quota's statistics, which are then counted anew.)
//
// This is for those who look at it; changing-block.ts changes it.

import type { JuteWriter } from "../jute/writer.js";
import type { Zxid } from "../wire/ids.js";
import {
  CONTENT_DIGEST,
  copyBytes,
  DIGEST,
  KEPT_OWNER,
  LENGTH_BYTES,
  longAt,
  PERSISTED_CVERSION,
} from "./block-words.js";
import { contentDigestViewed } from "./digest.js";
import type { DigestedStat } from "./digested-stat.js";
import * as D from "./digested-stat.js";
import { WholeStat } from "./short-stat.js";
import type { Page, Slab } from "./slab.js";
import * as S from "./stat-fields.js";
import { STAT_BYTES, StatImage } from "./stat-image.js";
import { DATA_PAGE, DATA_POSITION, PATH_DIGEST } from "./znode-table.js";

export class StatBlock {
  /** The row: in these numbers, from `row` on. */
  protected ints: Int32Array;
  protected row: number;
  /** Where the block is, and where in it the stat begins. The row has ~position of a short one. */
  protected page: Page;
  protected position: number;
  protected isShort = false;
  /** The whole Stat and trailer, from `wordsAt` on: the block's own, or what its short one comes to. */
  protected words: DataView;
  protected wordsAt: number;
  protected readonly slab: Slab;
  #whole: WholeStat | undefined;

  constructor(slab: Slab, ints: Int32Array, row: number) {
    this.slab = slab;
    this.ints = ints;
    this.row = row;
    const page = slab.page(ints[row + DATA_PAGE]!);
    const position = ints[row + DATA_POSITION]!;
    this.page = page;
    this.position = position;
    this.words = page.view;
    this.wordsAt = position;
    if (position < 0) this.#locateShort(~position);
  }

  /** Another row, or where its block is now. */
  protected locate(ints: Int32Array, row: number): void {
    this.ints = ints;
    this.row = row;
    this.page = this.slab.page(ints[row + DATA_PAGE]!);
    const position = ints[row + DATA_POSITION]!;
    if (position < 0) this.#locateShort(~position);
    else this.locateWhole(position);
  }

  protected locateWhole(position: number): void {
    this.position = position;
    this.isShort = false;
    this.words = this.page.view;
    this.wordsAt = position;
  }

  #locateShort(position: number): void {
    this.position = position;
    this.isShort = true;
    this.readShort();
  }

  /** What the short stat comes to now. */
  protected readShort(): void {
    this.#whole ??= new WholeStat();
    const { view, start } = this.#whole;
    this.#whole.read(this.page.view, this.position);
    this.words = view;
    this.wordsAt = start;
  }

  get czxid(): Zxid {
    return this.#long(S.CZXID) as Zxid;
  }

  get mzxid(): Zxid {
    return this.#long(S.MZXID) as Zxid;
  }

  get pzxid(): Zxid {
    return this.#long(S.PZXID) as Zxid;
  }

  /** Milliseconds since 1970. */
  get ctime(): number {
    return this.#long(S.CTIME);
  }

  /** Milliseconds since 1970. */
  get mtime(): number {
    return this.#long(S.MTIME);
  }

  get version(): number {
    return this.#int(S.VERSION);
  }

  /** The persisted one: how many children were ever created. Sequential names come from it. */
  get cversion(): number {
    return this.#int(PERSISTED_CVERSION);
  }

  /** What clients are told. */
  get wireCversion(): number {
    return this.#int(S.CVERSION);
  }

  get aversion(): number {
    return this.#int(S.AVERSION);
  }

  /** 0 for null. */
  get dataLength(): number {
    return this.#int(S.DATA_LENGTH);
  }

  get childCount(): number {
    return this.#int(S.NUM_CHILDREN);
  }

  /** A copy. */
  data(): Buffer | null {
    const view = this.dataView();
    return view === null ? null : Buffer.from(view);
  }

  /** The data where they lie: valid until the tree changes or a snapshot goes on. */
  dataView(): Buffer | null {
    const length = this.dataLength;
    const start = this.position - length;
    if (length === 0 && this.page.view.getInt32(start - LENGTH_BYTES) === -1) return null;
    return this.page.bytes.subarray(start, this.position);
  }

  /** The body of a getData reply: buffer data, Stat stat. */
  writeDataAndStat(out: JuteWriter): void {
    const length = LENGTH_BYTES + this.dataLength;
    const start = this.position - length;
    if (this.isShort) {
      out.words(this.page.view, start, length);
      this.writeStat(out);
    } else out.words(this.page.view, start, length + STAT_BYTES);
  }

  writeStat(out: JuteWriter): void {
    out.words(this.words, this.wordsAt, STAT_BYTES);
  }

  statImage(): StatImage {
    return new StatImage(this.words, this.wordsAt);
  }

  get pathDigest(): number {
    return this.ints[this.row + PATH_DIGEST]! >>> 0;
  }

  /** CRC of path and data: see digest.ts. */
  get contentDigest(): number {
    return this.isShort ? this.newContentDigest() : this.#int(CONTENT_DIGEST) >>> 0;
  }

  /** The same of the data that it has now. */
  newContentDigest(): number {
    const length = this.dataLength;
    return contentDigestViewed(this.pathDigest, this.page.view, this.position - length, length);
  }

  get digest(): number {
    return this.#int(DIGEST) >>> 0;
  }

  /** All but the owner, which is not always in the block. */
  protected copyTimesTo({ view: to, start }: DigestedStat): void {
    const { words: view, wordsAt: at } = this;
    copyBytes(view, at + S.CZXID, to, start + D.CZXID, 16);
    copyBytes(view, at + S.PZXID, to, start + D.PZXID, 8);
    copyBytes(view, at + S.CTIME, to, start + D.CTIME, 20);
    copyBytes(view, at + PERSISTED_CVERSION, to, start + D.CVERSION, 4);
    copyBytes(view, at + S.AVERSION, to, start + D.AVERSION, 4);
  }

  /** From the Stat, or from an extended block's trailer. */
  protected copyOwnerTo({ view: to, start }: DigestedStat, extended: boolean): void {
    const at = this.wordsAt + (extended ? KEPT_OWNER : S.EPHEMERAL_OWNER);
    copyBytes(this.words, at, to, start + D.OWNER, 8);
  }

  /** Buffer data, long acl, StatPersisted: a node in a snapshot. */
  protected writePersisted(out: JuteWriter, aclId: number, owner: bigint): void {
    const length = LENGTH_BYTES + this.dataLength;
    out.words(this.page.view, this.position - length, length);
    out.long(aclId);
    const { words: view, wordsAt: at } = this;
    out.words(view, at, S.CVERSION);
    out.int(this.cversion);
    out.int(this.aversion);
    if (owner === 0n) out.long(0);
    else out.bigLong(owner);
    out.words(view, at + S.PZXID, 8);
  }

  /** The owner that stands in the Stat, or in an extended block's trailer. */
  protected owner(extended: boolean): bigint {
    return this.words.getBigInt64(this.wordsAt + (extended ? KEPT_OWNER : S.EPHEMERAL_OWNER));
  }

  #int(field: number): number {
    return this.words.getInt32(this.wordsAt + field);
  }

  #long(field: number): number {
    return longAt(this.words, this.wordsAt + field);
  }
}
