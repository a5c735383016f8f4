// All who are connected to a leader, by link and by server.

import type { Sid, Zxid } from "../wire/ids.js";
import type { QuorumPacket } from "../wire/records.js";
import type { Effects, LinkId } from "./effects.js";
import { LearnerState } from "./learner-state.js";

export class Learners {
  readonly #byLink = new Map<LinkId, LearnerState>();

  connected(link: LinkId, nowMs: number): void {
    this.#byLink.set(link, new LearnerState(link, nowMs));
  }

  disconnected(link: LinkId): void {
    this.#byLink.delete(link);
  }

  get(link: LinkId): LearnerState | undefined {
    return this.#byLink.get(link);
  }

  all(): Iterable<LearnerState> {
    return this.#byLink.values();
  }

  /** The servers, observers aside, of which this holds; `self` is always among them. */
  followersAnd(self: Sid, holds: (learner: LearnerState) => boolean): Set<Sid> {
    const sids = new Set<Sid>([self]);
    for (const learner of this.#byLink.values()) {
      if (!learner.isObserver && holds(learner)) sids.add(learner.sid);
    }
    return sids;
  }

  send(
    { link }: LearnerState,
    type: number,
    zxid: Zxid,
    data: Buffer | null,
    effects: Effects,
  ): void {
    const packet: QuorumPacket = { type, zxid, data, authinfo: null };
    effects.sendNow.push({ link, packet });
  }

  close({ link }: LearnerState, why: string, effects: Effects): void {
    this.#byLink.delete(link);
    effects.work.push({ kind: "closeLink", link, why });
  }

  /** [Zab] A server has one connection at a time: what is said on another is from a life that is over. */
  closeLinksOf(sid: Sid, effects: Effects): void {
    for (const learner of this.#byLink.values()) {
      if (learner.sid === sid) this.close(learner, `server ${sid} has connected anew`, effects);
    }
  }
}
