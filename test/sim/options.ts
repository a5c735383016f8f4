// Every option of a run, derived from its seed (swarm testing): a knob that is the same in all runs is one that hides bugs.

import type { LocalSessions } from "./check-histories.js";
import { type Range, SeededRandom } from "./platform/random.js";
import { isRare, RARE, type RareKind } from "./rare-faults.js";
import { drawGroups, type ReconfigOptions } from "./reconfigurations.js";
import { STORIES, type StoryKind } from "./stories.js";
import type { WorkloadSettings } from "./workload.js";

/** How often a fault strikes, on average; undefined: not in this run. */
export interface FaultRates extends Readonly<Record<StoryKind | RareKind, number | undefined>> {
  readonly kill: number | undefined;
  readonly powerOff: number | undefined;
  readonly powerOffAll: number | undefined;
  readonly killThenPowerOff: number | undefined;
  readonly stop: number | undefined;
  readonly pause: number | undefined;
  readonly partition: number | undefined;
  readonly oneWay: number | undefined;
  readonly isolateLeader: number | undefined;
  readonly slowRoute: number | undefined;
  readonly reset: number | undefined;
  readonly refuse: number | undefined;
  readonly slowDisk: number | undefined;
  readonly hungDisk: number | undefined;
  readonly diskError: number | undefined;
  readonly fullDisk: number | undefined;
  readonly clockRate: number | undefined;
  readonly clockStep: number | undefined;
  readonly clientPause: number | undefined;
  readonly wipe: number | undefined;
  readonly bitRot: number | undefined;
  readonly halfOpen: number | undefined;
  readonly reconfig: number | undefined;
}

export type FaultKind = keyof FaultRates;

export interface RunOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly members: number;
  readonly observers: number;
  readonly clients: number;
  readonly faultsMs: number;
  readonly config: Readonly<Record<string, string | number>>;
  /** Whose quorum.cumulative is false. */
  readonly plain: readonly number[];
  readonly tickMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly delayMs: Range;
  readonly cutProbability: number;
  readonly retransmitLimitMs: number;
  readonly writeMs: Range;
  readonly syncMs: Range;
  readonly turnMs: Range;
  /** How long what has fallen lies, and what is cut stays cut. */
  readonly downMs: Range;
  readonly faults: FaultRates;
  readonly workload: WorkloadSettings;
  /** Undefined: the members stay who they are. */
  readonly reconfig: ReconfigOptions | undefined;
  readonly localSessions: LocalSessions;
  /** group. and weight. lines of the first day. */
  readonly hierarchy: readonly string[];
}

/**
 * none: no faults at all, for the checkers themselves. crash, network, disk, reconfig: only those. stories: only what is told
 * in stories.ts, above all what a known bug needs. rare: what befalls disks seldom. swarm: what the seed draws.
 */
export const PROFILES = [
  "swarm",
  "none",
  "crash",
  "network",
  "disk",
  "stories",
  "reconfig",
  "rare",
] as const;
export type Profile = (typeof PROFILES)[number];

const KINDS: Readonly<Record<Exclude<Profile, "swarm" | "none">, readonly FaultKind[]>> = {
  crash: ["kill", "powerOff", "powerOffAll", "killThenPowerOff", "stop", "pause", "wipe"],
  network: [
    "partition",
    "oneWay",
    "isolateLeader",
    "slowRoute",
    "reset",
    "refuse",
    "pause",
    "halfOpen",
  ],
  disk: ["slowDisk", "hungDisk", "diskError", "fullDisk", "powerOff", "bitRot"],
  stories: STORIES,
  rare: RARE,
  reconfig: ["reconfig", "kill", "powerOff", "killThenPowerOff", "stop", "oneWay", "isolateLeader"],
};

