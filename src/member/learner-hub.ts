// The connections of a server's learners, be it a leader or a follower that serves observers: the door, the links, the
// snapshots that are on their way. Java: LearnerCnxAcceptor, the accepting half of ObserverMaster, LearnerHandler's streams.

import type { HostPort } from "../config/server-spec.js";
import { JuteWriter } from "../jute/writer.js";
import { LINK_QUEUES_MAX_BYTES } from "../limits.js";
import { type LearnerDoor, listenForLearners } from "../peer/learner-links.js";
import type { PacketLink } from "../peer/packet-link.js";
import type { Logger } from "../platform/platform.js";
import type { LoggedTxn } from "../quorum/committed-log.js";
import type { LinkId } from "../quorum/effects.js";
import { writeProposal } from "../quorum/packet-data.js";
import { SharedQueues } from "../strangers/shared-queues.js";
import type { DataTree } from "../tree/data-tree.js";
import { hex0x, type Zxid } from "../wire/ids.js";
import { QuorumPacketType as Type } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { linkSettings, type MemberContext } from "./role.js";
import { SnapshotSender } from "./snapshot-sender.js";

/** A larger buffer is not kept for the next ones. */
const PROPOSALS_KEPT_BYTES = 256 * 1024;

export interface LearnerHubOptions {
  readonly context: MemberContext;
  readonly log: Logger;
  readonly addresses: readonly HostPort[];
  readonly tree: () => DataTree;
  readonly connected: (link: LinkId) => void;
  readonly received: (link: LinkId, packet: QuorumPacket) => void;
  /** Bytes of a snapshot have left. */
  readonly progressed: (link: LinkId) => void;
  readonly disconnected: (link: LinkId) => void;
  /** A packet is on its way out; the snapshot that follows a SNAP is not yet begun. */
  readonly sent?: (id: LinkId, link: PacketLink, packet: QuorumPacket) => void;
  /** So many PROPOSALs are on their way out. */
  readonly proposed?: (id: LinkId, link: PacketLink, count: number) => void;
  /** What came from a learner in one piece has all been received. */
  readonly chunkRead?: () => void;
  /** With an error when no address could be bound. */
  readonly ready: (error?: Error) => void;
}

export class LearnerHub {
  readonly #options: LearnerHubOptions;
  readonly #door: LearnerDoor;
  readonly #links = new Map<LinkId, PacketLink>();
  /** PROPOSALs for all. */
  readonly #proposals = new JuteWriter();
  readonly #snapshots = new Map<LinkId, SnapshotSender>();
  #nextLink: LinkId = 1;

  constructor(options: LearnerHubOptions) {
    this.#options = options;
    const { context, addresses, ready } = options;
    const { platform, config, times } = context;
    this.#door = listenForLearners({
      platform,
      addresses,
      quorumListenOnAllIPs: config.quorum.quorumListenOnAllIPs,
      link: { ...linkSettings(context), queues: new SharedQueues(LINK_QUEUES_MAX_BYTES) },
      tls: context.tls,
      authentication: context.authentication,
      firstPacketMs: times.tickTimeMs * times.initLimitTicks,
      accept: (link) => this.#accept(link),
      ready,
    });
  }

  get(id: LinkId): PacketLink | undefined {
    return this.#links.get(id);
  }

  #accept(link: PacketLink): void {
    const id = this.#nextLink++;
    const { log, connected, received, chunkRead, progressed, disconnected } = this.#options;
    this.#links.set(id, link);
    link.start({
      received: (packet: QuorumPacket) => received(id, packet),
      ...(chunkRead && { chunkRead }),
      drained: () => {
        progressed(id);
        this.#snapshots.get(id)?.goOn();
      },
      closed: (why: string) => {
        if (!this.#links.delete(id)) return;
        this.#snapshots.get(id)?.stop();
        this.#snapshots.delete(id);
        log.warn(`******* GOODBYE ${link.remoteAddress} ******** (${why})`);
        disconnected(id);
      },
    });
    connected(id);
  }

  send(id: LinkId, packet: QuorumPacket): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    link.send(packet);
    this.#options.sent?.(id, link, packet);
    const { type } = packet;
    // Nearly all are proposals and commits, which must cost nothing here.
    if (type === Type.diff || type === Type.trunc || type === Type.snap) {
      this.#beginSync(id, link, packet);
    }
  }

  /** What has been sent to them leaves now. */
  flush(): void {
    for (const link of this.#links.values()) link.flush();
  }

  /** The same for all of them: written once. */
  propose(ids: readonly LinkId[], proposals: readonly LoggedTxn[]): void {
    const out = this.#proposals;
    for (const { zxid, bytes } of proposals) writeProposal(out, zxid, bytes);
    const packets = out.view();
    for (const id of ids) {
      const link = this.#links.get(id);
      if (link === undefined) continue;
      link.sendEncoded(packets, proposals.length);
      this.#options.proposed?.(id, link, proposals.length);
    }
    if (out.length > PROPOSALS_KEPT_BYTES) out.take();
    else out.reset();
  }

  #beginSync(id: LinkId, link: PacketLink, { type, zxid }: QuorumPacket): void {
    const { counters } = this.#options.context.metrics;
    // Java counts every synchronization that is not a snapshot.
    if (type === Type.snap) counters.snap_count.add(1);
    else counters.diff_count.add(1);
    if (type === Type.snap) {
      this.#sendSnapshot(id, link, zxid);
      return;
    }
    const kind = type === Type.diff ? "DIFF" : "TRUNC";
    this.#options.log.info(`Sending ${kind} zxid=${hex0x(zxid)} to ${link.remoteAddress}`);
  }

  #sendSnapshot(id: LinkId, link: PacketLink, zxid: Zxid): void {
    const { log, tree } = this.#options;
    log.info(`Sending snapshot ${hex0x(zxid)} to ${link.remoteAddress}`);
    const forget = () => this.#snapshots.delete(id);
    const sender = new SnapshotSender(link, tree().beginSnapshot(), forget);
    this.#snapshots.set(id, sender);
    sender.goOn();
  }

  close(id: LinkId, why: string): void {
    this.#links.get(id)?.close(why);
  }

  closeAll(why: string): void {
    for (const link of this.#links.values()) link.close(why);
  }

  /** Calls back when the port is free again. */
  end(why: string, done: () => void): void {
    this.closeAll(why);
    this.#door.close(done);
  }
}
