// One learner as its leader sees it. Java: LearnerHandler.

import type { Sid, Zxid } from "../wire/ids.js";
import type { LinkId } from "./effects.js";

export type LearnerPhase =
  /** Connected; nothing said yet. */
  | "new"
  /** FOLLOWERINFO or OBSERVERINFO came; LEADERINFO goes out when the epoch is decided. */
  | "registered"
  /** LEADERINFO sent. */
  | "invited"
  /** ACKEPOCH came; synchronization begins when the epoch's quorum has promised it. */
  | "promised"
  /** History and NEWLEADER sent. */
  | "syncing"
  /** NEWLEADER acknowledged: counts for the quorum. */
  | "synced";

export class LearnerState {
  readonly link: LinkId;
  phase: LearnerPhase = "new";
  sid: Sid = -1 as Sid;
  isObserver = false;
  lastZxid: Zxid = 0 as Zxid;
  /** Everything up to here is on its disk. */
  acknowledged: Zxid = 0 as Zxid;
  /** When the oldest proposal that it has not acknowledged was sent; undefined when there is none. */
  oldestUnacknowledgedMs: number | undefined = undefined;
  /** Heard of last. */
  heardMs: number;
  upToDateSent = false;
  /** Commits that wait for UPTODATE. */
  readonly heldCommits: Zxid[] = [];

  constructor(link: LinkId, nowMs: number) {
    this.link = link;
    this.heardMs = nowMs;
  }

  /** Gets proposals and commits as they come: its sync plan has been sent. */
  get isForwardedTo(): boolean {
    return this.phase === "syncing" || this.phase === "synced";
  }
}