/** In ticks: a run with short ticks has as many faults as one with long ones. */
const INTERVAL_TICKS: Readonly<Record<FaultKind, Range>> = {
  kill: [8, 80],
  powerOff: [8, 80],
  powerOffAll: [30, 200],
  killThenPowerOff: [20, 120],
  stop: [15, 100],
  pause: [8, 80],
  partition: [10, 80],
  oneWay: [10, 80],
  isolateLeader: [15, 80],
  slowRoute: [8, 60],
  reset: [4, 40],
  refuse: [10, 80],
  slowDisk: [10, 60],
  hungDisk: [20, 120],
  diskError: [15, 100],
  fullDisk: [25, 120],
  clockRate: [15, 80],
  clockStep: [15, 80],
  clientPause: [10, 60],
  wipe: [15, 100],
  bitRot: [15, 100],
  halfOpen: [6, 60],
  movingQuorum: [10, 100],
  fewHold: [10, 100],
  deposed: [15, 100],
  cutShort: [8, 80],
  brokenSync: [10, 80],
  reconfig: [4, 40],
  parted: [15, 100],
  lateToEpoch: [15, 100],
  lostPages: [10, 80],
  handover: [10, 80],
  lostFile: [10, 60],
  slowSnapshot: [10, 60],
};

export interface Overrides {
  readonly members?: number | undefined;
  readonly minutes?: number | undefined;
  /** How long the faults last, in ticks of the seed's own tickTime. */
  readonly ticks?: number | undefined;
  readonly profile?: Profile | undefined;
}

/** More than any run has members. */
const SIDS_MAX = 10;

/** Whoever asks may change them. */
const MEMBERS_CHANGE = { reconfigEnabled: "true", skipACL: "yes" };

export function optionsOf(seed: number, overrides: Overrides = {}): RunOptions {
  const random = new SeededRandom(seed).split("options");
  const profile = overrides.profile ?? "swarm";
  // ZooKeeper's own mostly. What a run contains is drawn in ticks: a shorter tick makes it shorter, not poorer.
  const tickMs = random.pick([200, 1000, 2000, 2000, 3000]);
  const initLimit = random.pick([5, 10, 20]);
  const syncLimit = random.pick([2, 3, 5, 10]);
  const drawnMembers = random.chance(0.2) ? 5 : 3;
  const observers = random.chance(0.2) ? 1 : 0;
  const delayMs = random.pick<Range>([
    [0.05, 1],
    [0.05, 1],
    [0.5, 5],
    [1, tickMs / 20],
    [0.1, tickMs / 8],
  ]);
  const syncMs = random.pick<Range>([
    [0.1, 0.5],
    [0.1, 2],
    [1, 10],
    [1, tickMs / 8],
  ]);
  const drawn = {
    seed,
    profile,
    members: overrides.members ?? drawnMembers,
    observers,
    clients: 2 + random.integer(4),
    faultsMs: faultsMsOf(overrides, tickMs),
    tickMs,
    initLimit,
    syncLimit,
    delayMs,
    cutProbability: random.pick([0, 0.05, 0.3]),
    retransmitLimitMs: random.pick([tickMs * 5, tickMs * 30, 120_000]),
    writeMs: random.pick<Range>([
      [0.01, 0.05],
      [0.1, 2],
    ]),
    syncMs,
    turnMs: random.pick<Range>([
      [0.01, 0.1],
      [0.05, 2],
    ]),
    downMs: random.pick<Range>([
      [0, tickMs * 2],
      [0, tickMs * 10],
      [tickMs, tickMs * 40],
    ]),
  };
  const reconfig = drawReconfig(new SeededRandom(seed).split("reconfig"), profile, drawn.members);
  const config = drawConfig(random.split("config"), tickMs, initLimit, syncLimit);
  const faults = drawFaults(random.split("faults"), profile, tickMs);
  const sessions = drawSessions(new SeededRandom(seed).split("sessions"));
  const workload = drawWorkload(random.split("workload"), tickMs);
  const sessionTimeoutMs = Math.max(workload.sessionTimeoutMs, keptTimeoutMs(drawn, reconfig));
  const snapCount = Math.max(Number(config.snapCount), requestsPerTick(drawn, workload));
  return {
    ...drawn,
    config: { ...config, snapCount, ...(reconfig && MEMBERS_CHANGE), ...sessions.config },
    plain: drawPlain(new SeededRandom(seed).split("plain")),
    localSessions: sessions.local,
    faults: { ...faults, reconfig: reconfig && faults.reconfig },
    reconfig,
    hierarchy: drawHierarchy(new SeededRandom(seed).split("hierarchy"), drawn.members),
    workload: { ...workload, sessionTimeoutMs, readersShare: sessions.readersShare },
  };
}

