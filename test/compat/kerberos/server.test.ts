// SASL GSSAPI on the client port: every right and wrong way of it (attempts.ts), on Java 3.9.5 and on Zooid, with tickets of one
// real key distribution centre.

import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../ensemble-world.js";
import { peerTest, type ServerKind } from "../peers.js";
import { ATTEMPTS, firstToken, play, present } from "./attempts.js";
import { Initiator } from "./initiator.js";
import { onStage, SERVICE, type Stage, startKerberosServer } from "./stage.js";

/** What the audit log says of the server itself. */
const STARTED = "who has started the server";

async function answersOf(
  kind: ServerKind,
  stage: Stage,
  cfg: Readonly<Record<string, string>>,
): Promise<Record<string, string[]>> {
  const server = await startKerberosServer(kind, stage, cfg);
  const initiator = new Initiator(stage.realm);
  try {
    const answers: Record<string, string[]> = {};
    for (const attempt of ATTEMPTS) {
      answers[attempt.name] = await play(server.port, attempt, stage, initiator);
    }
    const started = () => /user=\S+\s+operation=serverStart\s+result=\w+/.exec(server.log());
    if (cfg["audit.enable"] === "true") await until("it is audited", () => started() !== null);
    answers[STARTED] = [String(started()?.[0])];
    return answers;
  } finally {
    initiator.stop();
    await server.discard();
  }
}

const CONFIGURATIONS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["with whole names", { "audit.enable": "true" }],
  [
    "required, with names cut short by rules",
    {
      sessionRequireClientSASLAuth: "true",
      "kerberos.removeHostFromPrincipal": "true",
      "kerberos.removeRealmFromPrincipal": "true",
      "security.auth_to_local": "RULE:[2:$1](svc-.*)s/-/_/g DEFAULT",
    },
  ],
];

for (const [name, cfg] of CONFIGURATIONS) {
  peerTest(
    `Kerberos ${name} is answered as Java answers it`,
    ["java39", "zooid", "kdc", "python-gssapi"],
    () =>
      onStage(async (stage) => {
        const [theirs, ours] = await Promise.all([
          answersOf("java39", stage, cfg),
          answersOf("zooid", stage, cfg),
        ]);
        for (const attempt of [...ATTEMPTS.map((one) => one.name), STARTED]) {
          assert.deepEqual(ours[attempt], theirs[attempt], attempt);
        }
        assert.match(String(ours["the right ticket"]), /"[^"]*sasl[^"]*alice/);
        if (cfg["audit.enable"] === "true") assert.match(String(ours[STARTED]), /user=zookeeper\//);
      }),
  );
}

/** How long a token is good for after it was made, on these servers. */
const CLOCK_SKEW_SECONDS = 5;

peerTest(
  "Keys that are replaced, and a token that is too old, are answered as Java answers them",
  ["java39", "zooid", "kdc", "python-gssapi"],
  () =>
    onStage(async (stage) => {
      const { realm, serverKeys } = stage;
      const initiator = new Initiator(realm);
      const strict = realm.configurationWith(`clockskew = ${CLOCK_SKEW_SECONDS}`);
      const old = await firstToken(stage, initiator);
      const madeMs = Date.now();
      const kinds = ["java39", "zooid"] as const;
      const servers = await Promise.all(
        kinds.map((kind) => startKerberosServer(kind, stage, {}, { configuration: strict })),
      );
      try {
        const answers = async (say: (port: number) => Promise<string[]>) => {
          const [theirs, ours] = [await say(servers[0]!.port), await say(servers[1]!.port)];
          assert.deepEqual(ours, theirs);
          return String(ours);
        };
        const now = (client: string) => (port: number) =>
          play(port, { name: "the right ticket", client }, stage, initiator);
        assert.match(await answers(now("alice")), /alice/);
        // Times are compared by the second.
        await wait(Math.max(0, madeMs + 1000 * (CLOCK_SKEW_SECONDS + 2) - Date.now()));
        assert.match(await answers((port) => present(port, old)), /^the first token: -115/);

        const withOldKey = await Promise.all(kinds.map(() => firstToken(stage, initiator)));
        renameSync(realm.keyTable("new.keytab", SERVICE), serverKeys);
        const refused = await answers((port) =>
          present(port, withOldKey[servers.findIndex((one) => one.port === port)]!),
        );
        assert.match(refused, /^the first token: -115/);
        // Who has no ticket yet, and so gets one for the new key.
        assert.match(await answers(now("root")), /root/);
      } finally {
        initiator.stop();
        await Promise.all(servers.map((server) => server.discard()));
      }
    }),
);

/** A module for --require that changes how others are loaded. */
function meddling(stage: Stage, name: string, code: string): Record<string, string> {
  const path = stage.realm.path(`${name}.cjs`);
  const head = 'const Module = require("node:module"); const load = Module._load;';
  writeFileSync(path, `${head} Module._load = (name, ...rest) => { ${code} };`);
  return { NODE_OPTIONS: `--require ${path}` };
}

const NO_PACKAGE =
  'if (name === "koffi") throw new Error("Cannot find module"); return load(name, ...rest);';
const NO_LIBRARY =
  'const all = load(name, ...rest); if (name !== "koffi") return all; return { ...all, load: () => all.load("libnowhere.so") };';

/** What a server says that does not start. */
async function refusal(stage: Stage, environment: Record<string, string> = {}): Promise<string> {
  const server = await startKerberosServer("zooid", stage, {}, { environment, dontWait: true });
  try {
    assert.equal((await server.exited).code, 1);
    return server.log();
  } finally {
    await server.discard();
  }
}

peerTest("A server that cannot log in does not start, and says what is missing", ["kdc"], () =>
  onStage(async (stage) => {
    const { realm } = stage;
    const failed =
      /Could not configure server because SASL configuration did not allow the {2}ZooKeeper server to authenticate itself properly: (.*)/;
    const say = async (other: Partial<Stage>, environment = {}) =>
      failed.exec(await refusal({ ...stage, ...other }, environment))?.[1];
    const [noFile, noKey, noPackage, noLibrary] = await Promise.all([
      say({ serverKeys: realm.path("nowhere") }),
      say({ serverKeys: stage.clientKeys }),
      say({}, meddling(stage, "package", NO_PACKAGE)),
      say({}, meddling(stage, "library", NO_LIBRARY)),
    ]);
    assert.match(noFile!, /nowhere/);
    assert.match(noKey!, /zookeeper\/localhost@ZOOID\.TEST/);
    assert.match(noPackage!, /Kerberos needs the package koffi, .*Install both: npm install koffi/);
    assert.match(noLibrary!, /Kerberos needs the library libgssapi_krb5\.so\.2, .*apt install/);
  }),
);
