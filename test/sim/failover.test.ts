import assert from "node:assert/strict";
import { test } from "node:test";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { Ensemble } from "./ensemble.js";

test("Three servers elect a leader, go on without it, and take it back", async () => {
  const ensemble = new Ensemble({ seed: 1 });
  ensemble.startAll();
  await ensemble.untilServing(3);
  const first = ensemble.leader!;
  const clients = ensemble.members.map(({ sid }) => ensemble.client(`c${sid}`, { sid }));
  const acked = new Set<string>();
  const write = async (client: (typeof clients)[number], path: string): Promise<void> => {
    for (;;) {
      try {
        await client.create(path, Buffer.from(path));
      } catch (error) {
        if (!(error instanceof ZooKeeperError)) throw error;
        if (error.code === ErrorCode.connectionLoss) continue; // it may have been carried out
        assert.equal(error.code, ErrorCode.nodeExists);
      }
      acked.add(path);
      return;
    }
  };
  await ensemble.settle(Promise.all(clients.map((client, i) => write(client, `/first-${i}`))));
  first.powerOff();
  await ensemble.untilServing(2);
  assert.notEqual(ensemble.leader, first);
  const others = clients.filter((_, i) => i + 1 !== first.sid);
  await ensemble.settle(Promise.all(others.map((client, i) => write(client, `/second-${i}`))));
  const second = ensemble.leader!;
  second.kill();
  first.start();
  await ensemble.untilServing(2);
  second.start();
  await ensemble.untilServing(3);
  await ensemble.settle(Promise.all(clients.map((client, i) => write(client, `/third-${i}`))));
  await ensemble.untilEven();
  const digests = new Set(ensemble.members.map((member) => member.tree!.digest.toBigInt()));
  assert.equal(digests.size, 1);
  for (const path of acked) {
    for (const member of ensemble.members) assert.ok(member.tree!.get(path), path);
  }
  assert.deepEqual(
    ensemble.members.flatMap((member) => member.exits),
    [],
  );
});
