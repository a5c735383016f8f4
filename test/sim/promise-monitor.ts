// What members promise each other, checked when the bytes leave, against what a power cut would leave on their disks (1.8).
//
//   P1  ACKEPOCH(e)       durable acceptedEpoch is e or more
//   P2                    an epoch is promised to one leader only, ever
//   P3  ACK(NEWLEADER e)  durable currentEpoch is e, and the history that its leader began with is durable
//   P4  ACK(z)            everything up to z is durable
//   P5  LEADERINFO(e)     the leader's durable acceptedEpoch is e; what it commits on its own word, too, is on its own disk
//   P6                    durable epochs never go down; accepted is never below current
//   P7  COMMIT(z)         whoever would be elected by any quorum, if all lost their power now, has z; asked again of what is
//                         committed whenever a process has ended, of the disks as that has left them (R3)

import { readAckEpoch } from "../../src/quorum/packet-data.js";
import { counterOf, epochOf, hex0x, type Zxid } from "../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../src/wire/op-codes.js";
import { PacketScanner } from "../../src/wire/quorum-framing.js";
import type { QuorumPacket } from "../../src/wire/records.js";
import type { CommittedHistory } from "./committed-history.js";
import { DurableLogs } from "./durable-logs.js";
import { type Ensemble, movedPort, QUORUM_PORT, type SimMember } from "./ensemble.js";
import type { ConnectionEnd, Machine } from "./platform/fabric.js";
import { must } from "./violation.js";

const PACKET_MAX_BYTES = 4 * 1024 * 1024;

export class PromiseMonitor {
  readonly counts = new Map<string, number>();
  readonly #ensemble: Ensemble;
  readonly #history: CommittedHistory;
  /** Of each end that speaks on a quorum port; null once it has begun to send a snapshot. */
  readonly #scanners = new WeakMap<ConnectionEnd, PacketScanner | null>();
  /** The epoch that was proposed on a connection, by the learner's end of it. */
  readonly #invited = new Map<string, number>();
  readonly #promised = new Map<string, string>();
  readonly #durable = new Map<number, { accepted: number; current: number }>();
  readonly #logs: DurableLogs;
  /** Whose disk may be damaged, and it has not noticed yet. */
  isDamaged: (member: SimMember) => boolean = () => false;

  constructor(ensemble: Ensemble, history: CommittedHistory) {
    this.#ensemble = ensemble;
    this.#history = history;
    this.#logs = new DurableLogs(history);
    history.onRewritten = (...seen) => this.#logs.forget(...seen);
    history.onCommitted = (...committed) => this.#committed(...committed);
    ensemble.world.network.tap = (from, to, bytes) => this.#sees(from, to, bytes);
  }

  /** Its disk has been replaced. */
  wiped(sid: number): void {
    this.#durable.delete(sid);
  }

  /** Its process is gone, its power perhaps too: what was under way on its disk is there, or is not. */
  ended(sid: number): void {
    this.#logs.reread(sid);
    const { rule, last } = this.#history;
    const voters = rule?.voters.map((voter) => this.#ensemble.members[voter - 1] as SimMember);
    if (voters?.every((member) => this.#logs.isSureOf(member)) !== true) return;
    this.#count("ends");
    this.#isKept(last);
  }

  #sees(from: ConnectionEnd, to: Machine, bytes: Uint8Array): void {
    const isLeader = isQuorumPort(from.localPort);
    if (!isLeader && !isQuorumPort(from.remotePort)) return;
    let scanner = this.#scanners.get(from);
    if (scanner === null) return;
    if (scanner === undefined) {
      scanner = new PacketScanner(PACKET_MAX_BYTES);
      this.#scanners.set(from, scanner);
    }
    const member = this.#ensemble.members.find(({ node }) => node === from.machine);
    if (member === undefined) return;
    const scanning = scanner;
    scanning.scan(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, (packet) => {
      if (packet.type === Type.snap) {
        this.#scanners.set(from, null);
        scanning.stop();
        this.#history.counts.snaps++;
      } else if (isLeader) {
        this.#fromLeader(member, `${to.name}:${from.remotePort}`, packet);
      } else {
        this.#fromLearner(member, `${member.name}:${from.localPort}`, to.name, packet);
      }
    });
  }

  #fromLeader(member: SimMember, learner: string, packet: QuorumPacket): void {
    if (packet.type === Type.trunc) this.#history.counts.truncs++;
    if (packet.type !== Type.leaderInfo) return;
    this.#count("LEADERINFO");
    const epoch = epochOf(packet.zxid);
    this.#invited.set(learner, epoch);
    const { accepted } = this.#epochs(member);
    must(accepted === epoch, () => `${member.name} leads epoch ${epoch}, has accepted ${accepted}`);
  }

  #fromLearner(member: SimMember, from: string, to: string, packet: QuorumPacket): void {
    if (packet.type === Type.ackEpoch) this.#ackEpoch(member, from, to, packet);
    else if (packet.type === Type.ack) this.#ack(member, to, packet.zxid);
  }

