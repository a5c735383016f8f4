// A crowd that uses up the files that the process may have open: log and snapshots go on, and those who were there before.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { until } from "../compat/ensemble-world.js";
import { peerTest } from "../compat/peers.js";
import { must } from "../compat/raw/client.js";
import { RawConnection } from "../compat/raw/connection.js";
import { create, setData } from "../compat/raw/requests.js";
import { startServer } from "../compat/server-process.js";

const FILES = 160;
const CROWD = 2 * FILES;

function knock(port: number, i: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: `127.0.1.${1 + (i % 250)}` });
  socket.on("error", () => {});
  return new Promise((resolve) => {
    for (const told of ["connect", "close"]) socket.once(told, () => resolve(socket));
  });
}

async function isServed(port: number): Promise<boolean> {
  const late = await RawConnection.open(port).catch(() => undefined);
  try {
    await late?.establish({ timeoutMs: 5000 });
    return late !== undefined;
  } catch {
    return false;
  } finally {
    await late?.destroy();
  }
}

peerTest(
  "Connections leave the process files enough for its log and its snapshots",
  ["zooid"],
  async () => {
    const server = await startServer("zooid", {
      cfg: { snapCount: 50, preAllocSize: 16, tickTime: 1000 },
      under: ["sh", "-c", `ulimit -n ${FILES}; exec "$@"`, "sh"],
    });
    const crowd: Socket[] = [];
    try {
      const client = await RawConnection.open(server.port);
      await client.establish({ timeoutMs: 20_000 });
      await must(client, create("/a"));
      for (let i = 0; i < CROWD; i++) crowd.push(await knock(server.port, i));
      // Each log that is full is followed by another, and by a snapshot.
      for (let i = 0; i < 500; i++) await must(client, setData("/a", `${i}`));
      assert.ok(server.isRunning);
      const why = /Turning away connections to .*ulimit -n/;
      await until("it says why it lets nobody in", () => why.test(server.log()));
      for (const socket of crowd) socket.destroy();
      await until("the next one is let in", () => isServed(server.port));
    } finally {
      for (const socket of crowd) socket.destroy();
      await server.discard();
    }
  },
);
