// Short sessions of the Java client (3.8 and 3.9.5) and of npm's zookeeper (the C client): the same lines from Zooid as
// from Java, also over a restart of the server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { classPath, NPM_ZOOKEEPER, type PeerName, peerTest, REPOSITORY } from "../peers.js";
import { startServer } from "../server-process.js";

const FOLDER = join(REPOSITORY, "test/compat/clients");
const CFG = { extendedTypesEnabled: "true" };

interface ClientKind {
  readonly name: string;
  readonly peers: readonly PeerName[];
  readonly command: (port: number) => readonly string[];
}

function javaClient(kind: "java38" | "java39"): (port: number) => readonly string[] {
  const options = ["-XX:TieredStopAtLevel=1", "-Dzooid.log.level=OFF"];
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off";
  const source = join(FOLDER, "JavaSession.java");
  return (port) => ["java", ...options, quiet, "-cp", classPath(kind), source, `127.0.0.1:${port}`];
}

const CLIENTS: readonly ClientKind[] = [
  { name: "the Java client of 3.8", peers: ["java38", "javac"], command: javaClient("java38") },
  { name: "the Java client of 3.9.5", peers: ["java39", "javac"], command: javaClient("java39") },
  {
    name: "npm's zookeeper",
    peers: ["npm-zookeeper"],
    command: (port) => [
      process.execPath,
      join(FOLDER, "npm-session.cjs"),
      NPM_ZOOKEEPER,
      `127.0.0.1:${port}`,
    ],
  },
];

/** What the client printed. */
async function session(kind: "java39" | "zooid", client: ClientKind): Promise<string[]> {
  let server = await startServer(kind, { cfg: CFG });
  const { directory, port } = server;
  const [program, ...args] = client.command(port);
  const child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    let text = "";
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk));
    const restartDue = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk;
        if (text.includes("RESTART\n")) resolve();
      });
      void ended.then(() => resolve());
    });
    await restartDue;
    await server.stop();
    server = await startServer(kind, { cfg: CFG, directory, port });
    child.stdin.end("go on\n");
    await ended;
    const lines = text.trimEnd().split("\n");
    assert.equal(lines.at(-1), "END", `${text}\n${errors.slice(-2000)}`);
    return lines;
  } finally {
    child.kill("SIGKILL");
    await server.discard();
  }
}

for (const client of CLIENTS) {
  peerTest(
    `${client.name} sees the same of Zooid as of Java`,
    [...new Set<PeerName>([...client.peers, "java39", "zooid"])],
    async () => {
      const [expected, actual] = [await session("java39", client), await session("zooid", client)];
      assert.deepEqual(actual, expected);
      assert.ok(expected.length > 15);
    },
  );
}
