// What ensembles whose members must prove who they are are asked for, however they do so.

import assert from "node:assert/strict";
import { assertEqualTrees } from "./ensemble-check.js";
import { type Ensemble, until } from "./ensemble-world.js";
import { connectClient, Writer } from "./ensemble-writer.js";

/** It serves, goes on without its leader, takes that in again, and all have the same in the end. */
export async function servesBesideAKill(ensemble: Ensemble, leader: number): Promise<void> {
  await ensemble.startLedBy(leader);
  const writer = new Writer("w", ensemble.connectString);
  try {
    await writer.begin();
    await writer.goesOn(20);
    await ensemble.kill9(leader);
    await writer.goesOn(20);
    await ensemble.launch(leader);
    await ensemble.untilServing(leader);
    await writer.goesOn(20);
    await writer.stop();
    await assertEqualTrees(ensemble);
  } finally {
    await writer.client.close().catch(() => {});
  }
}

/** Members 1 and 2 refuse 3, which has been launched, with these words, and serve without it. */
export async function keepsMember3Out(ensemble: Ensemble, refusal: RegExp): Promise<void> {
  await until(
    "members 1 and 2 have refused member 3",
    async () => [1, 2].every((sid) => refusal.test(ensemble.member(sid).log())),
    60_000,
    () => ensemble.logs(),
  );
  assert.equal(await ensemble.member(3).mode(), undefined);
  const client = connectClient(ensemble.connectString.split(",").slice(0, 2).join(","));
  await client.create("/still-there");
  await client.close();
}