  #ackEpoch(member: SimMember, from: string, leader: string, packet: QuorumPacket): void {
    this.#count("ACKEPOCH");
    const { accepted } = this.#epochs(member);
    const epoch = this.#invited.get(from) ?? 0;
    must(
      accepted >= epoch,
      () => `${member.name} promises epoch ${epoch}, but has accepted only ${accepted}`,
    );
    // Neither counts: promised before, or by a member that has lost its data.
    if (readAckEpoch(packet) === undefined || packet.zxid < 0) return;
    const promise = `${member.sid} ${epoch}`;
    const other = this.#promised.get(promise);
    must(
      other === undefined,
      () => `${member.name} promises epoch ${epoch} to ${leader}, after ${other}`,
    );
    this.#promised.set(promise, leader);
  }

  #ack(member: SimMember, to: string, zxid: Zxid): void {
    this.#count(counterOf(zxid) === 0 ? "ACK NEWLEADER" : "ACK");
    if (counterOf(zxid) === 0) {
      const { current } = this.#epochs(member);
      must(
        current === epochOf(zxid),
        () =>
          `${member.name} acknowledges NEWLEADER ${hex0x(zxid)}, its current epoch is ${current}`,
      );
    }
    const needed = counterOf(zxid) === 0 ? this.#beginningOf(epochOf(zxid), to) : zxid;
    if (needed !== undefined) this.#has(member, needed, "acknowledges");
    this.#history.acknowledged(member.sid, zxid);
  }

  /** The history that a leader began with; undefined where nobody can tell any more. */
  #beginningOf(epoch: number, leader: string): Zxid | undefined {
    const { start } = this.#history.epochs.get(epoch) ?? {};
    if (start !== undefined) return start;
    const member = this.#ensemble.members.find(({ name }) => name === leader);
    if (member?.tree === undefined || !member.state?.startsWith("leading")) return undefined;
    if (this.#epochs(member).accepted !== epoch) return undefined;
    return this.#history.normal(member.tree.lastProcessedZxid);
  }

  #has(member: SimMember, zxid: Zxid, does: string): void {
    if (this.isDamaged(member)) return;
    const last = this.#logs.lastOf(member, zxid);
    must(
      last >= zxid,
      () => `${member.name} ${does} ${hex0x(zxid)}, its disk has all up to ${hex0x(last)} only`,
    );
  }

  #committed(sid: number, zxid: Zxid, synced: Zxid): void {
    const leader = this.#ensemble.members[sid - 1] as SimMember;
    if (synced >= zxid) this.#has(leader, zxid, "takes for logged");
    if (this.#history.rule === undefined) return;
    this.#count("COMMIT");
    this.#isKept(zxid);
  }

  /** P7: nobody who lacks it can have a vote that is at least as good as all of a quorum's. */
  #isKept(zxid: Zxid): void {
    const { rule } = this.#history;
    if (rule === undefined) return;
    const votes = rule.voters
      .map((voter) => this.#ensemble.members[voter - 1] as SimMember)
      .filter((member) => !this.isDamaged(member) && this.#logs.hasVote(member))
      .map((member) => ({ member, ...this.#voteOf(member) }))
      .sort((a, b) => a.epoch - b.epoch || a.last - b.last || a.member.sid - b.member.sid);
    for (const [i, { member, last }] of votes.entries()) {
      if (this.#history.isPrefix(zxid, last)) continue;
      const followers = votes.slice(0, i + 1).map((vote) => vote.member.sid);
      must(
        !rule.isQuorum(followers),
        () =>
          `${hex0x(zxid)} is committed, and ${followers} would elect ${member.name}, which has ${hex0x(last)}`,
      );
    }
  }

  /** What it would say of itself if it started now: the epoch of what it has logged counts, whatever the file says (R38). */
  #voteOf(member: SimMember): { last: Zxid; epoch: number } {
    const last = this.#logs.lastOf(member);
    return { last, epoch: Math.max(this.#epochs(member).current, epochOf(last)) };
  }

  /** As they are durably, and never less than they were. */
  #epochs(member: SimMember): { accepted: number; current: number } {
    const accepted = member.durableNumber("acceptedEpoch");
    const now = { accepted, current: member.durableNumber("currentEpoch") };
    const before = this.#durable.get(member.sid) ?? { accepted: -1, current: -1 };
    must(
      now.accepted >= before.accepted && now.current >= before.current,
      () => `${member.name} goes back from ${JSON.stringify(before)} to ${JSON.stringify(now)}`,
    );
    // The first two files come one after the other.
    const isFirst = now.accepted === -1 && now.current === 0;
    must(
      now.accepted >= now.current || isFirst,
      () => `${member.name} is in epoch ${now.current}, has accepted ${now.accepted}`,
    );
    this.#durable.set(member.sid, now);
    return now;
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

function isQuorumPort(port: number): boolean {
  return port === QUORUM_PORT || port === movedPort(QUORUM_PORT);
}
