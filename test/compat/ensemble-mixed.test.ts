// Mixed ensembles of real servers: Zooid as leader, follower and observer, of Java and under Java, 3.8 and 3.9.5. Each
// member is killed under writes and comes back; at the end nothing acknowledged is lost and all members have the same.
//
// ZOOID_ENSEMBLE_ROUNDS: how often each member is killed (1).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseServerSpec } from "../../src/config/server-spec.js";
import { decodeNotification, encodeNotification } from "../../src/election/notification.js";
import { type Notification, PeerState } from "../../src/election/vote.js";
import { openElectionLinks } from "../../src/peer/election-links.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import type { Sid, Zxid } from "../../src/wire/ids.js";
import { assertEqualTrees, assertNoMismatch } from "./ensemble-check.js";
import { Ensemble, type MemberOptions, PORTS, until } from "./ensemble-world.js";
import { verifyEverywhere, Writer } from "./ensemble-writer.js";
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
      await until(
        `member ${i + 1} is ${mode}`,
        async () => (await ensemble.member(i + 1).mode()) === mode,
        undefined,
        () => ensemble.logs(),
      );
    }
    for (let i = 0; i < WRITERS; i++) writers.push(new Writer(`w${i}`, ensemble.connectString));
    await Promise.all(writers.map((writer) => writer.begin()));
    for (let round = 0; round < ROUNDS; round++) await killEach(ensemble, writers);
    await Promise.all(writers.map((writer) => writer.stop()));
    await assertEqualTrees(ensemble);
    await verifyEverywhere(ensemble.members, writers);
  } finally {
    await Promise.all(writers.map((writer) => writer.client.close().catch(() => {})));
    await ensemble.discard();
  }
}

/** Every member once; whoever leads then among them, so that leadership goes round. */
async function killEach(ensemble: Ensemble, writers: readonly Writer[]): Promise<void> {
  for (const { sid } of ensemble.members) {
    await Promise.all(writers.map((writer) => writer.goesOn(BETWEEN)));
    await assertNoMismatch(ensemble.member(sid), ensemble.members);
    await ensemble.kill9(sid);
    await Promise.all(writers.map((writer) => writer.goesOn(BETWEEN)));
    await ensemble.start(sid);
  }
  await Promise.all(writers.map((writer) => writer.goesOn(BETWEEN)));
}

/** What a newcomer, member 2, is told by those who have settled. */
async function answersToNewcomer(ensemble: Ensemble): Promise<Map<number, Notification>> {
  const answers = new Map<number, Notification>();
  const [first, own, third] = ensemble.members;
  const platform = createNodePlatform({ log: { level: "OFF" } });
  const specs = [first!, own!, third!].map(({ sid, host, port }) =>
    parseServerSpec(sid as Sid, `${host}:${port + 1}:${port + 2}`, false),
  );
  const links = openElectionLinks({
    tls: undefined,
    platform,
    sid: own!.sid as Sid,
    addresses: [{ host: own!.host, port: own!.port + 2 }],
    peers: () => specs,
    settings: {
      connectTimeoutMs: 5000,
      introductionTimeoutMs: 10_000,
      quorumListenOnAllIPs: false,
      electionPortBindRetry: 3,
      tcpKeepAlive: false,
      multiAddressEnabled: false,
      addressPatienceMs: 1000,
    },
    received: (from, message) => {
      const answer = decodeNotification(from, message);
      if (answer.state !== PeerState.looking) answers.set(from, answer);
    },
    failed: (error) => assert.fail(error),
  });
  try {
    const vote = { leader: own!.sid as Sid, zxid: 0 as Zxid, peerEpoch: 0, round: 1 };
    await until("both have answered", () => {
      for (const { sid } of [first!, third!]) {
        const to = sid as Sid;
        links.send(to, encodeNotification({ ...vote, to, state: PeerState.looking }, ""));
      }
      links.connectAll();
      return answers.size === 2;
    });
  } finally {
    await new Promise<void>((resolve) => links.close(resolve));
  }
  return answers;
}

const SETTLED: readonly (readonly [ServerKind, ServerKind])[] = [
  ["zooid", "zooid"],
  ["zooid", "java39"],
  ["java38", "zooid"],
];

for (const [follower, leader] of SETTLED) {
  const name = `${leader} that leads and ${follower} that follows tell a newcomer of one epoch`;
  peerTest(name, [...new Set([follower, leader])], async () => {
    const members = [voter(follower), voter("zooid"), voter(leader)];
    const ensemble = new Ensemble({ basePort: PORTS.mixed, members });
    try {
      await ensemble.start(1, 3);
      const answers = await answersToNewcomer(ensemble);
      // The first, unless a leader has come to nothing before.
      const file = join(ensemble.member(3).directory, "data/version-2/currentEpoch");
      const epoch = Number(readFileSync(file, "utf8"));
      assert.ok(epoch > 0);
      for (const { leader, peerEpoch, from } of answers.values()) {
        assert.deepEqual([leader, peerEpoch], [3, epoch], `the answer of ${from}`);
      }
    } finally {
      await ensemble.discard();
    }
  });
}

for (const scenario of SCENARIOS) {
  const kinds = [...new Set(scenario.members.map(({ kind }) => kind))];
  peerTest(
    `A mixed ensemble keeps what it acknowledged while each member is killed: ${scenario.name}`,
    kinds,
    () => killEachUnderWrites(scenario),
  );
}
