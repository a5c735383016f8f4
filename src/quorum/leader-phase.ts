// How far a leader has come, and how that is called.

import { reached } from "../marks.js";
import type { Sid } from "../wire/ids.js";
import type { LeaderStart } from "./leader-start.js";

export type LeaderPhase =
  /** A quorum is to say which epochs it has accepted. */
  | "discovery"
  /** A quorum is to promise the epoch. */
  | "invitation"
  /** A quorum is to have our history. */
  | "synchronization"
  | "broadcast"
  | "resigned";

/** `<zab state>` of mntr's peer_state. */
export function zabStateOf(phase: LeaderPhase): "discovery" | "synchronization" | "broadcast" {
  if (phase === "invitation") return "discovery";
  return phase === "resigned" ? "broadcast" : phase;
}

/** Why we must give up before we serve: each phase has initLimit for itself (R96). */
export function timedOut(
  phase: LeaderPhase,
  elapsedMs: number,
  { times }: LeaderStart,
  synced: Iterable<Sid>,
): string | undefined {
  if (elapsedMs <= times.tickTimeMs * times.initLimitTicks) return undefined;
  reached("leader: no quorum in time");
  switch (phase) {
    case "discovery":
      return "Timeout while waiting for epoch from quorum";
    case "invitation":
      return "Timeout while waiting for epoch to be acked by quorum";
    default:
      return `Waiting for a quorum of followers, only synced with sids: [ [${[...synced].join(",")}] ]`;
  }
}
