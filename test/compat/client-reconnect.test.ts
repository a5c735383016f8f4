// Our client against real servers that are killed: the session, its ephemerals, its watches and its identity go on.

import assert from "node:assert/strict";
import { CreateMode } from "../../src/cli/client/create-mode.js";
import { describeEvent, type WatchEvent } from "../../src/cli/client/watch-event.js";
import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { peerTest } from "./peers.js";
import { startServer } from "./server-process.js";

const platform = createNodePlatform({ log: { level: "OFF" } });

/** Events, and a way to wait for one. */
class Told {
  readonly events: string[] = [];
  #waiting: { pattern: RegExp; resolve: () => void } | undefined;

  readonly watcher = (event: WatchEvent): void => {
    const text = describeEvent(event);
    this.events.push(text);
    if (this.#waiting?.pattern.test(text) === true) this.#waiting.resolve();
  };

  next(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { pattern, resolve };
    });
  }
}

for (const kind of ["zooid", "java39"] as const) {
  peerTest(`A client's session outlives a killed ${kind} server`, [kind], async () => {
    const server = await startServer(kind);
    const told = new Told();
    const zk = ZooKeeperClient.connect(platform, `127.0.0.1:${server.port}`, {
      watcher: told.watcher,
      sessionTimeoutMs: 20_000,
      reconnectPauseMaxMs: 50,
      roundPauseMs: 50,
    });
    try {
      zk.addAuth("digest", "me:secret");
      await zk.create("/own", null, {
        acl: [{ perms: 31, id: { scheme: "auth", id: "" } }],
      });
      await zk.create("/own/here", Buffer.from("x"), { mode: CreateMode.ephemeral });
      await zk.getData("/own", true);
      const { sessionId } = zk;

      const disconnected = told.next(/Disconnected/);
      await server.kill9();
      await disconnected;
      await assert.rejects(
        zk.sync("/").then(() => zk.sync("/")),
        (error) => error instanceof ZooKeeperError && error.code === ErrorCode.connectionLoss,
      );
      const again = await startServer(kind, { directory: server.directory, port: server.port });
      try {
        await zk.untilConnected();
        assert.equal(zk.sessionId, sessionId);
        assert.equal((await zk.getData("/own/here")).stat.ephemeralOwner, sessionId);
        const changed = told.next(/NodeDataChanged path:\/own /);
        await zk.setData("/own", Buffer.from("y"));
        await changed;
        await zk.close();
        assert.match(told.events.at(-1)!, /state:Closed/);
      } finally {
        await again.stop();
      }
    } finally {
      zk.session.close(() => {});
      await server.discard();
    }
  });
}