/**
 * The least that a client can keep: it divides its time-out among all addresses that it knows, and in each part there must be
 * time for a connection and a session, eight ways through the network where a follower is asked, each half as long as the longest.
 */
function keptTimeoutMs(
  { members, observers, delayMs }: Pick<RunOptions, "members" | "observers" | "delayMs">,
  reconfig: ReconfigOptions | undefined,
): number {
  const moved = reconfig?.mover === undefined ? 0 : 1;
  return (members + observers + (reconfig?.spares ?? 0) + moved) * 4 * delayMs[1];
}

/** Half of the runs have none, some have nobody else, and in most of the others both kinds meet. */
function drawPlain(random: SeededRandom): number[] {
  const share = random.pick([0, 0, 0, 0.3, 0.6, 1]);
  return Array.from({ length: SIDS_MAX }, (_, i) => i + 1).filter(() => random.chance(share));
}

function faultsMsOf({ minutes, ticks = 200 }: Overrides, tickMs: number): number {
  return minutes === undefined ? tickMs * ticks : minutes * 60_000;
}

/** So many transactions deserve a snapshot: more than one a tick finds nothing more either. */
function requestsPerTick(
  { clients, tickMs }: Pick<RunOptions, "clients" | "tickMs">,
  { burst, thinkMs }: Pick<WorkloadSettings, "burst" | "thinkMs">,
): number {
  return Math.round((clients * burst * tickMs) / thinkMs);
}

function drawConfig(
  random: SeededRandom,
  tickTime: number,
  initLimit: number,
  syncLimit: number,
): RunOptions["config"] {
  const config: Record<string, string | number> = {
    tickTime,
    initLimit,
    syncLimit,
    snapCount: random.pick([5, 20, 100, 500, 100_000]),
    preAllocSize: random.pick([1, 4, 64]),
    maxBatchSize: random.pick([1, 10, 1000]),
    "fastleader.maxNotificationInterval": random.pick([1000, 5000, 60_000]),
    cnxTimeout: Math.max(50, tickTime * 2),
    commitLogCount: random.pick([10, 100, 500]),
    globalOutstandingLimit: random.pick([20, 1000]),
    // A member that has lost its disk must not vote for an empty history.
    "db.autocreate": "false",
  };
  if (random.chance(0.3)) config.snapSizeLimitInKb = random.pick([16, 256]);
  if (random.chance(0.3)) config.txnLogSizeLimitInKb = random.pick([4, 64]);
  if (random.chance(0.2)) config.flushDelay = random.pick([2, 20]);
  if (random.chance(0.1)) config.leaderServes = "no";
  if (random.chance(0.2)) config.forceSnapshotSync = "true";
  if (random.chance(0.3)) config.snapshotSizeFactor = -1;
  if (random.chance(0.2)) config["closeSessionTxn.enabled"] = "false";
  if (random.chance(0.2)) config["snapshot.compression.method"] = random.pick(["gz", "snappy"]);
  if (random.split("store").chance(0.3)) config["snapshot.store"] = "lmdb";
  const log = random.split("log");
  if (log.chance(0.5)) config["txnLog.directMinBytes"] = log.pick([0, 200]);
  return config;
}

