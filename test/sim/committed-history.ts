// The ground truth of a run: every transaction that was ever logged, what stood before it, and which of them are committed.
//
// A zxid stands for a whole history: what is logged under it and what was logged before it must be the same on every member
// that ever logs it, committed or not. So two histories are equal when their last zxids are, and one is a prefix of the
// other when its last zxid is met on the way back. Checked here, at each event:
//
//   Integrity, Agreement      one zxid, one content, one predecessor, everywhere and for ever (R9, R20, R24, R25)
//   Leadership                one serving leader for an epoch
//   LeaderLogCompleteness     a leader that begins to serve has everything committed before (R1-R4, R10)
//   PrefixConsistency         commits go on where the last one was
//   PrimaryIntegrity          what an established epoch did not begin with is in no later one (R18, R93)
//   Never lie                 a learner serves, and applies while serving, nothing that is not committed
//   G17, the state monitor    equal zxid, equal digest, on every member, also after a restart, TRUNC and SNAP (R8, R16)
//   Durability (P3, P4)       what a member acknowledged is there when it comes back
//   Quorums (P7)              a leader leads, and commits, by the acknowledgements of a quorum: of the configuration in force,
//                             and for a change of it of the next one, too
//   Rest                      when a role ends, everything in the log is on disk (R8)
//
// (e,0), the zxid of an epoch that has no transaction yet, stands for the last one before it.

import { decodeTxnRecord } from "../../src/operations/transactions.js";
import type { TxnRecord } from "../../src/operations/txn-record.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import { counterOf, epochOf, hex0x, ZXID_ZERO, type Zxid } from "../../src/wire/ids.js";
import type { Ensemble, SimMember } from "./ensemble.js";
import { QuorumRule, ruleIn } from "./quorum-rule.js";
import type { Observer } from "./spy.js";
import { must } from "./violation.js";

interface Entry {
  readonly zxid: Zxid;
  readonly previous: Zxid;
  readonly bytes: Buffer;
  readonly loggedFirstBy: number;
  /** Of a reconfig: what it is to make of the members. */
  readonly rule: QuorumRule | undefined;
}

export interface CommittedTxn {
  readonly zxid: Zxid;
  readonly record: TxnRecord;
  readonly atMs: number;
}

/** What the histories of clients are judged by. */
export interface Committed {
  readonly committed: readonly CommittedTxn[];
  /** The place in `committed`, -1 before the first; undefined for what is not committed. */
  indexOf(zxid: Zxid): number | undefined;
  /** Whether anybody ever had it in his log. */
  isLogged(zxid: Zxid): boolean;
}

interface MemberView {
  serving: "leader" | "learner" | undefined;
  /** What was acknowledged; alternatives while TRUNC or SNAP is under way. */
  floors: Zxid[];
  /** What it had acknowledged before its disk was lost: on that word others may commit still. */
  readonly given: readonly Zxid[];
  /** The last epoch whose NEWLEADER it acknowledged: its word for that stands, whatever becomes of it since. */
  follows: number;
}

export class CommittedHistory implements Committed, Observer {
  readonly committed: CommittedTxn[] = [];
  /** Leaders whose history a quorum has: nearly all of them began to serve. */
  readonly epochs = new Map<number, { readonly sid: number; readonly start: Zxid }>();
  /** A leader commits; `synced` is what it takes for durable on its own disk. */
  onCommitted: ((sid: number, zxid: Zxid, synced: Zxid) => void) | undefined;
  /** What a member has on disk is another history from here on, or in other files; `zxid`: it says that it ends here. */
  onRewritten: ((sid: number, zxid?: Zxid) => void) | undefined;
  readonly counts = { truncs: 0, snaps: 0, restarts: 0, fastForwards: 0 };
  readonly #nowMs: () => number;
  /** Whose word counts: the configuration that was committed last. Undefined, where members have different ones: nobody looks. */
  rule: QuorumRule | undefined;
  readonly #first: QuorumRule;
  /** Reconfigs that somebody has logged and that were not committed when they were. */
  readonly #changes = new Map<Zxid, QuorumRule>();
  readonly #leaderOf: (epoch: number) => SimMember | undefined;
  readonly #durableEpochOf: (sid: number) => number;
  readonly #entries = new Map<Zxid, Entry>();
  readonly #index = new Map<Zxid, number>();
  readonly #digests = new Map<Zxid, { readonly digest: bigint; readonly sid: number }>();
  readonly #views = new Map<number, MemberView>();
  /** What those show who serve readers alone. */
  readonly #frozen = new Map<number, { readonly zxid: Zxid; readonly digest: bigint }>();

