// SASL GSSAPI over the simulated platform's Kerberos: both sides, and what each makes of the other's misbehaviour. That real
// tokens do the same, test/compat/kerberos shows beside Java's mechanism.

import assert from "node:assert/strict";
import { test } from "node:test";
import { JaasError, parseJaas } from "../../src/auth/jaas/jaas.js";
import { kerberosClient, kerberosServer } from "../../src/auth/jaas/kerberos-login.js";
import { GssapiClient } from "../../src/auth/sasl/gssapi-client.js";
import { GssapiServer } from "../../src/auth/sasl/gssapi-server.js";
import { SaslError, type SaslExchange, type SaslOutcome } from "../../src/auth/sasl/sasl.js";
import { SASL_TOKEN_MAX_BYTES } from "../../src/limits.js";
import type { GssContext, Kerberos } from "../../src/platform/kerberos.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";

const SERVICE = "zookeeper/localhost@ZOOID.TEST";
const ALICE = "alice@ZOOID.TEST";
const QUOTED = "a\\/b@ZOOID.TEST";
const NOTHING = Buffer.alloc(0);

class Stage {
  readonly #world = new SimPlatform({ seed: 1 });
  readonly #kerberos: Kerberos;

  constructor() {
    const node = this.#world.addNode("only");
    node.disk.putFile(
      "/keys",
      Buffer.from([SERVICE, "host/localhost@ZOOID.TEST", ALICE, QUOTED].join("\n")),
    );
    this.#kerberos = node.start().kerberos;
  }

  context(usage: "accept" | "initiate", principal: string, target?: string): GssContext {
    const where = { configurationFile: undefined, ticketCache: undefined, keyTable: "FILE:/keys" };
    return this.#kerberos.open({ usage, principal, ...where }).newContext(target);
  }

  server(authorize = (peer: string, _wanted: string) => peer, principal = SERVICE): GssapiServer {
    const context = this.context("accept", principal);
    return new GssapiServer({ context, service: "zookeeper", authorize });
  }

  say(exchange: SaslExchange, token: Buffer): Promise<SaslOutcome> {
    const outcome = new Promise<SaslOutcome>((resolve) => exchange.evaluate(token, resolve));
    return this.#world.runUntilSettled(outcome);
  }

  /** The token of a challenge. */
  async challenge(exchange: SaslExchange, token: Buffer): Promise<Buffer> {
    const outcome = await this.say(exchange, token);
    assert.ok(outcome.kind === "challenge", JSON.stringify(outcome));
    return outcome.token;
  }

  /** Up to the server's offer, with a context of our own to answer it. */
  async upToOffer(server: GssapiServer, client = ALICE, target = SERVICE) {
    const context = this.context("initiate", client, target);
    const ask = <T>(call: (done: (error: Error | undefined, result?: T) => void) => void) =>
      this.#world.runUntilSettled(
        new Promise<T>((resolve, reject) =>
          call((error, result) => (error === undefined ? resolve(result as T) : reject(error))),
        ),
      );
    const first = await ask<{ token: Buffer }>((done) => context.step(NOTHING, done));
    const outcome = await this.say(server, first.token);
    if (outcome.kind !== "challenge") return { outcome, wrap: undefined, offer: NOTHING };
    await ask((done) => context.step(outcome.token, done));
    const token = await this.challenge(server, NOTHING);
    return {
      outcome,
      offer: await ask<Buffer>((done) => context.unwrap(token, done)),
      wrap: (message: Buffer) => ask<Buffer>((done) => context.wrap(message, done)),
    };
  }
}

function reasonOf(outcome: SaslOutcome): string {
  assert.ok(outcome.kind === "failed", JSON.stringify(outcome));
  return `${outcome.isFaulty ? "fault" : "refused"}: ${outcome.reason}`;
}

