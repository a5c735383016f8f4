// Members by Kerberos: Java 3.8, Java 3.9.5 and Zooid in one ensemble, each with the principal of its host; and a member that
// has a good ticket, but for a host that is nobody's.

import { writeFileSync } from "node:fs";
import { keepsMember3Out, servesBesideAKill } from "../ensemble-members.js";
import { Ensemble, PORTS } from "../ensemble-world.js";
import { peerTest, type ServerKind } from "../peers.js";
import { TestRealm } from "./realm.js";

/** ZOOID_ENSEMBLE_ROUNDS above 1: everything. */
const IS_LONG = Number(process.env.ZOOID_ENSEMBLE_ROUNDS ?? 1) > 1;
const MODULE = "com.sun.security.auth.module.Krb5LoginModule";
const MEMBER = "zkquorum/127.0.0.1";
const STRANGER = "zkquorum/elsewhere";

const REQUIRED = {
  "quorum.auth.enableSasl": "true",
  "quorum.auth.learnerRequireSasl": "true",
  "quorum.auth.serverRequireSasl": "true",
  "quorum.auth.kerberos.servicePrincipal": "zkquorum/_HOST",
};

async function withEnsemble(
  kinds: readonly ServerKind[],
  run: (ensemble: Ensemble, callAs: (principal: string) => void) => Promise<void>,
): Promise<void> {
  const realm = await TestRealm.start();
  realm.add(MEMBER, STRANGER);
  const keys = realm.keyTable("keys", MEMBER, STRANGER);
  const properties: Record<string, string> = { "java.security.krb5.conf": realm.configuration };
  const ensemble = new Ensemble({
    basePort: PORTS.kerberos,
    members: kinds.map((kind) => ({ kind })),
    cfg: REQUIRED,
    properties,
  });
  const callAs = (principal: string): void => {
    const jaas = realm.path(`${principal.replace("/", "-")}.conf`);
    const options = `required useKeyTab=true keyTab="${keys}" storeKey=true useTicketCache=false`;
    writeFileSync(
      jaas,
      `QuorumServer { ${MODULE} ${options} principal="${MEMBER}"; };
QuorumLearner { ${MODULE} ${options} principal="${principal}"; };`,
    );
    properties["java.security.auth.login.config"] = jaas;
  };
  try {
    callAs(MEMBER);
    await run(ensemble, callAs);
  } finally {
    await ensemble.discard();
    await realm.stop();
  }
}

const MIXES: readonly (readonly [kinds: readonly ServerKind[], leader: number])[] = [
  [["java39", "zooid", "java38"], 2],
  [["zooid", "zooid", "java39"], 3],
];
for (const [kinds, leader] of IS_LONG ? MIXES : MIXES.slice(0, 1)) {
  const name = kinds.map((kind, i) => `${kind}${i + 1 === leader ? " (leader)" : ""}`).join(", ");
  peerTest(`Members know each other by Kerberos: ${name}`, [...new Set(kinds), "kdc"], () =>
    withEnsemble(kinds, async (ensemble) => {
      await servesBesideAKill(ensemble, leader);
    }),
  );
}

const STRANGERS: readonly (readonly [kind: ServerKind, stranger: ServerKind])[] = [
  ["zooid", "zooid"],
  ["zooid", "java39"],
  ["java39", "zooid"],
];
for (const [kind, stranger] of IS_LONG ? STRANGERS : STRANGERS.slice(0, 1)) {
  const kinds: readonly ServerKind[] = [kind, kind, stranger];
  peerTest(
    `${stranger} with the ticket of a host that is no member's is kept out by ${kind}`,
    [...new Set(kinds), "kdc"],
    () =>
      withEnsemble(kinds, async (ensemble, callAs) => {
        await ensemble.start(1, 2);
        callAs(STRANGER);
        await ensemble.launch(3);
        await keepsMember3Out(ensemble, /is not authorized to connect/);
        await ensemble.stop(3);
        callAs(MEMBER);
        await ensemble.launch(3);
        await ensemble.untilServing(3);
      }),
  );
}
