// What must hold at every step, whatever happens (zab-and-known-bugs.md 1.8): TLA+'s invariants of Zab, and P1 to P7, which
// look at the durable image of a server at the moment at which something leaves it.

import assert from "node:assert/strict";
import { follows, type LoggedTxn } from "../../../src/quorum/committed-log.js";
import type { Work } from "../../../src/quorum/effects.js";
import { readAckEpoch } from "../../../src/quorum/packet-data.js";
import { Quorums } from "../../../src/quorum/quorums.js";
import { counterOf, epochOf, type Sid, type Zxid } from "../../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../../src/wire/op-codes.js";
import { configurationIn } from "./configurations.js";
import { epochsAtStart, lastOf } from "./model-disk.js";
import type { ModelServer } from "./model-server.js";
import type { Parcel } from "./server-parts.js";
import type { Watcher, World } from "./world.js";

type Txns = readonly LoggedTxn[];

/** 0: it is none. */
const reconfigZxid = ({ bytes }: LoggedTxn) => configurationIn(bytes)?.version ?? 0;

/** Txns are compared by their bytes, of which there are no two alike: a zxid could be used twice. */
function isPrefix(shorter: Txns, longer: Txns): boolean {
  if (shorter.length > longer.length) return false;
  // Histories grow at the end: what is equal there was equal before.
  for (let i = shorter.length - 1; i >= 0; i--) {
    const [left, right] = [shorter[i]!.bytes, longer[i]!.bytes];
    if (left !== right && !left.equals(right)) return false;
  }
  return true;
}

function text(txns: Txns): string {
  return txns.map(({ zxid }) => `(${epochOf(zxid)},${counterOf(zxid)})`).join(" ");
}

/** What a machine says when the other has broken the protocol. Between our own that never happens. */
const BROKEN = /hole|Committing|out of turn|unexpected|was to lead|never proposed|UPTODATE before/i;

export class Monitors implements Watcher {
  world!: World;
  /** Committed, by everybody and for ever. */
  committed: LoggedTxn[] = [];
  readonly established = new Map<number, string>();
  readonly #promises = new Map<string, string>();
  readonly #initial = new Map<number, Txns>();
  readonly #epochsBefore = new Map<Sid, { accepted: number; current: number }>();
  /** What has been reached, so that a test can see that it tests something. */
  readonly seen = new Map<string, number>();

  /** Configurations that a leader found under way, without their reconfig, and completed with its NEWLEADER. */
  readonly #completed = new Set<Zxid>();

  note(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  left(server: ModelServer, why: string): void {
    assert.doesNotMatch(why, BROKEN, `MessageLegal: server ${server.sid} leaves`);
    this.note(`left: ${why.replace(/\(.*|0x[0-9a-f]+|[0-9]+/g, "…")}`);
  }

  closed(server: ModelServer, peer: Sid, why: string): void {
    assert.doesNotMatch(why, BROKEN, `MessageLegal: server ${server.sid} closes ${peer}`);
    this.note(`closed: ${why.replace(/0x[0-9a-f]+|[0-9]+/g, "…")}`);
  }

  sent(from: ModelServer, to: Sid, { packet }: Parcel): void {
    const { image } = from.disk;
    const { zxid, type } = packet;
    switch (type) {
      case Type.ackEpoch: {
        const epoch = from.learner!.epoch;
        assert.ok(image.acceptedEpoch >= epoch, "P1: ACKEPOCH before acceptedEpoch is durable");
        // One that has lost its data has lost its promises too: what it promises now does not count.
        if (readAckEpoch(packet) === undefined || zxid === -1) break;
        const leader = `${to} in life ${this.world.server(to).life}`;
        const before = this.#promises.get(`${from.sid} ${epoch}`) ?? leader;
        assert.equal(leader, before, `P2: ${from.sid} promises epoch ${epoch} twice`);
        this.#promises.set(`${from.sid} ${epoch}`, leader);
        break;
      }
      case Type.leaderInfo:
        assert.equal(
          image.acceptedEpoch,
          epochOf(zxid),
          "P5: LEADERINFO before acceptedEpoch is durable",
        );
        break;
      case Type.newLeader:
        if (!this.#initial.has(epochOf(zxid)))
          this.#initial.set(epochOf(zxid), [...from.tree.txns]);
        break;
      case Type.ack:
        this.#acknowledged(from, zxid);
        break;
      case Type.diff:
      case Type.trunc:
      case Type.snap:
        this.note(type === Type.diff ? "DIFF" : type === Type.trunc ? "TRUNC" : "SNAP");
        break;
    }
  }

  #acknowledged(from: ModelServer, zxid: Zxid): void {
    const { image } = from.disk;
    if (counterOf(zxid) !== 0) {
      const last = lastOf(image);
      assert.ok(last >= zxid, `P4: ${from.sid} acknowledges ${zxid}, durable is ${last}`);
      const { epoch } = from.learner!;
      assert.equal(image.currentEpoch, epoch, "R5: ACK of a proposal before that of NEWLEADER");
      return;
    }
    if (from.learner?.isFollowing === true) return; // the second one
    const epoch = epochOf(zxid);
    assert.equal(image.currentEpoch, epoch, "P3: ACK of NEWLEADER before currentEpoch is durable");
    const initial = this.#initial.get(epoch)!;
    assert.ok(
      isPrefix(initial, image.txns),
      `P3: ${from.sid} acknowledges epoch ${epoch} with ${text(image.txns)}, its leader began with ${text(initial)}`,
    );
  }

  did(server: ModelServer, work: Work): void {
    switch (work.kind) {
      case "serve":
        if (server.leader !== undefined) this.#establish(server, work.epoch);
        break;
      case "commit":
        this.note("commit");
        if (server.leader !== undefined) {
          this.#commits([...server.tree.txns, ...server.pendingUpTo(work.zxid)]);
        }
        break;
      case "activate":
        this.note(counterOf(work.configuration.version) === 0 ? "first version" : "reconfig");
        if (server.leader !== undefined && server.pending[0]?.zxid !== work.configuration.version) {
          this.#completed.add(work.configuration.version);
        }
        break;
      case "truncate":
      case "receiveSnapshot":
      case "reconnect":
        this.note(work.kind);
        break;
    }
  }

  #establish(server: ModelServer, epoch: number): void {
    const leader = `${server.sid} in life ${server.life}`;
    const before = this.established.get(epoch) ?? leader;
    assert.equal(leader, before, `Leadership: two leaders of epoch ${epoch}`);
    this.established.set(epoch, leader);
    this.note("established");
    const { txns } = server.tree;
    const { image } = server.disk;
    assert.equal(image.currentEpoch, epoch, "P5: a leader serves before its epoch is durable");
    assert.ok(isPrefix(txns, image.txns), "P5: a leader serves before its history is durable");
    assert.ok(
      isPrefix(this.committed, txns),
      `LeaderLogCompleteness: leader ${server.sid} of ${epoch} has ${text(txns)}, committed is ${text(this.committed)}`,
    );
    this.committed = [...txns];
  }

