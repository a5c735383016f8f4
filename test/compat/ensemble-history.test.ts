// Everything that clients are told while real servers die, stand still and are cut off, judged by the committed history.
//
//   ZOOID_KILLS=100 node --test dist/test/compat/ensemble-history.test.js
//
// kills the leader a hundred times; ZOOID_ENSEMBLE_ROUNDS repeats the other faults; SEED gives the clients other wishes.

import { RecordedRun, SESSION_TIMEOUT_MS } from "./ensemble-history.js";
import { Ensemble, type EnsembleOptions, PORTS, until } from "./ensemble-world.js";
import { LinkNetwork } from "./link-network.js";
import { peerTest } from "./peers.js";

const KILLS = Number(process.env.ZOOID_KILLS ?? 10);
const ROUNDS = Number(process.env.ZOOID_ENSEMBLE_ROUNDS ?? 1);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const MEMBERS = [1, 2, 3].map(() => ({ kind: "zooid" as const }));
const SIDS = [1, 2, 3];

type Faults = (ensemble: Ensemble, run: RecordedRun) => Promise<void>;

async function judged(options: Partial<EnsembleOptions>, faults: Faults): Promise<void> {
  const ensemble = new Ensemble({
    basePort: PORTS.history,
    portStride: 10,
    members: MEMBERS,
    cfg: { syncLimit: 3, snapCount: 1_000_000 },
    ...options,
  });
  let run: RecordedRun | undefined;
  try {
    await ensemble.start(...SIDS);
    run = new RecordedRun(ensemble, SEED);
    await run.goesOn(200);
    await faults(ensemble, run);
    await run.goesOn(200);
    process.stdout.write(`SEED=${SEED}: ${await run.end()}\n`);
  } catch (error) {
    process.stderr.write(`SEED=${SEED}\n`);
    throw error;
  } finally {
    run?.discard();
    await ensemble.discard();
  }
}

/** Until it follows, or leads, with everybody else. */
async function untilBack(ensemble: Ensemble): Promise<void> {
  for (const { sid } of ensemble.members) await ensemble.untilServing(sid);
}

peerTest(
  `What clients are told while the leader is killed ${KILLS} times is what was committed`,
  ["zooid"],
  () =>
    judged({}, async (ensemble, run) => {
      for (let i = 0; i < KILLS; i++) {
        const leader = await ensemble.leader();
        await ensemble.kill9(leader);
        await run.goesOn(100);
        await ensemble.start(leader);
        await run.goesOn(50);
      }
    }),
);

peerTest(
  "What clients are told while a leader stands still for longer than their sessions live is what was committed",
  ["zooid"],
  () =>
    judged({}, async (ensemble, run) => {
      for (let round = 0; round < ROUNDS; round++) {
        const { pid } = ensemble.member(await ensemble.leader()).server!;
        const startMs = performance.now();
        process.kill(pid, "SIGSTOP");
        try {
          await run.goesOn(200);
          const isOver = () => performance.now() - startMs > SESSION_TIMEOUT_MS + 2000;
          await until("sessions have had time to expire", isOver);
        } finally {
          process.kill(pid, "SIGCONT");
        }
        await untilBack(ensemble);
        await run.goesOn(100);
      }
    }),
);

/** Who is cut off how; whether the others go on meanwhile. */
const PARTITIONS: readonly {
  readonly name: string;
  readonly othersGoOn: boolean;
  readonly strike: (network: LinkNetwork, leader: number, followers: readonly number[]) => void;
}[] = [
  { name: "a leader alone", othersGoOn: true, strike: (network, leader) => network.cutOff(leader) },
  {
    name: "a leader that is not heard",
    othersGoOn: true,
    strike: (network, leader) => network.muffle(leader),
  },
  {
    name: "a leader without one of its followers",
    othersGoOn: true,
    strike: (network, leader, [one]) => network.separate(leader, one!),
  },
  {
    name: "everybody alone",
    othersGoOn: false,
    strike: (network, leader, [one]) => {
      network.cutOff(leader);
      network.cutOff(one!);
    },
  },
];

const SILENCE_MS = 6000;

peerTest(
  `What clients are told while networks part is what was committed: ${PARTITIONS.map(({ name }) => name).join(", ")}`,
  ["zooid", "root"],
  async () => {
    const network = new LinkNetwork(SIDS);
    const hostOf = (sid: number) => network.hostOf(sid);
    const underOf = (sid: number) => network.under(sid);
    try {
      await judged({ hostOf, underOf }, async (ensemble, run) => {
        for (let round = 0; round < ROUNDS; round++) {
          for (const { othersGoOn, strike } of PARTITIONS) {
            const leader = await ensemble.leader();
            const startMs = performance.now();
            strike(
              network,
              leader,
              SIDS.filter((sid) => sid !== leader),
            );
            try {
              if (othersGoOn) await run.goesOn(100);
              await until("it has lasted", () => performance.now() - startMs > SILENCE_MS);
            } finally {
              for (const sid of SIDS) network.heal(sid);
            }
            await untilBack(ensemble);
            await run.goesOn(100);
          }
        }
      });
    } finally {
      network.discard();
    }
  },
);
