// A follower's door for observers: drives quorum/observer-master.ts, and hands on to the leader what observers ask. Java:
// ObserverMaster.

import type { LearnerInfo } from "../admin/admin-context.js";
import type { HostPort } from "../config/server-spec.js";
import type { Logger, Timer } from "../platform/platform.js";
import type { LoggedTxn } from "../quorum/committed-log.js";
import { Effects, type LinkId } from "../quorum/effects.js";
import { ObserverMaster } from "../quorum/observer-master.js";
import { readRequest, readTouches } from "../quorum/packet-data.js";
import type { Sid, Zxid } from "../wire/ids.js";
import { OpCode, QuorumPacketType } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import type { FollowingServer } from "./following-server.js";
import { LearnerHub } from "./learner-hub.js";
import type { MemberContext } from "./role.js";

const SYNCED: QuorumPacket = {
  type: QuorumPacketType.sync,
  zxid: 0 as Zxid,
  data: null,
  authinfo: null,
};

export class ObserverDoor {
  readonly #context: MemberContext;
  readonly #log: Logger;
  readonly #server: FollowingServer;
  readonly #master: ObserverMaster;
  readonly #hub: LearnerHub;
  #timer: Timer | undefined;
  #ended = false;

  constructor(context: MemberContext, epoch: number, server: FollowingServer) {
    this.#context = context;
    this.#server = server;
    this.#log = context.platform.log.child("ObserverMaster");
    const { sid, times, database } = context;
    this.#master = new ObserverMaster(
      {
        sid,
        times,
        epoch,
        configuration: () => Buffer.from(context.quorums.committed.text, "utf8"),
        isMember: (observer) => context.quorums.serverOf(observer) !== undefined,
      },
      {
        history: () => database.history(),
        fromLearner: (_sid, link, packet) => this.#fromLearner(link, packet),
      },
      this.#nowMs(),
    );
    this.#log.info("Starting ObserverMaster");
    this.#hub = new LearnerHub({
      context,
      log: this.#log,
      addresses: this.#addresses(),
      tree: () => database.tree,
      connected: (link) => this.#master.connected(link),
      received: (link, packet) =>
        this.#step((effects) => this.#master.received(link, packet, effects)),
      progressed: (link) => this.#master.progressed(link),
      disconnected: (link) => this.#master.disconnected(link),
      ready: (error) => {
        // Whoever cannot serve observers can still follow.
        if (error !== undefined) this.#log.error("Observers cannot be served here", error);
      },
    });
    this.#scheduleTick();
  }

  learners(): readonly LearnerInfo[] {
    return [...this.#master.learners()].flatMap((learner) => {
      const { link: id, sid, isObserver, lastZxid, ackedZxid } = learner;
      const link = this.#hub.get(id);
      const isSynced = learner.phase === "synced";
      return link === undefined ? [] : [{ link, sid, isObserver, isSynced, lastZxid, ackedZxid }];
    });
  }

  /** Applied here; a reconfig with the leader that it names. */
  committed(txn: LoggedTxn, leader: Sid | undefined): void {
    const startMs = this.#nowMs();
    this.#step((effects) => this.#master.committed(txn, leader, effects));
    const tookMs = Math.floor(this.#nowMs() - startMs);
    this.#context.metrics.percentiles.om_commit_process_time_ms.add(tookMs);
  }

  end(done: () => void): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#hub.end("this server follows no more", done);
  }

  #fromLearner(link: LinkId, packet: QuorumPacket): void {
    switch (packet.type) {
      case QuorumPacketType.ping:
        this.#server.touched(readTouches(packet));
        break;
      case QuorumPacketType.revalidate:
        this.#server.revalidateFor(packet, (answer) => this.#hub.send(link, answer));
        break;
      case QuorumPacketType.request:
        if (readRequest(packet).type === OpCode.sync) {
          this.#server.syncFor(packet, () => this.#hub.send(link, SYNCED));
        } else {
          this.#server.forwardFor(packet);
        }
        break;
      default:
        this.#log.warn(`Unexpected quorum packet, type: ${packet.type}`);
    }
  }

  #step(event: (effects: Effects) => void): void {
    if (this.#ended) return;
    const effects = new Effects();
    event(effects);
    for (const { link, packet } of effects.sendNow) this.#hub.send(link, packet);
    for (const work of effects.work) {
      if (work.kind === "closeLink") this.#hub.close(work.link, work.why);
      else this.#context.fatal(new Error(`An observer master cannot ${work.kind}`));
    }
  }

  #scheduleTick(): void {
    const { clock } = this.#context.platform;
    this.#timer = clock.setTimer(this.#context.times.tickTimeMs / 2, () => {
      this.#scheduleTick();
      this.#step((effects) => this.#master.tick(this.#nowMs(), effects));
    });
  }

  #nowMs(): number {
    return this.#context.platform.clock.monotonicMs();
  }

  /** As Java: the port at our quorum addresses. */
  #addresses(): HostPort[] {
    const { sid, config, quorums } = this.#context;
    const port = config.quorum.observerMasterPort;
    return (quorums.serverOf(sid)?.addresses ?? []).map(({ host }) => ({ host, port }));
  }
}
