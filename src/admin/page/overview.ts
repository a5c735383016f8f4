// The ensemble at a glance, and the figures that the charts are drawn from. Figures are totals since the start: whoever
// asks twice has rates and percentiles of the time between, and however many look, nothing is counted for them.

import type { Histogram } from "../../metrics/histogram.js";
import { FULL_VERSION } from "../../version.js";
import { hex0x } from "../../wire/ids.js";
import type { Id } from "../../wire/records.js";
import type { AdminContext } from "../admin-context.js";
import { LoopLag } from "./loop-lag.js";
import { MemberProbe } from "./member-probe.js";
import { membersOf } from "./members.js";

export class Overview {
  readonly #context: AdminContext;
  readonly #probe: MemberProbe;
  readonly #lag: LoopLag;

  constructor(context: AdminContext) {
    this.#context = context;
    const { platform, port } = context.door;
    this.#probe = new MemberProbe(platform, () => port.lastProcessedZxid());
    this.#lag = new LoopLag(platform.clock);
  }

  stop(): void {
    this.#probe.stop();
    this.#lag.stop();
  }

  view(identities: readonly Id[]): object {
    const context = this.#context;
    this.#lag.isLookedAt();
    return {
      you: identities.map((one) => `${one.scheme}: ${context.userNameOf(one) ?? one.id}`),
      server: this.#server(),
      members: membersOf(context, this.#probe),
      figures: this.#figures(),
    };
  }

  #server(): object {
    const context = this.#context;
    const { port, platform, connectionCount, stats } = context.door;
    const snapshot = context.lastSnapshot();
    return {
      version: FULL_VERSION,
      host: platform.host.hostName,
      sid: context.ensemble()?.sid ?? null,
      state: port.serverState,
      peerState: port.peerState ?? null,
      serving: port.serving,
      readOnly: port.readOnly,
      uptimeMs: Math.floor(platform.clock.monotonicMs() - stats.startedMs),
      zxid: hex0x(port.lastProcessedZxid()),
      nodes: port.nodeCount(),
      dataBytes: port.approximateDataSize(),
      ephemerals: port.ephemeralsCount(),
      watches: port.watchCount(),
      sessions: port.globalSessionCount(),
      connections: connectionCount,
      snapshot:
        snapshot === undefined
          ? null
          : { zxid: hex0x(snapshot.file.zxid), takenMs: Math.floor(snapshot.takenMs) },
      residentBytes: platform.host.processUse().residentBytes,
      nowMs: platform.clock.wallMs(),
      commandURL: context.config.admin.commandURL,
    };
  }

  #figures(): object {
    const context = this.#context;
    const { door, logged } = context;
    const { durations } = door.metrics;
    const applied = door.port.lastProcessedZxid();
    const learners = context.ensemble()?.learners() ?? [];
    return {
      atMs: Math.floor(door.platform.clock.monotonicMs()),
      packetsReceived: door.stats.packetsReceived,
      packetsSent: door.stats.packetsSent,
      reads: histogram(durations.reads),
      updates: histogram(durations.updates),
      logSyncs: histogram(durations.logSyncs),
      loopLag: histogram(this.#lag.histogram),
      queues: {
        outstanding: door.inProcess,
        notSynced: distance(logged.syncedZxid, logged.appendedZxid),
        notCommitted: door.port.serving ? distance(applied, logged.appendedZxid) : 0,
        toLearners: learners.reduce((sum, { link }) => sum + link.queueLength, 0),
      },
    };
  }
}

function histogram(one: Histogram): object {
  return { sumMs: one.sumMs, buckets: [...one.buckets()] };
}

const COUNTERS = 2 ** 32;

/** How many transactions; none where an epoch lies between: its first has not been made. */
function distance(from: number, to: number): number {
  const isOneEpoch = Math.floor(from / COUNTERS) === Math.floor(to / COUNTERS);
  return isOneEpoch ? Math.max(0, to - from) : 0;
}