test("A client with a ticket is let in under the name that the server gives it", async () => {
  const stage = new Stage();
  const asked: string[][] = [];
  const server = stage.server((...names) => {
    asked.push(names);
    return "alice";
  });
  const client = new GssapiClient((open) => open(stage.context("initiate", ALICE, SERVICE)));
  const proof = await stage.challenge(server, await stage.challenge(client, NOTHING));
  const offer = await stage.challenge(server, await stage.challenge(client, proof));
  const choice = await stage.say(client, offer);
  assert.ok(choice.kind === "complete" && choice.token !== null);
  assert.equal(choice.authorizationId, ALICE);
  assert.deepEqual(await stage.say(server, choice.token), {
    kind: "complete",
    token: null,
    authorizationId: "alice",
  });
  assert.deepEqual(asked, [[ALICE, ALICE]]);
  assert.equal(
    reasonOf(await stage.say(server, NOTHING)),
    "refused: SASL authentication already complete",
  );
});

test("The server offers no layer, and takes no other choice", async () => {
  const stage = new Stage();
  const choices: readonly (readonly [string, string])[] = [
    ["02010000", "refused: Client selected unsupported protection: 2"],
    ["00000000", "refused: Client selected unsupported protection: 0"],
    ["", "fault: The client's choice is too short"],
    ["010000", "fault: The client's choice is too short"],
  ];
  for (const [choice, reason] of choices) {
    const server = stage.server();
    const { offer, wrap } = await stage.upToOffer(server);
    assert.equal(offer.toString("hex"), "01010000");
    const token = await wrap!(Buffer.from(choice, "hex"));
    assert.equal(reasonOf(await stage.say(server, token)), reason);
    assert.equal(
      reasonOf(await stage.say(server, token)),
      "refused: SASL authentication has failed",
    );
  }
});

test("A choice without a name means one's own, and one that may not be had is refused", async () => {
  const stage = new Stage();
  for (const [wanted, expected] of [
    ["", "complete"],
    ["root", "failed"],
  ] as const) {
    const server = stage.server((peer, name) => {
      if (peer !== name) throw new SaslError(`${peer} is not ${name}`);
      return peer;
    });
    const { wrap } = await stage.upToOffer(server);
    const token = await wrap!(Buffer.concat([Buffer.from("01000000", "hex"), Buffer.from(wanted)]));
    assert.equal((await stage.say(server, token)).kind, expected);
  }
});

test("The server refuses what is no token, no ticket of its own, too long or out of turn", async () => {
  const stage = new Stage();
  assert.match(
    reasonOf(await stage.say(stage.server(), Buffer.from("x"))),
    /^refused: GSS initiate failed: ./,
  );
  assert.match(
    reasonOf(await stage.say(stage.server(), Buffer.alloc(SASL_TOKEN_MAX_BYTES + 1))),
    /^refused: Token of 65537 bytes: want at most 65536$/,
  );
  const neighbour = stage.server(undefined, "host/localhost@ZOOID.TEST");
  const { outcome } = await stage.upToOffer(neighbour, ALICE, "host/localhost@ZOOID.TEST");
  assert.match(reasonOf(outcome), /GSS context targ name protocol error: host\/localhost/);
  const quoted = await stage.upToOffer(stage.server(), QUOTED);
  assert.match(reasonOf(quoted.outcome), /Quoted Kerberos name/);
  const server = stage.server();
  const client = new GssapiClient((open) => open(stage.context("initiate", ALICE, SERVICE)));
  await stage.challenge(server, await stage.challenge(client, NOTHING));
  assert.match(reasonOf(await stage.say(server, Buffer.from("x"))), /expecting no response/);
});

test("A client does without a server that cannot prove itself or offers nothing in common", async () => {
  const stage = new Stage();
  const newClient = () =>
    new GssapiClient((open) => open(stage.context("initiate", ALICE, SERVICE)));
  const client = newClient();
  await stage.challenge(client, NOTHING);
  assert.match(reasonOf(await stage.say(client, Buffer.from("x"))), /GSS initiate failed/);

  const careful = newClient();
  const acceptor = stage.context("accept", SERVICE);
  const offering: SaslExchange = {
    evaluate: (token, done) =>
      acceptor.step(token, (error, step) => {
        assert.equal(error, undefined);
        done({ kind: "challenge", token: step!.token });
      }),
    dispose: () => acceptor.release(),
  };
  const proof = await stage.challenge(offering, await stage.challenge(careful, NOTHING));
  await stage.challenge(careful, proof);
  const wrapping: SaslExchange = {
    evaluate: (message, done) =>
      acceptor.wrap(message, (_error, token) => done({ kind: "challenge", token: token! })),
    dispose: () => {},
  };
  const offer = await stage.challenge(wrapping, Buffer.from("06010000", "hex"));
  assert.match(reasonOf(await stage.say(careful, offer)), /No common protection layer/);
});

