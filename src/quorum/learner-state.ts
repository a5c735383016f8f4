// One learner as its leader sees it. Java: LearnerHandler, and its SyncLimitCheck.
//
// What a learner says proves that we hear it; only what it answers proves that it hears us (R156). So it is timed by its
// acknowledgements and by its answers to PING, of which there is exactly one for each PING, in order, once it is up to date.

import { reached } from "../marks.js";
import type { Sid, Zxid } from "../wire/ids.js";
import type { QuorumPacket } from "../wire/records.js";
import type { LinkId } from "./effects.js";
import { offersCumulative } from "./offers.js";

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

/** No proposal. */
const NONE = 0 as Zxid;

export class LearnerState {
  readonly link: LinkId;
  phase: LearnerPhase = "new";
  sid: Sid = -1 as Sid;
  isObserver = false;
  lastZxid: Zxid = 0 as Zxid;
  /** The last proposal that it has acknowledged: since it came, and of observers, never. */
  ackedZxid: Zxid = 0 as Zxid;
  upToDateSent = false;
  /** One ACK or COMMIT speaks for all proposals up to it, on this link. */
  isCumulative = false;
  /** What its next COMMIT will say, where that is cumulative; 0: nothing. */
  commitUpTo = NONE;
  /** Commits that wait for UPTODATE. */
  readonly heldCommits: QuorumPacket[] = [];
  /** Proposals that it acknowledged before NEWLEADER: counted together with that (R5). */
  earlyAck: Zxid | undefined = undefined;
  /** The round of the newest PING that it has answered. */
  answeredRound = 0;
  #pingsUnanswered: number[] = [];
  /** When it last answered us, or we began to wait for an answer. */
  #answeredMs: number;
  // A proposal that it has not acknowledged, and the newest one: when the first is, the second takes its place.
  #waitingFor = NONE;
  #waitingSinceMs = 0;
  #newest = NONE;
  #newestSentMs = 0;

  constructor(link: LinkId, nowMs: number) {
    this.link = link;
    this.#answeredMs = nowMs;
  }

  /** Gets proposals and commits as they come: its sync plan has been sent. */
  get isForwardedTo(): boolean {
    return this.phase === "syncing" || this.phase === "synced";
  }

  introduced(sid: Sid, isObserver: boolean): void {
    this.sid = sid;
    this.isObserver = isObserver;
    this.phase = "registered";
  }

  /** ACKEPOCH; `isCumulative`: what it was offered. */
  promised(packet: QuorumPacket, isCumulative = false): void {
    this.lastZxid = packet.zxid;
    this.isCumulative = isCumulative && offersCumulative(packet);
    this.phase = "promised";
  }

  /** It did what only one who hears us does, or it is our turn no longer: what we wait for now is timed from here. */
  answered(nowMs: number): void {
    this.#answeredMs = nowMs;
  }

  proposalSent(zxid: Zxid, nowMs: number): void {
    if (this.#waitingFor === NONE) {
      this.#waitingFor = zxid;
      this.#waitingSinceMs = nowMs;
    } else {
      this.#newest = zxid;
      this.#newestSentMs = nowMs;
    }
  }

  acknowledged(zxid: Zxid, nowMs: number): void {
    this.answered(nowMs);
    if (zxid > this.ackedZxid) this.ackedZxid = zxid;
    if (this.#waitingFor === NONE || zxid < this.#waitingFor) return;
    this.#waitingFor = zxid >= this.#newest ? NONE : this.#newest;
    this.#waitingSinceMs = this.#newestSentMs;
    this.#newest = NONE;
  }

  /** UPTODATE leaves: from here on it must keep up. What it was sent before is due from now. */
  becameUpToDate(nowMs: number): void {
    this.upToDateSent = true;
    this.answered(nowMs);
    this.#waitingSinceMs = nowMs;
  }

  /** Java's learners pass over a PING that comes before UPTODATE: no answer is expected to those. */
  pingSent(round: number): void {
    if (this.upToDateSent) this.#pingsUnanswered.push(round);
  }

  pingAnswered(nowMs: number): void {
    this.answered(nowMs);
    this.answeredRound = this.#pingsUnanswered.shift() ?? this.answeredRound;
  }

  /** Why it must be given up, or undefined. */
  overdue(nowMs: number, initLimitMs: number, syncLimitMs: number): string | undefined {
    const silentMs = nowMs - this.#answeredMs;
    switch (this.phase) {
      case "registered":
      case "promised":
        return undefined; // It waits for us.
      case "new":
      case "invited":
      case "syncing":
        if (silentMs > initLimitMs) return `no answer for ${silentMs} ms while ${this.phase}`;
        return undefined;
      case "synced":
        if (!this.upToDateSent) return undefined;
        if (silentMs > syncLimitMs) {
          reached("leader: a learner is closed, it does not answer");
          return `no answer for ${silentMs} ms`;
        }
        if (this.#waitingFor !== NONE && nowMs - this.#waitingSinceMs > syncLimitMs) {
          reached("leader: a learner is closed, it does not acknowledge");
          return "Closing connection to peer due to transaction timeout.";
        }
        return undefined;
    }
  }
}
