// A snapshot that an operator sends becomes the state. Java: ZooKeeperServer.restoreFromSnapshot.
//
//   receive, to a file ─▶ check and load, beside the tree that is served ─▶ take its place, durably ─▶ answer
//
// Java takes the new tree in memory and leaves files, zxids and the other members as they are: a restart, or the next
// transaction of another member, brings back what was replaced (docs/COMPATIBILITY.md). Here it is one more step of history:
// it gets a zxid above all that were given out, is on disk before anybody sees it, and goes to all members or to none.

import type { Restoration, RestoreOutcome } from "./admin/admin-context.js";
import { completeTree, newLoader } from "./load-tree.js";
import type { Running, ServerParts } from "./server.js";
import { IncomingSnapshot } from "./storage/incoming-snapshot.js";
import { counterOf, epochOf, hex0x, makeZxid, type Zxid } from "./wire/ids.js";

export function beginRestoration(
  parts: ServerParts,
  running: () => Running | undefined,
  ended: () => void,
): Restoration {
  const { platform, storage } = parts;
  const log = platform.log.child("ZooKeeperServer");
  const incoming = new IncomingSnapshot(
    platform.disk,
    platform.clock,
    storage.directories.snapshots,
  );
  const load = async (): Promise<RestoreOutcome> => {
    const loader = newLoader(parts, parts.observer, true);
    const statedZxid = await incoming.load(loader);
    // What it was received in may be as large as what it will be written to.
    await incoming.discard();
    const { tree } = loader;
    completeTree(tree);
    log.warn(
      `Restoring a snapshot of zxid ${hex0x(statedZxid)}: ${tree.nodeCount} nodes, ${tree.sessions.size} sessions, in place of ` +
        `${parts.port.nodeCount()} nodes, zxid ${hex0x(parts.port.lastProcessedZxid())}`,
    );
    return await new Promise<RestoreOutcome>((resolve) => {
      const current = running();
      if (current === undefined) {
        resolve({ ok: false, status: 500, error: "This server is stopping" });
        return;
      }
      current.restore(tree, statedZxid, (problem) => {
        if (problem === undefined) {
          const zxid = parts.port.lastProcessedZxid();
          log.info(`Restored: zxid ${hex0x(zxid)}`);
          resolve({ ok: true, zxid });
        } else {
          const status = problem.kind === "not here" ? 409 : 500;
          resolve({ ok: false, status, error: problem.text });
        }
      });
    });
  };
  return {
    push: (chunk) => incoming.push(chunk),
    get onRoom() {
      return incoming.onRoom;
    },
    set onRoom(run) {
      incoming.onRoom = run;
    },
    abandon: () => void incoming.discard().then(ended),
    finish(done) {
      const failed = (error: Error): RestoreOutcome => {
        const text = `The snapshot cannot be restored: ${error.message}`;
        return { ok: false, status: 500, error: text };
      };
      void load()
        .catch(failed)
        .then(async (outcome) => {
          await incoming.discard();
          ended();
          done(outcome);
        });
    },
  };
}

/** The zxid that a restored state gets, after `last`. */
export function zxidAfter(last: Zxid): Zxid {
  // The next counter; in the last of an epoch's, the first of the next epoch.
  return counterOf(last) === 0xffffffff ? makeZxid(epochOf(last) + 1, 0) : ((last + 1) as Zxid);
}
