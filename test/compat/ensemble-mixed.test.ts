// Mixed ensembles of real servers: Zooid as leader, follower and observer, of Java and under Java, 3.8 and 3.9.5. Each
// member is killed under writes and comes back; at the end nothing acknowledged is lost and all members have the same.
//
// ZOOID_ENSEMBLE_ROUNDS: how often each member is killed (1).

import assert from "node:assert/strict";
import { assertEqualTrees, assertNoMismatch } from "./ensemble-check.js";
import { Ensemble, type MemberOptions, PORTS, until } from "./ensemble-world.js";
import { connectClient, Writer } from "./ensemble-writer.js";
import { peerTest, type ServerKind } from "./peers.js";

const ROUNDS = Number(process.env.ZOOID_ENSEMBLE_ROUNDS ?? 1);
const WRITERS = 3;
/** Acknowledged to each writer before and after each kill. */
const BETWEEN = 25;

interface Scenario {
  readonly name: string;
  /** By server id, from 1. The leader is the last voter. */
  readonly members: readonly MemberOptions[];
  readonly leader: number;
}

const voter = (kind: ServerKind): MemberOptions => ({ kind });
const observer = (kind: ServerKind): MemberOptions => ({ kind, isObserver: true });

const SCENARIOS: readonly Scenario[] = [
  {
    name: "Zooid leads Java 3.8 and Java 3.9",
    members: [voter("java38"), voter("java39"), voter("zooid")],
    leader: 3,
  },
  {
    name: "Java 3.9 leads Java 3.8 and Zooid",
    members: [voter("zooid"), voter("java38"), voter("java39")],
    leader: 3,
  },
  {
    name: "Java 3.8 leads two of Zooid",
    members: [voter("zooid"), voter("zooid"), voter("java38")],
    leader: 3,
  },
  {
    name: "Zooid leads two of Java 3.9, with a Java and a Zooid observer",
    members: [
      voter("java39"),
      voter("java39"),
      voter("zooid"),
      observer("java39"),
      observer("zooid"),
    ],
    leader: 3,
  },
  {
    name: "Java 3.9 leads five, two of them Java 3.8 and two Zooid",
    members: [voter("zooid"), voter("java38"), voter("zooid"), voter("java38"), voter("java39")],
    leader: 5,
  },
];

async function killEachUnderWrites(scenario: Scenario): Promise<void> {
  const { members, leader } = scenario;
  const ensemble = new Ensemble({ basePort: PORTS.mixed, members });
  const writers: Writer[] = [];
  try {
    await ensemble.startLedBy(leader);
    for (const [i, { isObserver }] of members.entries()) {
      const mode = isObserver ? "observer" : i + 1 === leader ? "leader" : "follower";
      assert.equal(await ensemble.member(i + 1).mode(), mode);
    }
    for (let i = 0; i < WRITERS; i++) writers.push(new Writer(`w${i}`, ensemble.connectString));
    await Promise.all(writers.map((writer) => writer.begin()));
    for (let round = 0; round < ROUNDS; round++) await killEach(ensemble, writers);
    await Promise.all(writers.map((writer) => writer.stop()));
    await assertEqualTrees(ensemble);
    await verifyEverywhere(ensemble, writers);
  } finally {
    await Promise.all(writers.map((writer) => writer.client.close().catch(() => {})));
    await ensemble.discard();
  }
}

/** Every member once; whoever leads then among them, so that leadership goes round. */
async function killEach(ensemble: Ensemble, writers: readonly Writer[]): Promise<void> {
  for (const { sid } of ensemble.members) {
    await Promise.all(writers.map((writer) => writer.goesOn(BETWEEN)));
    await assertNoMismatch(ensemble.member(sid));
    await ensemble.kill9(sid);
    await Promise.all(writers.map((writer) => writer.goesOn(BETWEEN)));
    await ensemble.start(sid);
  }
  await Promise.all(writers.map((writer) => writer.goesOn(BETWEEN)));
}

async function verifyEverywhere(ensemble: Ensemble, writers: readonly Writer[]): Promise<void> {
  for (const { host, port } of ensemble.members) {
    const reader = connectClient(`${host}:${port}`);
    try {
      await reader.sync("/");
      for (const writer of writers) await writer.verify(reader);
    } finally {
      await reader.close();
    }
  }
  // With their sessions go their ephemerals, everywhere.
  await Promise.all(writers.map((writer) => writer.client.close()));
  for (const { host, port, sid } of ensemble.members) {
    const reader = connectClient(`${host}:${port}`);
    try {
      await until(`no ephemeral is left at member ${sid}`, async () => {
        const names = await Promise.all(
          writers.map(({ name }) => reader.getChildren(`/work/${name}`)),
        );
        return names.flat().every((name) => name !== "alive" && !name.startsWith("e-"));
      });
    } finally {
      await reader.close();
    }
  }
}

for (const scenario of SCENARIOS) {
  const kinds = [...new Set(scenario.members.map(({ kind }) => kind))];
  peerTest(
    `A mixed ensemble keeps what it acknowledged while each member is killed: ${scenario.name}`,
    kinds,
    () => killEachUnderWrites(scenario),
  );
}
