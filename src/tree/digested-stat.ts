// What of a znode's stat its digest is made of: sixty bytes, as the digest has them and in its order. Java: StatPersisted,
// DigestCalculator.
//
// A change that is under way (pending-tree.ts) keeps its node's stat so, and a znode's digest is taken from a copy: bytes are
// copied and summed up as they are, and a number is made only of what somebody asks for.

import { crc32View } from "../crc32.js";
import type { Zxid } from "../wire/ids.js";
import { longAt, putLongAt } from "./block-words.js";
import { Pieces } from "./pieces.js";

export const CZXID = 0;
export const MZXID = 8;
export const PZXID = 16;
export const CTIME = 24;
export const MTIME = 32;
export const VERSION = 40;
export const CVERSION = 44;
export const AVERSION = 48;
export const OWNER = 52;
/** Of a StatPersisted. */
export const STAT_BYTES = 60;

const pieces = new Pieces(STAT_BYTES);

export class DigestedStat {
  /** Its bytes: in this memory, from `start` on. */
  readonly view: DataView;
  readonly start: number;

  constructor() {
    pieces.take();
    this.view = pieces.view;
    this.start = pieces.start;
  }

  get czxid(): Zxid {
    return this.#long(CZXID) as Zxid;
  }

  set czxid(zxid: Zxid) {
    this.#putLong(CZXID, zxid);
  }

  get mzxid(): Zxid {
    return this.#long(MZXID) as Zxid;
  }

  set mzxid(zxid: Zxid) {
    this.#putLong(MZXID, zxid);
  }

  get pzxid(): Zxid {
    return this.#long(PZXID) as Zxid;
  }

  set pzxid(zxid: Zxid) {
    this.#putLong(PZXID, zxid);
  }

  get ctime(): number {
    return this.#long(CTIME);
  }

  set ctime(timeMs: number) {
    this.#putLong(CTIME, timeMs);
  }

  get mtime(): number {
    return this.#long(MTIME);
  }

  set mtime(timeMs: number) {
    this.#putLong(MTIME, timeMs);
  }

  get version(): number {
    return this.view.getInt32(this.start + VERSION);
  }

  set version(version: number) {
    this.view.setInt32(this.start + VERSION, version);
  }

  /** The persisted one. */
  get cversion(): number {
    return this.view.getInt32(this.start + CVERSION);
  }

  set cversion(cversion: number) {
    this.view.setInt32(this.start + CVERSION, cversion);
  }

  get aversion(): number {
    return this.view.getInt32(this.start + AVERSION);
  }

  set aversion(aversion: number) {
    this.view.setInt32(this.start + AVERSION, aversion);
  }

  /** The persisted one. */
  get ephemeralOwner(): bigint {
    return this.view.getBigInt64(this.start + OWNER);
  }

  set ephemeralOwner(owner: bigint) {
    this.view.setBigInt64(this.start + OWNER, owner);
  }

  copyStatTo({ view: to, start }: DigestedStat): void {
    const { view } = this;
    for (let i = 0; i < STAT_BYTES; i += 4) to.setInt32(start + i, view.getInt32(this.start + i));
  }

  clearStat(): void {
    for (let i = 0; i < STAT_BYTES; i += 4) this.view.setInt32(this.start + i, 0);
  }

  /** The whole digest of a znode, an unsigned 32-bit number; `content` is that of its path and data. */
  digestWith(content: number): number {
    return crc32View(this.view, this.start, this.start + STAT_BYTES, content);
  }

  #long(field: number): number {
    return longAt(this.view, this.start + field);
  }

  #putLong(field: number, value: number): void {
    putLongAt(this.view, this.start + field, value);
  }
}
