// A member around the real machines: carries out effects as src/member/effect-runner.ts does, with a model disk, one step at
// a time, so that a test can stop between any two of them.

import type { LoggedTxn } from "../../../src/quorum/committed-log.js";
import type { Configuration } from "../../../src/quorum/configuration.js";
import {
  Effects,
  LEADER_LINK,
  type LinkId,
  type Outgoing,
  type Work,
} from "../../../src/quorum/effects.js";
import { Leader } from "../../../src/quorum/leader.js";
import { Learner } from "../../../src/quorum/learner.js";
import { Quorums } from "../../../src/quorum/quorums.js";
import type { Sid, Zxid } from "../../../src/wire/ids.js";
import { QuorumPacketType } from "../../../src/wire/op-codes.js";
import type { QuorumPacket } from "../../../src/wire/records.js";
import { configurationIn, configurationOfText } from "./configurations.js";
import { epochsAtStart, ModelDisk, ModelTree } from "./model-disk.js";
import type { Parcel, ServerParts, Snapshot } from "./server-parts.js";

type Deferred =
  /** ack: a cumulative one, which need not leave where a later one may. */
  | { readonly kind: "send" | "ack"; readonly after: number; readonly outgoing: Outgoing }
  | { readonly kind: "write"; readonly after: number; readonly work: WriteWork };
type WriteWork = Extract<Work, { readonly kind: "persist" | "remember" }>;

export const TIMES = { tickTimeMs: 2000, initLimitTicks: 10, syncLimitTicks: 5 };

export class ModelServer {
  readonly sid: Sid;
  readonly disk: ModelDisk;
  quorums: Quorums;
  /** Whom a reconfig wants to lead. */
  suggested: Sid | undefined;
  readonly parts: ServerParts;
  state: "down" | "looking" | "leading" | "following" = "down";
  nowMs = 0;
  /** Counts lives: what belongs to an old one is dropped. */
  life = 0;
  tree: ModelTree;
  leader: Leader | undefined;
  learner: Learner | undefined;
  /** Appended and not applied. */
  pending: LoggedTxn[] = [];
  confirmedUpTo = 0;
  /** The last zxid that we have proposed as leader. */
  accepted = 0;
  #deferred: Deferred[] = [];
  #writing: WriteWork | undefined;
  #rebuild: { readonly kind: "truncate" | "snapshot"; readonly zxid: Zxid } | undefined;
  #snapshot: Snapshot | undefined;

  constructor(sid: Sid, parts: ServerParts) {
    this.sid = sid;
    this.parts = parts;
    this.disk = new ModelDisk(parts.configuration);
    this.quorums = this.#quorumsOnDisk();
    this.tree = new ModelTree(this.disk, parts.committedCount);
  }

