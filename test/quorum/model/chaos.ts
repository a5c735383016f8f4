// Random lives of a small ensemble, from one seed. Steps are drawn with weights that are drawn too, so that some runs are
// all crashes and others are all synchronization; then everything is healed, and must come together.

import assert from "node:assert/strict";
import type { LoggedTxn } from "../../../src/quorum/committed-log.js";
import type { Sid, Zxid } from "../../../src/wire/ids.js";
import { configurationOf, reconfigBytes } from "./configurations.js";
import type { ModelServer } from "./model-server.js";
import { Monitors } from "./monitors.js";
import { World } from "./world.js";

/** mulberry32 */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Step = () => void;

const KINDS = [
  ["deliver", 60],
  ["disk", 30],
  ["lead", 4],
  ["follow", 12],
  ["propose", 8],
  ["cut", 2],
  ["leave", 1],
  ["crash", 2],
  ["start", 8],
  ["tick", 3],
  ["purge", 2],
  ["wipe", 1],
  ["reconfig", 3],
  ["notify", 6],
] as const;
type Kind = (typeof KINDS)[number][0];

export class Chaos {
  readonly monitors = new Monitors();
  readonly world: World;
  readonly #random: (below: number) => number;
  readonly #weights = new Map<Kind, number>();
  /** How often the best candidate is made the leader, in percent; Zab must hold for any. */
  readonly #sense: number;
  #proposed = 0;
  told: (what: string) => void = () => {};

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    const voters = [3, 3, 3, 5, 4, 2][this.#random(6)]!;
    const observers = this.#random(4) === 0 ? 1 : 0;
    const committedCount = [1, 2, 4, 100][this.#random(4)]!;
    const canChange = this.#random(2) === 0;
    const spare = canChange ? this.#random(6 - Math.min(5, voters + observers)) : 0;
    // All, none, or some.
    const cumulativeBits = [0b1111111, 0, 0b1011011, 0b0100110][this.#random(4)]!;
    const cumulative = (sid: number) => ((cumulativeBits >> sid) & 1) === 1;
    const options = { voters, observers, committedCount, spare, canChange, cumulative };
    this.world = new World(options, this.monitors);
    this.monitors.world = this.world;
    for (const [kind, weight] of KINDS) {
      this.#weights.set(kind, weight * [0.2, 1, 1, 3][this.#random(4)]!);
    }
    this.#weights.set("start", 8);
    if (!canChange) this.#weights.set("reconfig", 0).set("notify", 0);
    if (this.#random(3) !== 0) this.#weights.set("wipe", 0);
    this.#sense = [50, 90, 100][this.#random(3)]!;
    for (const server of this.world.all()) server.start();
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.#step();
      this.monitors.check();
    }
    this.#heal();
  }

  #step(): void {
    let total = 0;
    const possible: [Step[], number][] = [];
    for (const [kind, weight] of this.#weights) {
      const steps = weight === 0 ? [] : this.#steps(kind);
      if (steps.length === 0) continue;
      possible.push([steps, weight]);
      total += weight;
    }
    let drawn = (this.#random(1_000_000) / 1_000_000) * total;
    for (const [steps, weight] of possible) {
      drawn -= weight;
      if (drawn > 0) continue;
      steps[this.#random(steps.length)]!();
      return;
    }
  }

  #inState(...states: string[]): ModelServer[] {
    return this.world.all().filter(({ state }) => states.includes(state));
  }

  #steps(kind: Kind): Step[] {
    const { world } = this;
    switch (kind) {
      case "deliver":
        return world.links.flatMap((link) =>
          (["leader", "learner"] as const)
            .filter((to) => world.canDeliver(link, to))
            .map((to) => () => void world.deliver(link, to)),
        );
      case "disk":
        return world.all().flatMap((server) => this.#diskSteps(server));
      case "lead":
        return this.#candidates().map((server) => () => server.lead());
      case "follow":
        return this.#inState("looking").flatMap((learner) =>
          this.#inState("leading").map((leader) => () => void world.connect(learner, leader)),
        );
      case "propose":
        return this.#inState("leading")
          .filter(({ leader }) => leader?.isServing === true)
          .map((server) => () => this.propose(server));
      case "cut":
        return world.links
          .filter(({ isCut }) => !isCut)
          .map((link) => () => world.cut(link, this.#random(4)));
      case "leave":
        return this.#inState("leading", "following").map((one) => () => one.leave("at random"));
      case "crash":
        return this.#inState("looking", "leading", "following").map((one) => () => {
          this.told(`${one.sid} crashes`);
          world.crash(one, this.#random(one.disk.unsynced.length + 1));
        });
      case "start":
        return this.#inState("down").map((server) => () => {
          this.told(`${server.sid} starts`);
          server.start();
        });
      case "tick":
        return world.all().map((server) => () => this.#tick(server));
      case "purge":
        return world.all().map(
          ({ disk }) =>
            () =>
              disk.purge(this.#random(3) === 0),
        );
      case "wipe":
        return this.#inState("down").map(({ sid, disk }) => () => {
          this.told(`${sid} is wiped`);
          disk.wipe();
        });
      case "reconfig":
        return this.#inState("leading").flatMap((server) => {
          const { leader, quorums } = server;
          const isChanging = leader?.reconfiguration.lastSeen.version !== quorums.committed.version;
          return leader?.isServing === true && !isChanging ? [() => this.#reconfigure(server)] : [];
        });
      case "notify":
        return this.#inState("looking").flatMap((server) =>
          this.#inState("looking", "leading", "following")
            .filter(({ quorums }) => quorums.committed.version > server.quorums.committed.version)
            .map((other) => () => server.adopt(other.quorums.committed)),
        );
    }
  }

  /** To any members, if a quorum of them is here. */
  #reconfigure(server: ModelServer): void {
    const roles = this.world.all().map(({ sid }) => ({ sid, role: this.#random(3) }));
    const sidsOf = (wanted: number[]) =>
      roles.filter(({ role }) => wanted.includes(role)).map(({ sid }) => sid);
    const [voters, observers] = [sidsOf([0, 1]), sidsOf([2])];
    const zxid = this.#nextZxid(server);
    const configuration = configurationOf(zxid, voters, observers);
    if (voters.length === 0 || !server.leader!.reconfiguration.isQuorumSynced(configuration))
      return;
    this.told(`${server.sid} wants voters ${voters} and observers ${observers}`);
    const bytes = reconfigBytes(zxid, voters, observers);
    server.accepted = zxid;
    server.step((effects) => server.leader!.propose({ zxid, bytes, configuration }, effects));
  }

  #nextZxid({ leader, tree, pending, accepted }: ModelServer): Zxid {
    const last = Math.max(accepted, pending.at(-1)?.zxid ?? 0, tree.last);
    return (Math.max(last, leader!.newLeaderZxid) + 1) as Zxid;
  }

  #tick(server: ModelServer): void {
    server.tick([1000, 1000, 2000, 8000, 30_000][this.#random(5)]!);
  }

  #diskSteps(server: ModelServer): Step[] {
    const steps: Step[] = [];
    if (server.canSync) {
      steps.push(() => server.syncSome(1 + this.#random(server.disk.unsynced.length)));
    }
    if (server.canPersist) steps.push(() => server.persistDone());
    if (server.canRebuild) steps.push(() => server.rebuildDone());
    if (server.canActivate) steps.push(() => server.disk.activate());
    return steps;
  }

  #candidates(): ModelServer[] {
    const looking = this.#inState("looking").filter(({ sid, quorums }) =>
      quorums.votingMembers.has(sid),
    );
    if (this.#random(100) >= this.#sense) return looking;
    return this.#inState("leading").length > 0 ? [] : looking.sort(byMerit).slice(0, 1);
  }

  propose(server: ModelServer): void {
    const zxid = this.#nextZxid(server);
    server.accepted = zxid;
    const bytes = Buffer.from(`txn ${++this.#proposed} of ${server.sid}`);
    server.step((effects) => server.leader!.propose({ zxid, bytes }, effects));
  }

  /** Everything works from here on: one leader, the best, and all the others with it. */
  #heal(): void {
    const { world, monitors } = this;
    // One that has lost its data gets it back from a quorum of the others, and there may be none.
    const lost = world.all().filter(({ disk }) => disk.image.isLost);
    const sound = world.all().filter((server) => !lost.includes(server));

    for (const server of world.all()) {
      if (server.state === "down") server.start();
      server.leave("healing");
    }
    world.links = [];
    for (let round = 0; round < 6 && !this.#isTogether(); round++) {
      for (const server of world.all()) server.leave("again");
      this.#tellConfiguration();
      const best = sound.filter(isVoter).sort(byMerit)[0];
      // Observers that a change under way wants to vote do not know of it yet.
      const ready = sound.filter(({ isObserver }) => !isObserver).map(({ sid }) => sid);
      if (best === undefined || !best.quorums.containsQuorum(ready)) return;
      best.lead();
      for (const server of world.all()) if (server !== best) world.connect(server, best);
      this.#settle();
    }
    const leader = this.#inState("leading")[0];
    assert.ok(leader?.leader?.isServing, "Liveness: no leader is established");
    this.propose(leader);
    this.#settle();
    const committed = monitors.committed as readonly LoggedTxn[];
    for (const { sid, tree, disk, isServing } of world.all()) {
      assert.ok(isServing, `Liveness: ${sid} does not serve`);
      assert.deepEqual(tree.txns.at(-1), committed.at(-1), `Liveness: ${sid} lags`);
      assert.equal(disk.image.txns.length, committed.length, `Liveness: the disk of ${sid} lags`);
    }
  }

  /** Those who look tell each other which configuration is committed. */
  #tellConfiguration(): void {
    const all = this.world.all();
    const latest = all.map(({ quorums }) => quorums.committed);
    latest.sort((left, right) => right.version - left.version);
    for (const server of all) server.adopt(latest[0]!);
  }

  #isTogether(): boolean {
    return this.world.all().every(({ isServing }) => isServing);
  }

  /** Until nothing is on its way, to a peer or to a disk. */
  #settle(): void {
    for (let i = 0; i < 100_000; i++) {
      const steps = [...this.#steps("deliver"), ...this.#steps("disk")];
      if (steps.length === 0) return;
      steps[this.#random(steps.length)]!();
      this.monitors.check();
    }
    assert.fail("Liveness: the messages never end");
  }
}

const isVoter = ({ sid, quorums }: ModelServer) => quorums.votingMembers.has(sid);

function merit(server: ModelServer): [number, Zxid, Sid] {
  return [server.disk.image.currentEpoch, server.tree.last, server.sid];
}

/** As in an election: epoch, zxid, id; one that has lost its data comes last. */
function byMerit(left: ModelServer, right: ModelServer): number {
  const lost = Number(left.disk.image.isLost) - Number(right.disk.image.isLost);
  if (lost !== 0) return lost;
  const [leftMerit, rightMerit] = [merit(left), merit(right)];
  for (let i = 0; i < 3; i++) {
    if (leftMerit[i] !== rightMerit[i]) return rightMerit[i]! - leftMerit[i]!;
  }
  return 0;
}