  constructor({ world, members, firstConfiguration }: Ensemble) {
    this.#nowMs = () => world.nowMs;
    this.#first = new QuorumRule(firstConfiguration);
    this.rule = this.#first;
    this.#leaderOf = (epoch) =>
      members.find(
        ({ sid, state }) => state?.startsWith("leading") && this.#durableEpochOf(sid) === epoch,
      );
    this.#durableEpochOf = (sid) => (members[sid - 1] as SimMember).durableNumber("currentEpoch");
  }

  get last(): Zxid {
    return this.committed.at(-1)?.zxid ?? ZXID_ZERO;
  }

  /** The place in `committed`, -1 before the first; undefined for what is not committed. */
  indexOf(zxid: Zxid): number | undefined {
    const normal = this.normal(zxid);
    return normal === ZXID_ZERO ? -1 : this.#index.get(normal);
  }

  /** The last transaction of the history that `zxid` stands for. */
  normal(zxid: Zxid): Zxid {
    while (zxid > 0 && counterOf(zxid) === 0) {
      const epoch = this.epochs.get(epochOf(zxid));
      must(epoch !== undefined, () => `${hex0x(zxid)} is of an epoch that nobody leads`);
      zxid = epoch.start;
    }
    return zxid;
  }

  /** Whether this is what was logged under the zxid, behind that one. */
  follows(zxid: Zxid, previous: Zxid, bytes: Buffer): boolean {
    const entry = this.#entries.get(zxid);
    return entry !== undefined && entry.previous === previous && entry.bytes.equals(bytes);
  }

  isLogged(zxid: Zxid): boolean {
    const normal = this.normal(zxid);
    return normal === ZXID_ZERO || this.#entries.has(normal);
  }

  /** Whether the history that ends with `prefix` is the beginning of the one that ends with `of`. */
  isPrefix(prefix: Zxid, of: Zxid): boolean {
    let at = of;
    while (at > prefix) at = this.#entry(at).previous;
    return at === prefix;
  }

  // ------------------------------------------------------------------------------------------------------------ events

  appended(sid: number, zxid: Zxid, bytes: Buffer, previous: Zxid): void {
    const before = this.normal(previous);
    const known = this.#entries.get(zxid);
    if (known === undefined) {
      must(
        before === ZXID_ZERO || this.#entries.has(before),
        () => `${hex0x(zxid)} is logged by ${sid} behind ${hex0x(before)}, which nobody logged`,
      );
      const copy = Buffer.from(bytes);
      const rule = ruleIn(copy);
      if (rule !== undefined) this.#changes.set(zxid, rule);
      this.#entries.set(zxid, { zxid, previous: before, bytes: copy, loggedFirstBy: sid, rule });
      return;
    }
    must(
      known.bytes.equals(bytes),
      () =>
        `${hex0x(zxid)} is logged by ${sid} with another content than by ${known.loggedFirstBy}`,
    );
    must(
      known.previous === before,
      () =>
        `${hex0x(zxid)} is logged by ${sid} behind ${hex0x(before)}, by ${known.loggedFirstBy} behind ${hex0x(known.previous)}`,
    );
  }

  committedByLeader(sid: number, zxid: Zxid, tree: DataTree, synced: Zxid): void {
    this.#sameDigest(sid, zxid, tree, "commits");
    // A leader that was deposed may learn late of what its successor has taken over.
    if (this.#index.has(zxid)) return;
    const entry = this.#entry(zxid);
    this.#heldByQuorum(`${sid} commits ${hex0x(zxid)}`, [entry], (voter) =>
      voter === sid ? synced >= zxid : this.#words(voter).some((word) => word >= zxid),
    );
    must(
      entry.previous === this.last,
      () => `${sid} commits ${hex0x(zxid)}, but ${hex0x(this.last)} is committed last`,
    );
    this.#push(entry);
    this.onCommitted?.(sid, zxid, synced);
  }

