// Numbers and runs of bytes in the memory of blocks (stat-block.ts) and of stats (digested-stat.ts), and how large a block is.

import type { Page } from "./slab.js";
import * as S from "./stat-fields.js";
import { STAT_BYTES } from "./stat-image.js";

export const LENGTH_BYTES = 4;
/** After the Stat; OWNER_BYTES more where the block is extended. */
export const TRAILER_BYTES = 12;
const OWNER_BYTES = 8;

// What follows the Stat in a block.
export const PERSISTED_CVERSION = STAT_BYTES;
export const CONTENT_DIGEST = STAT_BYTES + 4;
export const DIGEST = STAT_BYTES + 8;
export const KEPT_OWNER = STAT_BYTES + 12;

// In a StatPersisted, whose first fields, up to the owner, are where they are in a Stat.
export const PERSISTED_AVERSION = S.AVERSION;
export const PERSISTED_OWNER = S.EPHEMERAL_OWNER;
export const PERSISTED_PZXID = S.EPHEMERAL_OWNER + 8;

const TWO_POW_32 = 2 ** 32;
/** Shorter runs of bytes are copied by words: cheaper than a call into the engine. */
const COPY_LOOP_BYTES = 160;

/** Whether the StatPersisted that stands there has an owner: a session, or a mark of containers and TTL nodes. */
export function isOwned(view: DataView, statStart: number): boolean {
  const at = statStart + PERSISTED_OWNER;
  return view.getInt32(at) !== 0 || view.getInt32(at + 4) !== 0;
}

/** Stat and trailer. */
export function statBytes(extended: boolean): number {
  return STAT_BYTES + TRAILER_BYTES + (extended ? OWNER_BYTES : 0);
}

export function blockBytes(dataLength: number, extended: boolean): number {
  return LENGTH_BYTES + dataLength + statBytes(extended);
}

/** A long that is a safe integer. */
export function longAt(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_POW_32 + view.getUint32(at + 4);
}

export function putLongAt(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_POW_32));
  view.setInt32(at + 4, value >>> 0);
}

export function copyLong(source: DataView, from: number, target: DataView, to: number): void {
  target.setInt32(to, source.getInt32(from));
  target.setInt32(to + 4, source.getInt32(from + 4));
}

/** Four bytes a step, which the order of bytes does not matter to. */
export function copyBytes(
  source: DataView,
  from: number,
  target: DataView,
  to: number,
  count: number,
): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) target.setInt32(to + i, source.getInt32(from + i, true), true);
  for (; i < count; i++) target.setUint8(to + i, source.getUint8(from + i));
}

/** Data into a block, longer ones by a call. */
export function copyData(
  source: DataView,
  from: number,
  page: Page,
  to: number,
  length: number,
): void {
  if (length <= COPY_LOOP_BYTES) copyBytes(source, from, page.view, to, length);
  else page.bytes.set(new Uint8Array(source.buffer, source.byteOffset + from, length), to);
}
