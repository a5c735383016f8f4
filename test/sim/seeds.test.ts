// A fixed set of seeds on every change; `npm run sim` runs as many as there is time for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { Operation } from "./operation-record.js";
import { optionsOf, PROFILES } from "./options.js";
import { Run } from "./run.js";

/** Short: what needs long is for the campaigns. */
const TICKS = 40;
const SEEDS = 12;

for (const profile of PROFILES) {
  test(`An ensemble keeps every promise under faults: ${profile}`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        await new Run(optionsOf(seed, { profile, ticks: TICKS })).run();
      } catch (error) {
        const command = `npm run sim -- --seed ${seed} --profile ${profile} --ticks ${TICKS}`;
        throw new Error(`${(error as Error).message}\nRepeat it: ${command}`, { cause: error });
      }
    }
  });
}

test("What the clients ask for is carried out, of every kind: a workload that always fails would prove nothing", async () => {
  const asked = new Map<string, { all: number; done: number }>();
  for (const seed of [1, 2, 3]) {
    const run = new Run(optionsOf(seed, { profile: "none", ticks: TICKS }));
    await run.run();
    for (const { operation, reply } of run.recorder.operations) {
      const isFailed = reply?.error !== ErrorCode.ok || reply.parts?.some((part) => part !== 0);
      const count = asked.get(kindOf(operation)) ?? { all: 0, done: 0 };
      asked.set(kindOf(operation), { all: count.all + 1, done: count.done + (isFailed ? 0 : 1) });
    }
  }
  assert.equal(asked.size, 10);
  for (const [kind, { all, done }] of asked)
    assert.ok(done > all / 20, `${kind}: ${done} of ${all}`);
});

function kindOf(operation: Operation): string {
  if (operation.kind !== "create") return operation.kind;
  if (operation.ephemeral) return "create ephemeral";
  return operation.sequential ? "create sequential" : "create";
}

test("The same seed twice gives the same history", async () => {
  for (const seed of [3, 5]) {
    const options = { ...optionsOf(seed), faultsMs: 5000 };
    const [first, second] = [await new Run(options).run(), await new Run(options).run()];
    assert.equal(first.hash, second.hash);
    assert.deepEqual(first, second);
  }
});
