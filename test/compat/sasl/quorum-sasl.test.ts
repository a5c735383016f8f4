// SASL between members: Java 3.8, Java 3.9.5 and Zooid in one ensemble, whoever leads; switched on member by member under load;
// and members that do not know the password, or do not say one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertEqualTrees } from "../ensemble-check.js";
import { keepsMember3Out, servesBesideAKill } from "../ensemble-members.js";
import { Ensemble, PORTS } from "../ensemble-world.js";
import { Writer } from "../ensemble-writer.js";
import { peerTest, type ServerKind } from "../peers.js";

const SIDS = [1, 2, 3];
/** ZOOID_ENSEMBLE_ROUNDS above 1: everything, which takes five minutes. */
const IS_LONG = Number(process.env.ZOOID_ENSEMBLE_ROUNDS ?? 1) > 1;
const MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule";

const ROUNDS = {
  off: {},
  enabled: { "quorum.auth.enableSasl": "true" },
  learner: { "quorum.auth.enableSasl": "true", "quorum.auth.learnerRequireSasl": "true" },
  server: {
    "quorum.auth.enableSasl": "true",
    "quorum.auth.learnerRequireSasl": "true",
    "quorum.auth.serverRequireSasl": "true",
  },
} as const;

function jaas(password: string): string {
  return `QuorumServer { ${MODULE} required user_zoo="animal"; };
QuorumLearner { ${MODULE} required username="zoo" password="${password}"; };\n`;
}

interface World {
  readonly ensemble: Ensemble;
  /** What the next member is launched with. */
  set(round: keyof typeof ROUNDS, password?: string): void;
}

async function withEnsemble(
  kinds: readonly ServerKind[],
  run: (world: World) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "zooid-quorum-sasl-"));
  for (const password of ["animal", "plant"]) {
    writeFileSync(join(directory, `${password}.conf`), jaas(password));
  }
  const cfg: Record<string, string> = {};
  const properties: Record<string, string> = { "zookeeper.fips-mode": "false" };
  const members = kinds.map((kind) => ({ kind }));
  const ensemble = new Ensemble({ basePort: PORTS.sasl, members, cfg, properties });
  try {
    await run({
      ensemble,
      set(round, password = "animal") {
        for (const key of Object.keys(cfg)) delete cfg[key];
        Object.assign(cfg, ROUNDS[round]);
        properties["java.security.auth.login.config"] = join(directory, `${password}.conf`);
      },
    });
  } finally {
    await ensemble.discard();
    rmSync(directory, { recursive: true });
  }
}

const MIXES: readonly (readonly [kinds: readonly ServerKind[], leaders: readonly number[]])[] = [
  [
    ["java39", "zooid", "java38"],
    [2, 3],
  ],
  [["zooid", "java39", "zooid"], IS_LONG ? [2, 3] : [2]],
  [["java39", "java38", "zooid"], IS_LONG ? [2, 3] : []],
];
for (const [kinds, leaders] of MIXES) {
  for (const leader of leaders) {
    const name = kinds.map((kind, i) => `${kind}${i + 1 === leader ? " (leader)" : ""}`).join(", ");
    peerTest(`Members prove to each other who they are: ${name}`, [...new Set(kinds)], () =>
      withEnsemble(kinds, async ({ ensemble, set }) => {
        set("server");
        await servesBesideAKill(ensemble, leader);
      }),
    );
  }
}

const ROLLED: readonly (readonly ServerKind[])[] = [["java39", "zooid", "zooid"]];
for (const kinds of IS_LONG ? [...ROLLED, ["zooid", "zooid", "zooid"] as const] : ROLLED) {
  peerTest(
    `SASL between members is switched on and off under load, member by member: ${kinds.join(", ")}`,
    [...new Set(kinds)],
    () =>
      withEnsemble(kinds, async ({ ensemble, set }) => {
        set("off");
        await ensemble.start(...SIDS);
        const writer = new Writer("w", ensemble.connectString);
        const { client } = writer;
        try {
          await writer.begin();
          const session = client.sessionId;
          const on = ["enabled", "learner", "server"] as const;
          const off = ["learner", "enabled", "off"] as const;
          for (const round of IS_LONG ? [...on, ...off] : on) {
            const leader = await ensemble.leader();
            for (const sid of [...SIDS.filter((one) => one !== leader), leader]) {
              await ensemble.stop(sid);
              set(round);
              await ensemble.launch(sid);
              await ensemble.untilServing(sid);
              await writer.goesOn(10);
            }
          }
          await writer.stop();
          await assertEqualTrees(ensemble);
          await writer.verify(client);
          assert.equal(client.sessionId, session, "nobody's session was lost");
        } finally {
          await client.close().catch(() => {});
        }
      }),
  );
}

for (const [kind, stranger] of [
  ["zooid", "zooid"],
  ["zooid", "java39"],
  ["java39", "zooid"],
] as const) {
  const kinds: readonly ServerKind[] = [kind, kind, stranger];
  for (const [what, round, password] of [
    ["a wrong password", "server", "plant"],
    ["no password", "off", "animal"],
  ] as const) {
    if (kind === "java39" && round === "off" && !IS_LONG) continue;
    peerTest(`${stranger} with ${what} is kept out by ${kind}`, [...new Set(kinds)], () =>
      withEnsemble(kinds, async ({ ensemble, set }) => {
        set("server");
        await ensemble.start(1, 2);
        set(round, password);
        await ensemble.launch(3);
        const refusal =
          round === "off"
            ? /not trying to authenticate and authentication is required/
            : /Failed to authenticate using SASL|Mismatched response/;
        await keepsMember3Out(ensemble, refusal);
        // With the right one it is let in.
        await ensemble.stop(3);
        set("server");
        await ensemble.launch(3);
        await ensemble.untilServing(3);
      }),
    );
  }
}
