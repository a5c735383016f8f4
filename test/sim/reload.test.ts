// Shows that the comparison after an orderly end (reload.ts) can fail, by what no digest and no client would tell.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { READ_ACL_UNSAFE } from "../../src/tree/acl-table.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import type { Zxid } from "../../src/wire/ids.js";
import { Ensemble, type SimMember } from "./ensemble.js";
import { mustReload } from "./reload.js";

const same = (zxid: Zxid): Zxid => zxid;

async function stopped(meddle: (tree: DataTree, member: SimMember) => void): Promise<void> {
  const ensemble = new Ensemble({ seed: 11 });
  ensemble.startAll();
  await ensemble.untilServing(3);
  const member = ensemble.leader as SimMember;
  const client = ensemble.client("c");
  await ensemble.settle(client.create("/a"));
  await ensemble.settle(client.create("/a/b", null, { mode: CreateMode.ephemeral }));
  await ensemble.untilEven();
  const { tree } = member;
  assert.ok(tree !== undefined);
  meddle(tree, member);
  await ensemble.settle(member.stop());
  await mustReload(member, tree, same);
}

test("A server that ended in good order has on disk what it had", async () => {
  await stopped(() => {});
});

const wrongs: Record<string, readonly [(tree: DataTree, member: SimMember) => void, RegExp]> = {
  "an ACL": [(tree) => tree.setAcl("/a", READ_ACL_UNSAFE, 0), /ended with "\/a" /],
  "a session's time-out": [
    (tree) => {
      for (const [id, timeoutMs] of tree.sessions) tree.sessions.set(id, timeoutMs + 1);
    },
    /ended with "sessions" /,
  ],
  "the end of the history": [
    (tree) => {
      tree.lastProcessedZxid = (tree.lastProcessedZxid + 1) as Zxid;
    },
    /ended at \w+, its disk goes to \w+$/,
  ],
  "the log": [
    (_, { node, dataDir }) => {
      const version2 = `${dataDir}/version-2`;
      for (const name of node.disk.list(version2)) {
        if (name.startsWith("log.")) node.disk.cutFile(`${version2}/${name}`, 8);
      }
    },
    /cannot be loaded|its disk goes to/,
  ],
};

for (const [what, [meddle, expected]] of Object.entries(wrongs)) {
  test(`A server whose disk has not ${what} that it had is found out`, async () => {
    await assert.rejects(stopped(meddle), { name: "Violation", message: expected });
  });
}