function drawReconfig(
  random: SeededRandom,
  profile: Profile,
  members: number,
): ReconfigOptions | undefined {
  const isDrawn = random.chance(0.3);
  if (profile === "swarm" ? !isDrawn : profile !== "reconfig") return undefined;
  const spares = random.pick([0, 1, 2]);
  return {
    spares,
    spareRole: random.pick(["participant", "observer"]),
    spareIsInitialized: random.chance(0.5),
    anchor: 1 + random.integer(members),
    mover: random.chance(0.3) ? 1 + random.integer(members) : undefined,
    anewShare: random.pick([0, 0.2, 0.5]),
    groupShare: random.pick([0, 0, 0.3]),
  };
}

/** Not of three: any quorum of those is one of a simple majority, too. */
function drawHierarchy(random: SeededRandom, members: number): readonly string[] {
  if (members < 5 || !random.chance(0.3)) return [];
  return drawGroups(
    random,
    Array.from({ length: members }, (_, i) => i + 1),
  );
}

function drawFaults(random: SeededRandom, profile: Profile, tickMs: number): FaultRates {
  const rates: Partial<Record<FaultKind, number | undefined>> = {};
  const hasRare = random.split("infrequent").chance(0.15);
  for (const kind of Object.keys(INTERVAL_TICKS) as FaultKind[]) {
    // Drawn in any case: a profile changes which faults there are, not the rest of the run.
    const everyMs = Math.round(random.between(INTERVAL_TICKS[kind]) * tickMs);
    const isDrawn = random.chance(0.4);
    // Whether there is any is drawn by itself.
    const isMeant =
      profile === "swarm"
        ? (isDrawn && (hasRare || !isRare(kind))) || kind === "reconfig"
        : profile !== "none" && KINDS[profile].includes(kind);
    rates[kind] = isMeant ? everyMs : undefined;
  }
  return rates as FaultRates;
}

/** Of which kinds the sessions are: of the ensemble, of one server alone, of clients that would rather read than wait. */
function drawSessions(random: SeededRandom): {
  readonly config: Readonly<Record<string, string>>;
  readonly local: LocalSessions;
  readonly readersShare: number;
} {
  const isReadOnly = random.chance(0.3);
  const readersShare = random.pick([0.5, 1]);
  const isLocal = random.chance(0.2);
  const upgrades = random.chance(0.6);
  const config: Record<string, string> = {};
  if (isReadOnly) config["readonlymode.enabled"] = "true";
  if (isLocal) config.localSessionsEnabled = "true";
  if (isLocal && upgrades) config.localSessionsUpgradingEnabled = "true";
  return {
    config,
    local: isLocal ? (upgrades ? "upgraded" : "refused") : "none",
    readersShare: isReadOnly ? readersShare : 0,
  };
}

/** Of one client. More finds nothing more, and one seed in twenty would cost as much as the others together. */
const REQUESTS_PER_TICK_MAX = 10;

function drawWorkload(
  random: SeededRandom,
  tickMs: number,
): Omit<WorkloadSettings, "readersShare"> {
  const depth = random.pick([1, 4, 20, 100]);
  // Rare and many at once, rather than often: what is under way together is what goes wrong together.
  const thinkTicks = random.pick([0.5, 1, 2, 4]);
  const burst = random.pick([1, 2, 5, 20]);
  return {
    depth,
    thinkMs: tickMs * Math.max(thinkTicks, burst / REQUESTS_PER_TICK_MAX),
    burst,
    sessionTimeoutMs: Math.round(tickMs * random.pick([2, 4, 10, 20])),
    registers: random.pick([1, 3, 10]),
    closeProbability: random.pick([0, 0.002, 0.02]),
    writeShare: random.pick([0.3, 0.6, 0.9]),
    valueBytes: random.pick<Range>([
      [5, 20],
      [5, 2000],
    ]),
  };
}
