// What a learner does not take from a leader: each function says why, or nothing. Java: the exceptions of Learner.

import { reached } from "../marks.js";
import { epochOf, hex0x, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import type { QuorumTimes } from "./effects.js";
import { readLeaderInfo } from "./packet-data.js";

/** The first packet: the epoch that we are to promise. */
export function leaderInfoFault(packet: QuorumPacket, acceptedEpoch: number): string | undefined {
  if (packet.type !== Type.leaderInfo) {
    return `First packet should have been LEADERINFO: it was of type ${packet.type}`;
  }
  readLeaderInfo(packet);
  const epoch = epochOf(packet.zxid);
  if (epoch >= acceptedEpoch) return undefined;
  reached("learner: a leader of an old epoch is refused");
  return `Leaders epoch, ${epoch}, is less than accepted epoch, ${acceptedEpoch}`;
}

/** How the synchronization begins: DIFF, TRUNC or SNAP, by a leader of this epoch. */
export function syncFault(
  { type, zxid }: QuorumPacket,
  lastAppended: Zxid,
  epoch: number,
): string | undefined {
  // [R37] What is built on nothing must bring everything.
  if (lastAppended < 0 && type !== Type.snap) {
    return "This server needs a snapshot, not a part of history: it has lost its data, or could not cut it back";
  }
  if (type === Type.trunc && zxid > lastAppended) {
    return `Cannot truncate the log to ${hex0x(zxid)}: it ends with ${hex0x(lastAppended)}`;
  }
  if (type !== Type.diff && type !== Type.trunc && type !== Type.snap) {
    return `Got unexpected packet from leader: type ${type}`;
  }
  // What is taken under such a zxid no leader could ever go on from.
  if (zxid < 0 || epochOf(zxid) > epoch) {
    return `The leader of epoch ${epoch} cannot bring us to ${hex0x(zxid)}`;
  }
  return undefined;
}

/** Whether a cumulative COMMIT may begin with `next`: an epoch has no gaps, so what it says is among what follows. */
export function isReachedFrom(next: Zxid | undefined, zxid: Zxid): boolean {
  return next !== undefined && next < zxid && epochOf(next) === epochOf(zxid);
}

/** Nothing has come for so long. */
export function silenceFault(
  silentMs: number,
  isFollowing: boolean,
  { tickTimeMs, initLimitTicks, syncLimitTicks }: QuorumTimes,
): string | undefined {
  if (isFollowing) {
    if (silentMs <= tickTimeMs * syncLimitTicks) return undefined;
    return `The leader has not been heard of for ${silentMs} ms`;
  }
  const initMs = tickTimeMs * initLimitTicks;
  if (silentMs <= initMs) return undefined;
  reached("learner: not synchronized within initLimit");
  return `The leader has not synchronized us within ${initMs} ms`;
}
