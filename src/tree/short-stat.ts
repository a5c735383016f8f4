// The stat of a znode that nothing has happened to since its txn created it: no child has come, neither data nor ACL were
// set, and no owner has to be kept (a container's follows from its kind). Three of its zxids are one then, and two of its
// times, and the rest is 0: 24 bytes say what a whole one and its trailer (stat-block.ts) say in 80.
//
//     long zxid | long time | int dataLength | int digest
//
// Most znodes of most trees are such. Whoever changes one gives it a whole stat first (changing-block.ts).

import {
  DIGEST,
  LENGTH_BYTES,
  PERSISTED_AVERSION,
  PERSISTED_PZXID,
  TRAILER_BYTES,
} from "./block-words.js";
import { Pieces } from "./pieces.js";
import * as S from "./stat-fields.js";
import { STAT_BYTES } from "./stat-image.js";

export const SHORT_ZXID = 0;
export const SHORT_TIME = 8;
export const SHORT_DATA_LENGTH = 16;
export const SHORT_DIGEST = 20;
export const SHORT_STAT_BYTES = 24;
const WHOLE_BYTES = STAT_BYTES + TRAILER_BYTES;

export function shortBlockBytes(dataLength: number): number {
  return LENGTH_BYTES + dataLength + SHORT_STAT_BYTES;
}

const pieces = new Pieces(WHOLE_BYTES);

/** A whole Stat and its trailer, for one short stat after the other: what no short one has is 0 in it. */
export class WholeStat {
  readonly view: DataView;
  readonly start: number;

  constructor() {
    pieces.take();
    this.view = pieces.view;
    this.start = pieces.start;
  }

  /** Of the short one that stands there. It has no digest of path and data: that is to be computed. */
  read(source: DataView, at: number): void {
    const { view, start } = this;
    const zxidHigh = source.getInt32(at + SHORT_ZXID);
    const zxidLow = source.getInt32(at + SHORT_ZXID + 4);
    const timeHigh = source.getInt32(at + SHORT_TIME);
    const timeLow = source.getInt32(at + SHORT_TIME + 4);
    view.setInt32(start + S.CZXID, zxidHigh);
    view.setInt32(start + S.CZXID + 4, zxidLow);
    view.setInt32(start + S.MZXID, zxidHigh);
    view.setInt32(start + S.MZXID + 4, zxidLow);
    view.setInt32(start + S.PZXID, zxidHigh);
    view.setInt32(start + S.PZXID + 4, zxidLow);
    view.setInt32(start + S.CTIME, timeHigh);
    view.setInt32(start + S.CTIME + 4, timeLow);
    view.setInt32(start + S.MTIME, timeHigh);
    view.setInt32(start + S.MTIME + 4, timeLow);
    view.setInt32(start + S.DATA_LENGTH, source.getInt32(at + SHORT_DATA_LENGTH));
    view.setInt32(start + DIGEST, source.getInt32(at + SHORT_DIGEST));
  }
}

/** Whether a StatPersisted can be short, unless somebody owns the node. */
export function isAsCreated(source: DataView, at: number): boolean {
  return (
    source.getInt32(at + S.VERSION) === 0 &&
    source.getInt32(at + S.CVERSION) === 0 &&
    source.getInt32(at + PERSISTED_AVERSION) === 0 &&
    isSameLong(source, at + S.CZXID, at + S.MZXID) &&
    isSameLong(source, at + S.CZXID, at + PERSISTED_PZXID) &&
    isSameLong(source, at + S.CTIME, at + S.MTIME)
  );
}

function isSameLong(view: DataView, at: number, otherAt: number): boolean {
  return (
    view.getInt32(at + 4) === view.getInt32(otherAt + 4) &&
    view.getInt32(at) === view.getInt32(otherAt)
  );
}