// ----------------------------------------------------------------------------------------------------------------- log-in

const KEYS = 'useKeyTab=true keyTab="/etc/zk.keytab" storeKey=true';

function section(options: string) {
  const text = `S { com.sun.security.auth.module.Krb5LoginModule required ${options}; };`;
  return parseJaas(text).get("S")!;
}

const SURROUNDINGS = { properties: new Map(), defaultRealm: "EXAMPLE.COM" };

test("A server's section names its principal and its key table", () => {
  const login = (options: string, surroundings = SURROUNDINGS) =>
    kerberosServer(section(options), surroundings);
  const expected = {
    usage: "accept",
    configurationFile: undefined,
    principal: "zookeeper/zk1@EXAMPLE.COM",
    service: "zookeeper",
    keyTable: "FILE:/etc/zk.keytab",
    ticketCache: undefined,
  };
  assert.deepEqual(login(`${KEYS} principal="zookeeper/zk1"`), expected);
  const properties = new Map([
    ["sun.security.krb5.principal", "zk/b@C"],
    ["java.security.krb5.conf", "/k.conf"],
  ]);
  assert.deepEqual(login("useKeyTab=TRUE storeKey=true", { ...SURROUNDINGS, properties }), {
    ...expected,
    configurationFile: "/k.conf",
    principal: "zk/b@C",
    service: "zk",
    keyTable: true,
  });
  for (const written of ["FILE:/t", "file:/t", "ANY:FILE:/t", "/t"]) {
    const options = `useKeyTab=true storeKey=true keyTab="${written}" principal="a/b@C"`;
    assert.equal(login(options).keyTable, "FILE:/t");
  }
});

test("A server's section that cannot work is refused, with what is missing", () => {
  const cases: readonly (readonly [string, RegExp, string?])[] = [
    [KEYS, /Unable to obtain Principal Name/],
    [`${KEYS} principal="zookeeper@EXAMPLE.COM"`, /has no host: want service\/host@REALM/],
    [`${KEYS} principal="a/b/c@EXAMPLE.COM"`, /is no service's principal/],
    [`${KEYS} principal="*" isInitiator=false`, /principal cannot be \*/],
    [`${KEYS} principal="a/b"`, /has no realm, and there is no default realm/, "none"],
    ['useTicketCache=true storeKey=true principal="a/b@C"', /needs useKeyTab=true/],
    ['useKeyTab=true principal="a/b@C"', /needs storeKey=true/],
    ['doNotPrompt=true principal="a/b@C"', /at least one of useTicketCache, {2}useKeyTab/],
    ["doNotPrompt=true useTicketCache=true storeKey=true", /for storeKey option/],
    [`${KEYS} renewTGT=true principal="a/b@C"`, /renewTGT should be false/],
  ];
  for (const [options, message, realm] of cases) {
    const defaultRealm = realm === "none" ? undefined : "EXAMPLE.COM";
    assert.throws(
      () => kerberosServer(section(options), { properties: new Map(), defaultRealm }),
      (error) => error instanceof JaasError && message.test(error.message),
      options,
    );
  }
});

test("A client's section names a ticket cache, a key table or both", () => {
  const login = (options: string) => kerberosClient(section(options), SURROUNDINGS);
  const expected = { usage: "initiate", configurationFile: undefined };
  assert.deepEqual(login('useTicketCache=true ticketCache="/tmp/t"'), {
    ...expected,
    principal: undefined,
    keyTable: undefined,
    ticketCache: "/tmp/t",
  });
  assert.deepEqual(login(`${KEYS} useTicketCache=true principal="alice"`), {
    ...expected,
    principal: "alice@EXAMPLE.COM",
    keyTable: "FILE:/etc/zk.keytab",
    ticketCache: true,
  });
  assert.throws(() => login("useTicketCache=false"), /No password provided/);
  assert.throws(() => login(`${KEYS} principal="a@b@c"`), /is no principal/);
  assert.throws(() => login(KEYS), /Unable to obtain Principal Name/);
});