  appliedByLearner(sid: number, zxid: Zxid, tree: DataTree): void {
    this.#sameDigest(sid, zxid, tree, "applies");
    if (this.#view(sid).serving === undefined) return;
    must(this.#index.has(zxid), () => `${sid} serves ${hex0x(zxid)}, which is not committed`);
  }

  fastForwarded(sid: number, tree: DataTree, isAtRest: boolean): void {
    this.counts.fastForwards++;
    must(isAtRest, () => `${sid} ends its role while its log is being written`);
    this.#sameDigest(sid, tree.lastProcessedZxid, tree, "fast-forwards to");
  }

  handsOver(epoch: number): void {
    const leader = this.#leaderOf(epoch);
    must(leader?.tree !== undefined, () => `Nobody has led epoch ${epoch}, which is established`);
    this.#leads(leader.sid, epoch, this.normal(leader.tree.lastProcessedZxid));
  }

  serves(sid: number, role: "leader" | "learner", tree: DataTree, logged: Zxid): void {
    const last = tree.lastProcessedZxid;
    if (role === "leader") this.#leads(sid, epochOf(last), this.normal(logged));
    this.#sameDigest(sid, last, tree, "serves");
    must(
      this.indexOf(last) !== undefined,
      () => `${sid} serves ${hex0x(last)}, which is not committed`,
    );
    this.#view(sid).serving = role;
  }

  /** G16: without a quorum nothing may come, nor go. */
  onlyReads(sid: number, tree: DataTree): void {
    this.#frozen.set(sid, { zxid: tree.lastProcessedZxid, digest: tree.digest.toBigInt() });
  }

  stopsServing(sid: number, tree: DataTree): void {
    this.#view(sid).serving = undefined;
    const frozen = this.#frozen.get(sid);
    this.#frozen.delete(sid);
    must(
      frozen === undefined ||
        (frozen.zxid === tree.lastProcessedZxid && frozen.digest === tree.digest.toBigInt()),
      () =>
        `${sid} served readers alone, and went from ${hex0x(frozen?.zxid ?? 0)} to another state`,
    );
  }

  rebuilding(sid: number, zxid: Zxid): void {
    this.#view(sid).floors.push(zxid);
    this.onRewritten?.(sid);
  }

  replaced(sid: number, tree: DataTree): void {
    const zxid = tree.lastProcessedZxid;
    this.onRewritten?.(sid, zxid);
    this.#sameDigest(sid, zxid, tree, "is rebuilt to");
    this.#view(sid).floors = [zxid];
  }

  /** A member's word that everything up to here is on its disk. */
  acknowledged(sid: number, zxid: Zxid): void {
    const view = this.#view(sid);
    if (counterOf(zxid) === 0) view.follows = epochOf(zxid);
    if (view.floors.length > 1) return; // nothing is acknowledged meanwhile
    if (zxid > (view.floors[0] ?? ZXID_ZERO)) view.floors = [zxid];
  }

  /** The process is gone. */
  ended(sid: number): void {
    this.#view(sid).serving = undefined;
    this.#frozen.delete(sid);
  }

  /** Its disk has been replaced: what it has acknowledged is not there any more. */
  wiped(sid: number): void {
    this.onRewritten?.(sid);
    const { follows } = this.#view(sid);
    this.#views.set(sid, { serving: undefined, floors: [], given: this.#words(sid), follows });
  }

  /** It has come back, and this is what it found on its disk. */
  restarted(sid: number, tree: DataTree): void {
    this.counts.restarts++;
    // -1: it knows that its data are lost.
    const zxid = Math.max(0, tree.lastProcessedZxid) as Zxid;
    this.onRewritten?.(sid, zxid);
    const { floors } = this.#view(sid);
    const last = this.normal(zxid);
    this.#sameDigest(sid, zxid, tree, "recovers");
    const isThere = floors.length === 0 || floors.some((floor) => this.#has(last, floor));
    must(isThere, () => {
      const told = floors.map((floor) => hex0x(floor)).join(" or ");
      return `${sid} recovers ${hex0x(zxid)}, but had acknowledged ${told}`;
    });
    this.#view(sid).floors = [zxid];
  }

  /** The configuration in force, and those that may still come of what somebody has logged. */
  possibleRules(): QuorumRule[] {
    const rules = this.rule === undefined ? [] : [this.rule];
    for (const [zxid, rule] of this.#changes) if (zxid > this.last) rules.push(rule);
    return rules;
  }

  /** No change of the members has been committed. */
  get hasFirstRule(): boolean {
    return this.rule === this.#first;
  }

  /** Whether there ever was a configuration without it. */
  wasOutside(sid: number): boolean {
    return [this.#first, ...this.#changes.values()].some(({ servers }) => !servers.has(sid));
  }

  // ------------------------------------------------------------------------------------------------------------ inside

  #has(last: Zxid, floor: Zxid): boolean {
    // The acknowledgement of NEWLEADER to a leader that never served: its history is not known.
    if (counterOf(floor) === 0 && floor > 0 && !this.epochs.has(epochOf(floor))) return true;
    return this.isPrefix(this.normal(floor), last);
  }

  #leads(sid: number, epoch: number, start: Zxid): void {
    const other = this.epochs.get(epoch);
    must(other === undefined, () => `${sid} and ${other?.sid} both lead epoch ${epoch}`);
    if (Math.max(0, ...this.epochs.keys()) > epoch) {
      // The last it needed took long, and a later epoch has begun since: with what this one begins with.
      must(
        this.isPrefix(start, this.last),
        () =>
          `${sid} led epoch ${epoch} from ${hex0x(start)}, without which ${hex0x(this.last)} is`,
      );
      this.epochs.set(epoch, { sid, start });
      return;
    }
    must(
      this.isPrefix(this.last, start),
      () => `${sid} leads epoch ${epoch} from ${hex0x(start)}, without ${hex0x(this.last)}`,
    );
    const before = Math.max(0, ...[...this.epochs.keys()].filter((other) => other < epoch));
    const taken: Entry[] = [];
    for (let at = start; at > this.last; ) {
      const entry = this.#entry(at);
      must(
        epochOf(at) >= before,
        () => `${sid} brings ${hex0x(at)}, which epoch ${before} did not begin with, into ${epoch}`,
      );
      taken.push(entry);
      at = entry.previous;
    }
    this.#heldByQuorum(`${sid} leads epoch ${epoch}`, taken, (voter) =>
      voter === sid ? this.#durableEpochOf(sid) === epoch : this.#view(voter).follows >= epoch,
    );
    this.epochs.set(epoch, { sid, start });
    for (const entry of taken.reverse()) this.#push(entry);
  }

  /** P7, as far as words go: that of a voter is an acknowledgement it has sent, that of the leader what its disk has. */
  #heldByQuorum(
    what: string,
    committed: readonly Entry[],
    isHeldBy: (voter: number) => boolean,
  ): void {
    if (this.rule === undefined) return;
    for (const rule of [this.rule, ...committed.map((entry) => entry.rule)]) {
      if (rule === undefined) continue;
      const holders = rule.voters.filter(isHeldBy);
      must(
        rule.isQuorum(holders),
        () => `${what} on the word of ${holders.join(", ")} alone, of ${rule.voters.join(", ")}`,
      );
    }
  }

  #push(entry: Entry): void {
    this.#index.set(entry.zxid, this.committed.length);
    if (entry.rule !== undefined && this.rule !== undefined) this.rule = entry.rule;
    const record = decodeTxnRecord(entry.bytes);
    this.committed.push({ zxid: entry.zxid, record, atMs: this.#nowMs() });
  }

  #sameDigest(sid: number, zxid: Zxid, tree: DataTree, does: string): void {
    if (zxid < 0) return; // it has lost its data, and says so
    const normal = this.normal(zxid);
    must(
      normal === ZXID_ZERO || this.#entries.has(normal),
      () => `${sid} ${does} ${hex0x(zxid)}, which nobody logged`,
    );
    const digest = tree.digest.toBigInt();
    const known = this.#digests.get(normal);
    if (known === undefined) this.#digests.set(normal, { digest, sid });
    else {
      must(
        known.digest === digest,
        () =>
          `${sid} ${does} ${hex0x(zxid)} with digest ${hex0x(digest)}, ${known.sid} had ${hex0x(known.digest)}`,
      );
    }
  }

  #words(sid: number): readonly Zxid[] {
    const { floors, given } = this.#view(sid);
    return [...floors, ...given];
  }

  #entry(zxid: Zxid): Entry {
    const entry = this.#entries.get(zxid);
    must(entry !== undefined, () => `${hex0x(zxid)} was logged by nobody`);
    return entry;
  }

  #view(sid: number): MemberView {
    let view = this.#views.get(sid);
    if (view === undefined) {
      view = { serving: undefined, floors: [], given: [], follows: 0 };
      this.#views.set(sid, view);
    }
    return view;
  }
}
