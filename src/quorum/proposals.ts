// What has been proposed and not yet committed, and who holds it on disk. Answers to Java's Leader.outstandingProposals.
//
// Acknowledgements are cumulative: a member that acknowledges a zxid holds everything before it, because logs are written
// in zxid order. So one number per member is all there is to keep, and a proposal commits when the members whose number
// has reached it contain a quorum.
//
// While a reconfig is on its way, it and what follows it must be held by a quorum of the new configuration as well
// (`changeFrom`); when it is committed the new one decides alone (`changed`; why that is enough, see quorums.ts).
//
// Invariants: proposals are held in strictly ascending zxid order; a member's number goes down only when its leader is about
// to cut its log back (`forget`); what `takeCommitted` gave is never given again, and is given in zxid order without a gap.

import { assert } from "../errors.js";
import { Queue } from "../queue.js";
import type { Sid, Zxid } from "../wire/ids.js";
import { hex0x, ZXID_ZERO } from "../wire/ids.js";
import type { QuorumVerifier } from "./verifier.js";

export class Proposals<Proposal extends { readonly zxid: Zxid }> {
  #verifier: QuorumVerifier;
  #next: { readonly from: Zxid; readonly verifier: QuorumVerifier } | undefined;
  readonly #acknowledged = new Map<Sid, Zxid>();
  readonly #queue = new Queue<Proposal>();
  #lastProposed: Zxid = ZXID_ZERO;
  #committed: Zxid = ZXID_ZERO;
  /** What `#holds` is asked about. */
  #asked: Zxid = ZXID_ZERO;
  readonly #holds = (sid: Sid): boolean => (this.#acknowledged.get(sid) ?? -1) >= this.#asked;

  constructor(verifier: QuorumVerifier) {
    this.#verifier = verifier;
  }

  /** `from` is the reconfig's zxid: neither it nor anything later commits without a quorum of `next`, too. */
  changeFrom(from: Zxid, next: QuorumVerifier): void {
    assert(this.#next === undefined, "Cannot begin a change of the configuration within another");
    this.#next = { from, verifier: next };
  }

  /** Its configuration is in force: this one decides, alone. */
  changed(verifier: QuorumVerifier): void {
    this.#next = undefined;
    this.#verifier = verifier;
    this.#committed = this.#highestHeldByQuorum();
  }

  /** How many are proposed and not yet taken. */
  get length(): number {
    return this.#queue.length;
  }

  /** Proposed and not taken, in zxid order. */
  outstanding(): Proposal[] {
    return this.#queue.toArray();
  }

  add(proposal: Proposal): void {
    if (proposal.zxid <= this.#lastProposed) {
      const last = hex0x(this.#lastProposed);
      assert(false, `Proposal ${hex0x(proposal.zxid)} does not follow ${last}`);
    }
    this.#lastProposed = proposal.zxid;
    this.#queue.push(proposal);
  }

  /** `sid` has everything up to and including `zxid` on disk. */
  acknowledge(sid: Sid, zxid: Zxid): void {
    // [Zab] Only the votes of members count (ZOOKEEPER-2959): verifiers pass over the others. But who does not vote now may
    // do so with the next configuration.
    const before = this.#acknowledged.get(sid);
    if (before !== undefined && before >= zxid) return;
    this.#acknowledged.set(sid, zxid);
    if (zxid <= this.#committed) return;
    this.#committed = this.#highestHeldByQuorum();
  }

  /**
   * The member comes back with a new connection. It is synchronized from what is committed, and what it has beyond that is
   * cut off before it is sent again: what it acknowledged over the old connection must not decide over what comes next.
   */
  forget(sid: Sid): void {
    this.#acknowledged.delete(sid);
  }

  /** The next proposal that a quorum holds, in zxid order, or undefined. */
  takeCommitted(): Proposal | undefined {
    const next = this.#queue.first;
    if (next === undefined || next.zxid > this.#committed) return undefined;
    return this.#queue.take();
  }

  #isHeldByQuorum(zxid: Zxid): boolean {
    this.#asked = zxid;
    if (!this.#verifier.isQuorum(this.#holds)) return false;
    return (
      this.#next === undefined ||
      zxid < this.#next.from ||
      this.#next.verifier.isQuorum(this.#holds)
    );
  }

  /** Who has everything up to here on disk. */
  holders(zxid: Zxid): Sid[] {
    const holders: Sid[] = [];
    for (const [sid, acknowledged] of this.#acknowledged)
      if (acknowledged >= zxid) holders.push(sid);
    return holders;
  }

  acknowledgedBy(sid: Sid): Zxid | undefined {
    return this.#acknowledged.get(sid);
  }

  /** One of the members' numbers, the highest that a quorum has reached; or, where that is not enough, up to the reconfig. */
  #highestHeldByQuorum(): Zxid {
    let highest = this.#committed;
    for (const zxid of this.#acknowledged.values()) {
      if (zxid > highest && this.#isHeldByQuorum(zxid)) highest = zxid;
    }
    if (this.#next === undefined) return highest;
    const before = (this.#next.from - 1) as Zxid;
    return highest < before && this.#isHeldByQuorum(before) ? before : highest;
  }
}
