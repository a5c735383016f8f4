// SASL DIGEST-MD5 on the client port: every right and wrong way of it (digest-attempts.ts), on Java 3.9.5 and on Zooid, byte for
// byte but for nonces.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peerTest, type ServerKind } from "../peers.js";
import { newDirectory, startServer } from "../server-process.js";
import { ATTEMPTS, IMPOSTOR, JAAS, play } from "./digest-attempts.js";

const PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";

async function answersOf(
  kind: ServerKind,
  cfg: Readonly<Record<string, string>>,
): Promise<Record<string, string[]>> {
  const directory = newDirectory(kind);
  const jaas = join(directory, "jaas.conf");
  mkdirSync(directory, { recursive: true });
  writeFileSync(jaas, JAAS);
  writeFileSync(join(directory, "krb5.conf"), "[libdefaults]\n  default_realm = EXAMPLE.COM\n");
  const server = await startServer(kind, {
    directory,
    cfg: { "authProvider.1": PROVIDER, "superUser.9": "root", ...cfg },
    properties: {
      "java.security.auth.login.config": jaas,
      "java.security.krb5.conf": join(directory, "krb5.conf"),
      "zookeeper.SASLAuthenticationProvider.superPassword": "property",
    },
  });
  try {
    const answers: Record<string, string[]> = {};
    for (const attempt of [...ATTEMPTS, IMPOSTOR]) {
      answers[attempt.name] = await play(server.port, attempt);
    }
    return answers;
  } finally {
    await server.discard();
  }
}

const CONFIGURATIONS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["as it is", {}],
  ["with failed clients allowed", { allowSaslFailedClients: "true" }],
  ["required", { sessionRequireClientSASLAuth: "true", allowSaslFailedClients: "true" }],
  [
    "with names cut short",
    {
      "kerberos.removeHostFromPrincipal": "true",
      "kerberos.removeRealmFromPrincipal": "true",
      "security.auth_to_local": "RULE:[2:$1-$2](svc-.*)s/-/_/g DEFAULT",
    },
  ],
];

for (const [name, cfg] of CONFIGURATIONS) {
  peerTest(`SASL ${name} is answered as Java answers it`, ["java39", "zooid"], async () => {
    const [theirs, ours] = await Promise.all([answersOf("java39", cfg), answersOf("zooid", cfg)]);
    for (const { name: attempt } of ATTEMPTS) {
      assert.deepEqual(ours[attempt], theirs[attempt], attempt);
    }
    // Java believes in the name that the client asked for where no rule gives one, and lets it be the super user.
    const [javaShows, zooidShows] = [theirs, ours].map((all) => String(all[IMPOSTOR.name]?.[2]));
    assert.match(javaShows!, /sasl.*root/);
    assert.match(zooidShows!, /sasl.*mallory@OTHER\.COM/);
    assert.doesNotMatch(zooidShows!, /super|root/);
  });
}
