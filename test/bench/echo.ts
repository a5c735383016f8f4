// What does the platform's network cost beside a plain net server? `node dist/test/bench/echo.js`
//
// Two echo servers, one at a time, in a process of their own; this process drives them with 50 connections, each with
// one or twenty messages of 100 bytes in flight. Printed is the server's CPU time per message, which a busy machine disturbs
// less than throughput. Bounded: about two seconds a row.

import { fork } from "node:child_process";
import * as net from "node:net";
import { fileURLToPath } from "node:url";
import { createNodePlatform } from "../../src/platform/node/platform.js";

const MESSAGE_BYTES = 100;
const CONNECTIONS = 50;
const ROUND_MS = 2000;

type ServerKind = "plain" | "platform";

interface ServerReport {
  readonly port?: number;
  readonly cpuMicros?: number;
}

function servePlain(listening: (port: number) => void): void {
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => listening((server.address() as net.AddressInfo).port));
}

function servePlatform(listening: (port: number) => void): void {
  const { network } = createNodePlatform();
  const address = { host: "127.0.0.1", port: 0, backlog: -1 };
  const listener = network.listen(
    address,
    (connection) =>
      connection.start({
        onData: (chunk) => connection.write(Buffer.from(chunk)),
        onDrain() {},
        onEnd: () => connection.end(),
        onClose() {},
      }),
    () => listening(listener.port),
  );
}

function runServer(kind: ServerKind): void {
  const serve = kind === "plain" ? servePlain : servePlatform;
  serve((port) => process.send?.({ port }));
  process.on("message", () => {
    const used = process.cpuUsage();
    process.send?.({ cpuMicros: used.user + used.system });
  });
}

/** Keeps `depth` messages in flight on each connection, and counts. */
async function drive(port: number, depth: number): Promise<number> {
  const batch = Buffer.alloc(MESSAGE_BYTES * depth);
  const buffer = Buffer.alloc(64 * 1024);
  let received = 0;
  let isOver = false;
  const sockets: net.Socket[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    let waiting = batch.length;
    const callback = (bytes: number): boolean => {
      received += bytes;
      waiting -= bytes;
      if (waiting === 0 && !isOver) {
        waiting = batch.length;
        socket.write(batch);
      }
      return true;
    };
    const socket = net.connect({ port, host: "127.0.0.1", onread: { buffer, callback } });
    socket.setNoDelay(true);
    socket.write(batch);
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  isOver = true;
  for (const socket of sockets) socket.destroy();
  return received / MESSAGE_BYTES;
}

async function measure(kind: ServerKind, depth: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [kind]);
  const report = (): Promise<ServerReport> =>
    new Promise((resolve) => child.once("message", (message) => resolve(message as ServerReport)));
  const { port } = await report();
  await drive(port as number, depth); // warm up
  const ask = (): Promise<ServerReport> => {
    const answer = report();
    child.send("cpu");
    return answer;
  };
  const before = (await ask()).cpuMicros as number;
  const messages = await drive(port as number, depth);
  const after = (await ask()).cpuMicros as number;
  child.kill();
  const perMessage = ((after - before) / messages).toFixed(2);
  const perSecond = Math.round((messages / ROUND_MS) * 1000);
  process.stdout.write(
    `${kind.padEnd(8)} depth ${depth}: ${perMessage} µs CPU a message, ${perSecond}/s\n`,
  );
}

const kind = process.argv[2];
if (kind === "plain" || kind === "platform") runServer(kind);
else {
  for (const depth of [1, 20]) {
    for (const server of ["plain", "platform"] as const) await measure(server, depth);
  }
}