  /** After every step. */
  check(): void {
    // Leaders first: what they commit is what the others are measured by.
    const servers = this.world.all().sort((one) => (one.leader === undefined ? 1 : -1));
    for (const server of servers) {
      this.#checkServing(server);
      this.#checkImage(server);
    }
    this.#checkDurability();
  }

  #checkServing(server: ModelServer): void {
    if (!server.isServing) return;
    const { txns } = server.tree;
    if (server.leader !== undefined) this.#commits(txns);
    assert.ok(
      isPrefix(txns, this.committed),
      `PrefixConsistency: ${server.sid} serves ${text(txns)}, committed is ${text(this.committed)}`,
    );
  }

  /** A leader's tree. */
  #commits(txns: Txns): void {
    if (txns.length <= this.committed.length) return;
    assert.ok(isPrefix(this.committed, txns), "CommittedLogDurability: a leader commits another");
    this.committed = [...txns];
  }

  #checkImage(server: ModelServer): void {
    const { image } = server.disk;
    const { txns, acceptedEpoch: accepted, currentEpoch: current } = image;
    for (let i = Math.max(1, txns.length - 3); i < txns.length; i++) {
      assert.ok(follows(txns[i]!.zxid, txns[i - 1]!.zxid), `hole in the log of ${server.sid}`);
    }
    assert.ok(
      accepted >= current,
      `P6: ${server.sid} has accepted ${accepted}, current ${current}`,
    );
    const before = this.#epochsBefore.get(server.sid);
    if (before !== undefined && !image.isLost) {
      assert.ok(accepted >= before.accepted && current >= before.current, "P6: an epoch goes back");
    }
    this.#epochsBefore.set(server.sid, { accepted, current });
    this.#checkConfiguration(server);
  }

  /** Whoever has a reconfig in its log knows what it says; and only what is committed is in force. */
  #checkConfiguration({ sid, disk, quorums, parts, state }: ModelServer): void {
    if (!parts.canChange) return;
    const { txns, committed, next, isLost } = disk.image;
    const known = Math.max(committed.version, next?.version ?? 0);
    const inLog = isLost ? 0 : Math.max(0, ...txns.map(reconfigZxid));
    assert.ok(inLog <= known, `${sid} has reconfig ${inLog} in its log, and knows of ${known}`);
    const { version } = quorums.committed;
    if (state === "down" || counterOf(version) === 0 || this.#completed.has(version)) return;
    const isCommitted = this.committed.some(({ zxid }) => zxid === version);
    assert.ok(isCommitted, `${sid} goes by ${version}, which is not committed`);
  }

  /**
   * P7: were all but a quorum to vanish now, and these to start from what is durable, an election among them would give all
   * that is committed.
   */
  #checkDurability(): void {
    const servers = this.world.all();
    for (let set = 1; set < 1 << servers.length; set++) {
      const some = servers.filter((_, i) => (set & (1 << i)) !== 0);
      const images = some.map(({ disk }) => disk.image);
      if (images.some((image) => image.isLost)) continue;
      const best = images.reduce((left, right) => {
        const leftEpoch = epochsAtStart(left).currentEpoch;
        const rightEpoch = epochsAtStart(right).currentEpoch;
        if (leftEpoch !== rightEpoch) return leftEpoch > rightEpoch ? left : right;
        return lastOf(left) > lastOf(right) ? left : right;
      });
      // By what it knows of the configuration after a restart, these are enough to elect it.
      const { canChange } = some[0]!.parts;
      const quorum = some.map(({ sid }) => sid);
      if (!new Quorums(best.committed, best.next, canChange).containsQuorum(quorum)) continue;
      assert.ok(
        isPrefix(this.committed, best.txns),
        `P7: servers ${quorum} would elect ${text(best.txns)}, committed is ${text(this.committed)}`,
      );
    }
  }
}