  #quorumsOnDisk(): Quorums {
    const { committed, next } = this.disk.image;
    return new Quorums(committed, next, this.parts.canChange);
  }

  get isObserver(): boolean {
    return this.quorums.committed.isObserver(this.sid);
  }

  get isServing(): boolean {
    return this.leader?.isServing === true || this.learner?.isFollowing === true;
  }

  // ------------------------------------------------------------------------------------------------------------- lives

  start(): void {
    this.state = "looking";
    this.quorums = this.#quorumsOnDisk();
    Object.assign(this.disk.image, epochsAtStart(this.disk.image));
    this.tree = new ModelTree(this.disk, this.parts.committedCount);
  }

  /** The power goes; so many of the txns that were written and not synced are there afterwards. */
  crash(survivors = 0): void {
    this.disk.crash(survivors);
    this.#forgetRole();
    this.state = "down";
  }

  lead(): void {
    const { image } = this.disk;
    this.state = "leading";
    this.leader = new Leader(
      {
        sid: this.sid,
        quorums: this.quorums,
        times: TIMES,
        acceptedEpoch: image.acceptedEpoch,
        currentEpoch: image.currentEpoch,
        lastZxid: this.#advertised(),
        isCumulative: this.parts.isCumulative,
      },
      { history: () => this.tree.history(), fromLearner: () => {} },
      this.nowMs,
    );
    this.step((effects) => this.leader!.begin(effects));
  }

  follow(leader: Sid): void {
    const { image } = this.disk;
    this.state = "following";
    this.learner = new Learner(
      {
        sid: this.sid,
        isObserver: this.isObserver,
        leader,
        quorums: this.quorums,
        times: TIMES,
        acceptedEpoch: image.acceptedEpoch,
        currentEpoch: image.currentEpoch,
        lastZxid: this.#advertised(),
        isCumulative: this.parts.isCumulative,
      },
      {
        takeTouches: () => [],
        configuration: configurationOfText,
        configurationIn,
      },
      this.nowMs,
    );
    this.step((effects) => this.learner!.connected(effects));
  }

  /** The role ends: the log comes to rest, tree and log agree again. */
  leave(why: string): void {
    if (this.state !== "leading" && this.state !== "following") return;
    // A rebuild that has begun is carried through; a snapshot that did not come whole is not.
    if (this.#rebuild?.kind === "truncate") this.#carryOutRebuild();
    this.#carryOutWrite();
    while (this.disk.activations.length > 0) this.disk.activate();
    this.disk.sync();
    for (const txn of this.pending) this.tree.apply(txn);
    Object.assign(this.disk.image, epochsAtStart(this.disk.image));
    this.#forgetRole();
    this.state = "looking";
    this.parts.left(this, why);
  }

  #advertised(): Zxid {
    return this.disk.image.isLost ? (-1 as Zxid) : this.tree.last;
  }

  #forgetRole(): void {
    this.life++;
    this.leader = undefined;
    this.learner = undefined;
    this.pending = [];
    this.confirmedUpTo = 0;
    this.accepted = 0;
    this.#deferred = [];
    this.#writing = undefined;
    this.#rebuild = undefined;
    this.#snapshot = undefined;
  }

  // ----------------------------------------------------------------------------------------------------------- effects

  step(event: (effects: Effects) => void): void {
    if (this.leader === undefined && this.learner === undefined) return;
    const effects = new Effects();
    event(effects);
    const { life } = this;
    for (const { link, packet } of effects.sendNow) this.#send(link, packet);
    for (const { zxid, bytes } of effects.proposals) {
      const packet = { type: QuorumPacketType.proposal, zxid, data: bytes, authinfo: null };
      for (const link of effects.followers) this.#send(link, packet);
      this.#work({ kind: "append", zxid, bytes });
    }
    for (const work of effects.work) {
      this.#work(work);
      if (this.life !== life) return;
    }
    const after = this.disk.appendedCount;
    for (const outgoing of effects.sendAfterSync) {
      this.#deferred.push({ kind: "send", after, outgoing });
    }
    if (effects.ackUpTo > 0) {
      const ack = { type: QuorumPacketType.ack, zxid: effects.ackUpTo, data: null, authinfo: null };
      this.#deferred.push({ kind: "ack", after, outgoing: { link: LEADER_LINK, packet: ack } });
    }
    this.#drain();
  }

  #send(link: LinkId, packet: QuorumPacket): void {
    const isSnap = packet.type === 15;
    const snapshot = isSnap ? { txns: [...this.tree.txns], zxid: packet.zxid } : undefined;
    this.parts.send(this, link, snapshot === undefined ? { packet } : { packet, snapshot });
  }

  #work(work: Work): void {
    this.parts.did(this, work);
    switch (work.kind) {
      case "append": {
        const txn = { zxid: work.zxid, bytes: work.bytes };
        this.disk.unsynced.push(txn);
        this.pending.push(txn);
        break;
      }
      case "persist":
      case "remember":
        this.#deferred.push({ kind: "write", after: this.disk.appendedCount, work });
        break;
      case "activate":
        this.disk.activations.push(work.configuration);
        break;
      case "commit":
        for (const txn of this.pendingUpTo(work.zxid)) this.tree.apply(txn);
        this.pending = this.pending.filter(({ zxid }) => zxid > work.zxid);
        break;
      case "truncate":
        this.#rebuild = { kind: "truncate", zxid: work.zxid };
        break;
      case "receiveSnapshot":
        this.#rebuild = { kind: "snapshot", zxid: work.zxid };
        break;
      case "serve":
        if (this.leader !== undefined) this.tree.last = this.leader.newLeaderZxid;
        break;
      case "confirmed":
        this.confirmedUpTo = work.upTo;
        break;
      case "reconnect":
        this.parts.reconnect(this);
        break;
      case "closeLink":
        this.parts.closeLink(this, work.link, work.why);
        break;
      case "resign":
        this.suggested = work.leader;
        this.leave(work.why);
        break;
      default:
        throw new Error(`the model does not know ${work.kind}`);
    }
  }

  /** What a commit of this zxid commits. */
  pendingUpTo(last: Zxid): LoggedTxn[] {
    const txns = this.pending.filter(({ zxid }) => zxid <= last);
    if (txns.at(-1)?.zxid !== last) throw new Error(`commit ${last} was not proposed`);
    return txns;
  }

  received(link: LinkId, { packet, snapshot }: Parcel): void {
    if (snapshot !== undefined) this.#snapshot = snapshot;
    if (this.leader !== undefined) {
      this.step((effects) => this.leader!.received(link, packet, effects));
    } else {
      this.step((effects) => this.learner!.received(packet, effects));
    }
  }

  tick(elapsedMs: number): void {
    this.nowMs += elapsedMs;
    this.step((effects) => (this.leader ?? this.learner)!.tick(this.nowMs, effects));
  }

  // -------------------------------------------------------------------------------------------------------------- disk

  get canSync(): boolean {
    return this.disk.unsynced.length > 0;
  }

  get canPersist(): boolean {
    return this.#writing !== undefined;
  }

  /** What is being written. */
  get writes(): "persist" | "remember" | undefined {
    return this.#writing?.kind;
  }

  get canActivate(): boolean {
    return this.disk.activations.length > 0;
  }

  get canRebuild(): boolean {
    if (this.#rebuild === undefined) return false;
    return this.#rebuild.kind === "truncate" || this.#snapshot !== undefined;
  }

  /** Of the rebuild that is due. */
  get canCarryOut(): boolean {
    const rebuild = this.#rebuild;
    return rebuild?.kind !== "truncate" || this.disk.canTruncate(rebuild.zxid);
  }

  get hasDiskWork(): boolean {
    return this.canSync || this.canPersist || this.canRebuild || this.canActivate;
  }

  /** The first so many of the written txns become durable. */
  syncSome(count = this.disk.unsynced.length): void {
    const zxid = this.disk.sync(count);
    this.step((effects) => this.leader?.logged(zxid, effects));
    this.#drain();
  }

  persistDone(): void {
    const work = this.#writing!;
    this.#carryOutWrite();
    const role = (this.leader ?? this.learner)!;
    this.step((effects) => {
      if (work.kind === "persist") role.persisted(work.epochs, effects);
      else role.remembered(work.configuration, effects);
    });
    this.#drain();
  }

  #carryOutWrite(): void {
    const work = this.#writing;
    this.#writing = undefined;
    if (work?.kind === "persist") this.disk.persist(work.epochs);
    else if (work?.kind === "remember") this.#remember(work.configuration);
  }

  #remember(configuration: Configuration): void {
    const isToCome = configuration.version > this.quorums.committed.version;
    this.disk.remember(isToCome ? configuration : undefined);
    this.quorums.remembered(configuration);
  }

  /** It hears of a later configuration while it looks. */
  adopt(configuration: Configuration): void {
    if (!this.quorums.activate(configuration)) return;
    this.disk.activations.push(configuration);
    while (this.canActivate) this.disk.activate();
  }

  rebuildDone(): void {
    const { zxid } = this.#rebuild!;
    const isDone = this.#carryOutRebuild();
    this.step((effects) =>
      isDone ? this.learner!.rebuilt(zxid, effects) : this.learner!.cannotTruncate(effects),
    );
  }

  #carryOutRebuild(): boolean {
    const { kind, zxid } = this.#rebuild!;
    if (!this.canCarryOut) {
      this.#rebuild = undefined;
      return false;
    }
    if (kind === "truncate") this.disk.truncate(zxid);
    else this.#install(this.#snapshot!.txns, zxid);
    this.#rebuild = undefined;
    this.#snapshot = undefined;
    this.pending = [];
    this.tree = new ModelTree(this.disk, this.parts.committedCount);
    return true;
  }

  /** As Following does: what the tree says of the members is on disk before the tree is. */
  #install(txns: readonly LoggedTxn[], zxid: Zxid): void {
    const configurations = txns.flatMap(({ bytes }) => configurationIn(bytes) ?? []);
    const last = configurations.at(-1);
    if (last !== undefined && !this.quorums.knows(last)) this.#remember(last);
    this.disk.install(txns, zxid);
  }

  #drain(): void {
    while (this.#writing === undefined) {
      const [next, later] = this.#deferred;
      if (!this.#isDue(next)) return;
      this.#deferred.shift();
      if (next.kind === "write") this.#writing = next.work;
      else if (next.kind === "send" || later?.kind !== "ack" || !this.#isDue(later)) {
        this.#send(next.outgoing.link, next.outgoing.packet);
      }
    }
  }

  #isDue(next: Deferred | undefined): next is Deferred {
    return next !== undefined && next.after <= this.disk.image.txns.length;
  }
}

export { LEADER_LINK };
