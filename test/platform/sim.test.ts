// The simulated platform keeps the same contract, under several seeds.

import { test } from "node:test";
import { SimPlatform } from "../sim/platform/sim-platform.js";
import { type Subject, testContract } from "./contract.js";
import { kerberosContract } from "./contract-kerberos.js";

const DIRECTORY = "/data";

async function withSimSubject(seed: number, run: (subject: Subject) => Promise<void>) {
  const world = new SimPlatform({ seed });
  const platform = world.addNode("only").start();
  await world.runUntilSettled(platform.disk.makeDirectories(DIRECTORY));
  await run({
    platform,
    directory: DIRECTORY,
    wait: (promise) => world.runUntilSettled(promise),
  });
}

for (const seed of [1, 2, 3]) {
  testContract(`sim, seed ${seed}`, (run) => withSimSubject(seed, run));
}

const SERVICE = "zookeeper/localhost@ZOOID.TEST";
const CLIENTS = ["alice@ZOOID.TEST", "svc/host.example@ZOOID.TEST"] as const;

for (const [name, run] of Object.entries(kerberosContract)) {
  test(`sim: ${name}`, async () => {
    const world = new SimPlatform({ seed: 1 });
    const node = world.addNode("only");
    node.disk.putFile("/keys", Buffer.from([SERVICE, ...CLIENTS].join("\n")));
    node.disk.putFile("/tickets", Buffer.from(CLIENTS[1]));
    await run({
      kerberos: node.start().kerberos,
      configurationFile: undefined,
      service: SERVICE,
      clients: CLIENTS,
      keyTable: "FILE:/keys",
      ticketCache: "/tickets",
      wait: (promise) => world.runUntilSettled(promise),
    });
  });
}
