// The real platform's Kerberos keeps the contract, with a real key distribution centre; and no token, however wrong, ends the
// process or stays in its memory.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GssContext, KerberosError } from "../../../src/platform/kerberos.js";
import { NodeKerberos } from "../../../src/platform/node/kerberos.js";
import { type KerberosSubject, kerberosContract } from "../../platform/contract-kerberos.js";
import { peerTest, whatIsMissing } from "../peers.js";
import { REALM, TestRealm } from "./realm.js";

const SERVICE = `zookeeper/localhost@${REALM}`;
const CLIENTS = [`alice@${REALM}`, `svc/host.example@${REALM}`] as const;

/** What collections of garbage leave about, and the library its tables. */
const GROWTH_MAX_BYTES = 32 * 1024 * 1024;

let realm: TestRealm;
let subject: KerberosSubject;

before(async () => {
  if (whatIsMissing(["kdc"]) !== undefined) return;
  realm = await TestRealm.start();
  realm.add(SERVICE, ...CLIENTS);
  const keys = realm.keyTable("keys", SERVICE, ...CLIENTS);
  process.env.KRB5RCACHEDIR = realm.directory;
  subject = {
    kerberos: new NodeKerberos(),
    configurationFile: realm.configuration,
    service: SERVICE,
    clients: CLIENTS,
    keyTable: `FILE:${keys}`,
    ticketCache: realm.ticketCache("tickets", CLIENTS[1], keys),
    wait: (promise) => promise,
  };
});

after(() => realm?.stop());

for (const [name, run] of Object.entries(kerberosContract)) {
  peerTest(`node: ${name}`, ["kdc"], () => run(subject));
}

const acceptor = () =>
  subject.kerberos.open({
    usage: "accept",
    configurationFile: subject.configurationFile,
    principal: SERVICE,
    keyTable: subject.keyTable,
    ticketCache: undefined,
  });

const step = (context: GssContext, token: Buffer) =>
  new Promise<KerberosError | Buffer>((resolve) => {
    context.step(token, (error, result) => resolve(error ?? result!.token));
  });

async function firstToken(
  principal: string = CLIENTS[0],
  keyTable = subject.keyTable,
): Promise<Buffer> {
  const { configurationFile } = subject;
  const login = { configurationFile, keyTable, ticketCache: undefined, principal };
  const context = subject.kerberos.open({ usage: "initiate", ...login }).newContext(SERVICE);
  const token = await step(context, Buffer.alloc(0));
  context.release();
  assert.ok(token instanceof Buffer);
  return token;
}

peerTest("Tickets that come from a key table are fetched again", ["kdc"], async () => {
  const principal = `brief@${REALM}`;
  const seconds = 2;
  realm.add(principal);
  realm.limitTickets(principal, seconds);
  const keys = `FILE:${realm.keyTable("brief-keys", principal)}`;
  await firstToken(principal, keys);
  await wait(1000 * seconds);
  const context = acceptor().newContext();
  assert.ok((await step(context, await firstToken(principal, keys))) instanceof Buffer);
  context.release();
});

peerTest("A target that is no principal is told of by the first step", ["kdc"], async () => {
  const { configurationFile, keyTable, kerberos } = subject;
  const login = { usage: "initiate", configurationFile, keyTable, ticketCache: undefined } as const;
  const context = kerberos.open({ ...login, principal: CLIENTS[0] }).newContext("a@b@c");
  assert.ok((await step(context, Buffer.alloc(0))) instanceof KerberosError);
  context.release();
});

peerTest(
  "Keys that are replaced hold for those who come next, without a restart",
  ["kdc"],
  async () => {
    const credential = acceptor();
    const old = await firstToken();
    realm.keyTable("keys", SERVICE);
    const { configurationFile, keyTable } = subject;
    const login = { configurationFile, keyTable, ticketCache: undefined, principal: CLIENTS[1] };
    const context = subject.kerberos.open({ usage: "initiate", ...login }).newContext(SERVICE);
    const fresh = await step(context, Buffer.alloc(0));
    assert.ok(fresh instanceof Buffer);
    // Both are there as long as the key table has both: ktadd adds.
    for (const token of [old, fresh]) {
      const accepting = credential.newContext();
      assert.ok((await step(accepting, token)) instanceof Buffer);
      accepting.release();
    }
    context.release();
  },
);

peerTest("Tokens that are wrong by the ten thousand stay nowhere", ["kdc"], async () => {
  const credential = acceptor();
  const right = await firstToken();
  let seed = 1;
  const random = (bound: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % bound;
  };
  /** Right ones with wrong bytes, cut ones, long ones, and all of that to one context more than once. */
  const wrongOne = (): Buffer => {
    const token = random(8) === 0 ? Buffer.alloc(random(65_536)) : Buffer.from(right);
    for (let i = random(4); i >= 0; i--) token[random(Math.max(1, token.length))] = random(256);
    return random(4) === 0 ? token.subarray(0, random(token.length + 1)) : token;
  };
  const flood = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const context = credential.newContext();
      const steps = 1 + random(2);
      for (let j = 0; j < steps; j++) {
        const answer = step(context, wrongOne());
        if (random(50) === 0) break;
        await answer;
      }
      context.release();
    }
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const count = Number(process.env.ZOOID_GSS_TOKENS ?? 10_000);
  await flood(2_000);
  const before = process.memoryUsage().rss;
  const after = await flood(count);
  const grownBytes = after - before;
  assert.ok(grownBytes < GROWTH_MAX_BYTES, `RSS has grown by ${grownBytes} bytes`);
  // What is right is still let in.
  const context = credential.newContext();
  assert.ok((await step(context, await firstToken())) instanceof Buffer);
  context.release();
});
