// Members that do not die but fall silent: SIGSTOP of the leader, and links that swallow everything, one-way or both ways.
// The ensemble goes on without them, no session is lost, and they come back as followers with the same history.
//
// ZOOID_ENSEMBLE_ROUNDS: how often everything is done (1).

import { assertEqualTrees } from "./ensemble-check.js";
import { Ensemble, type EnsembleOptions, PORTS, until } from "./ensemble-world.js";
import { connectClient, Writer } from "./ensemble-writer.js";
import { fourLetterWord } from "./four-letter-word.js";
import { LinkNetwork } from "./link-network.js";
import { type PeerName, peerTest, type ServerKind } from "./peers.js";

const ROUNDS = Number(process.env.ZOOID_ENSEMBLE_ROUNDS ?? 1);
const WRITERS = 3;
/** A silent leader is noticed after three ticks. */
const CFG = { syncLimit: 3 };
/** A client leaves a silent server after two thirds, and must find another before four thirds. */
const SESSION_TIMEOUT_MS = 12_000;

type Fault = (ensemble: Ensemble, writers: readonly Writer[]) => Promise<void>;

async function underWrites(options: Omit<EnsembleOptions, "basePort">, fault: Fault) {
  const ensemble = new Ensemble({ basePort: PORTS.faults, portStride: 10, cfg: CFG, ...options });
  const { connectString } = ensemble;
  const client = { sessionTimeoutMs: SESSION_TIMEOUT_MS };
  const writers: Writer[] = [];
  try {
    await ensemble.startLedBy(3);
    for (let i = 0; i < WRITERS; i++) writers.push(new Writer(`w${i}`, connectString, client));
    await Promise.all(writers.map((writer) => writer.begin()));
    for (let round = 0; round < ROUNDS; round++) await fault(ensemble, writers);
    await Promise.all(writers.map((writer) => writer.stop()));
    await assertEqualTrees(ensemble);
    const reader = connectClient(connectString);
    try {
      await reader.untilConnected();
      await reader.sync("/");
      for (const writer of writers) await writer.verify(reader);
    } finally {
      await reader.close();
    }
  } finally {
    await Promise.all(writers.map((writer) => writer.client.close().catch(() => {})));
    await ensemble.discard();
  }
}

/** `sid` falls silent: somebody leads the others, every writer goes on; it is let back, and there is one leader. */
async function without(
  ensemble: Ensemble,
  writers: readonly Writer[],
  sid: number,
  silence: () => void,
  heal: () => void,
): Promise<void> {
  const everyoneWrites = () => Promise.all(writers.map((writer) => writer.goesOn(25)));
  await everyoneWrites();
  silence();
  try {
    await until(`${sid} is missed`, () => isMissed(ensemble, sid));
    await everyoneWrites();
  } finally {
    heal();
  }
  await until(
    `member ${sid} is back`,
    () => areAtOne(ensemble),
    60_000,
    () => ensemble.member(sid).log().slice(-6000),
  );
  await everyoneWrites();
}

/** One leads and all others follow: not one who still believes that it leads, nor one who is alone. */
async function areAtOne({ members }: Ensemble): Promise<boolean> {
  const modes = await Promise.all(members.map((member) => member.mode()));
  return modes.sort().join() === "follower,follower,leader";
}

/** One of the others leads, and has one follower left. */
async function isMissed(ensemble: Ensemble, sid: number): Promise<boolean> {
  for (const { host, port, sid: other } of ensemble.members) {
    if (other === sid) continue;
    const text = await fourLetterWord(port, "mntr", 2000, host).catch(() => "");
    if (/^zk_synced_followers\s+1(\.0)?$/m.test(text)) return true;
  }
  return false;
}

async function stopLeader(ensemble: Ensemble, writers: readonly Writer[]): Promise<void> {
  const leader = await ensemble.leader();
  const { pid } = ensemble.member(leader).server!;
  const silence = () => process.kill(pid, "SIGSTOP");
  await without(ensemble, writers, leader, silence, () => process.kill(pid, "SIGCONT"));
}

const STOPPED: readonly (readonly ServerKind[])[] = [
  ["zooid", "zooid", "zooid"],
  ["java39", "zooid", "zooid"],
  ["zooid", "zooid", "java39"],
];

for (const kinds of STOPPED) {
  peerTest(
    `A leader that stands still (SIGSTOP) is replaced and comes back: ${kinds.join(", ")}, the last leads`,
    [...new Set(kinds)],
    () => underWrites({ members: kinds.map((kind) => ({ kind })) }, stopLeader),
  );
}

/** What is done to the leader, or to a follower. */
const BLACK_HOLES: Readonly<
  Record<string, (network: LinkNetwork, leader: number, follower: number) => void>
> = {
  "a leader that is cut off": (network, leader) => network.cutOff(leader),
  "a follower that is cut off": (network, _, follower) => network.cutOff(follower),
  "a leader that hears but is not heard": (network, leader) => network.muffle(leader),
  "a follower that hears but is not heard": (network, _, follower) => network.muffle(follower),
  "a follower that reaches all but the leader": (network, leader, follower) =>
    network.separate(leader, follower),
};

async function blackHoles(kinds: readonly ServerKind[], names: readonly string[]): Promise<void> {
  const sids = kinds.map((_, i) => i + 1);
  const network = new LinkNetwork(sids);
  try {
    await underWrites(
      {
        members: kinds.map((kind) => ({ kind })),
        hostOf: (sid) => network.hostOf(sid),
        underOf: (sid) => network.under(sid),
      },
      async (ensemble, writers) => {
        for (const name of names) {
          const leader = await ensemble.leader();
          const follower = sids.find((sid) => sid !== leader)!;
          const sid = name.startsWith("a leader") ? leader : follower;
          const silence = () => BLACK_HOLES[name]!(network, leader, follower);
          const heal = () => {
            for (const one of sids) network.heal(one);
          };
          await without(ensemble, writers, sid, silence, heal);
        }
      },
    );
  } finally {
    network.discard();
  }
}

for (const name of Object.keys(BLACK_HOLES)) {
  peerTest(`Three of Zooid go on without ${name}, which comes back`, ["zooid", "root"], () =>
    blackHoles(["zooid", "zooid", "zooid"], [name]),
  );
}

const MIXED: readonly PeerName[] = ["zooid", "java39", "root"];
peerTest("Two of Zooid and a Java server go on without one that is cut off", MIXED, () =>
  blackHoles(["zooid", "java39", "zooid"], ["a leader that is cut off"]),
);
