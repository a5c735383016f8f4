// A well-behaved client beside a crowd that means no good (flooder.ts): it keeps its session and its connection, and every one
// of its requests is answered rightly. How fast is measured, not judged: that is flood.ts's figure.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EventType, KeeperState } from "../../src/cli/client/watch-event.js";
import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { Authority } from "../compat/certificates.js";
import type { ServerKind } from "../compat/peers.js";
import {
  freePort,
  newDirectory,
  type RunningServer,
  startServer,
} from "../compat/server-process.js";

export interface FloodCampaign {
  readonly kind: ServerKind;
  readonly seed: number;
  /** How many requests the client makes before, and how many during the flood. */
  readonly requests: number;
}

export interface FloodResult {
  readonly idleMs: readonly number[];
  readonly floodedMs: readonly number[];
  /** What the crowd did, by kind. */
  readonly crowd: Readonly<Record<string, number>>;
  readonly grownBytes: number;
}

/** It must be kept, on a machine that is busy with the crowd. */
const SESSION_TIMEOUT_MS = 30_000;
const FLOODER = fileURLToPath(new URL("flooder.js", import.meta.url));
const JAAS = `Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="x"; };\n`;

export async function flood({ kind, seed, requests }: FloodCampaign): Promise<FloodResult> {
  const directory = newDirectory(kind);
  const jaas = join(directory, "jaas.conf");
  writeFileSync(jaas, JAAS);
  const memberPorts = kind === "zooid" ? [await freePort(), await freePort()] : [];
  const authority = kind === "zooid" ? new Authority() : undefined;
  const server = await startServer(kind, {
    directory,
    cfg: {
      tickTime: 500,
      maxSessionTimeout: SESSION_TIMEOUT_MS,
      maxClientCnxns: 60,
      ...(authority && securely(authority, directory, memberPorts)),
    },
    properties: { "java.security.auth.login.config": jaas },
  });
  const told: string[] = [];
  const client = clientOf(server.port, told);
  let flooder: ChildProcess | undefined;
  try {
    await client.create("/crowd");
    await client.create("/mine");
    const session = client.sessionId;
    await work(client, requests);
    const idleMs = await work(client, requests);
    const before = residentBytes(server.pid);
    flooder = spawn(
      process.execPath,
      [FLOODER, ...[server.port, seed, ...memberPorts].map(String)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const said = new Promise<string>((resolve) => {
      let text = "";
      flooder!.stdout!.on("data", (chunk: Buffer) => (text += chunk.toString()));
      flooder!.once("close", () => resolve(text));
    });
    // The first that it says is that it is in full swing.
    await new Promise((resolve) => flooder!.stdout!.once("data", resolve));
    const floodedMs = await work(client, requests);
    const grownBytes = residentBytes(server.pid) - before;
    flooder.kill("SIGTERM");
    const crowd = JSON.parse((await said).trim().split("\n").at(-1)!) as Record<string, number>;
    await work(client, 100);
    check(server, told, client.sessionId === session);
    return { idleMs, floodedMs, crowd, grownBytes };
  } catch (error) {
    const log = server.log().split("\n").slice(-20).join("\n");
    throw new Error(`${(error as Error).message} (seed ${seed})\n${log}`, { cause: error });
  } finally {
    flooder?.kill("SIGKILL");
    await client.close().catch(() => {});
    await server.discard();
    authority?.discard();
  }
}

/** An ensemble of one, whose ports all take TLS: the clients' plain connections, too. */
function securely(
  authority: Authority,
  directory: string,
  [election, quorum]: readonly number[],
): Record<string, string> {
  mkdirSync(join(directory, "data"), { recursive: true });
  writeFileSync(join(directory, "data/myid"), "1\n");
  const keys = authority.issue("server");
  return {
    standaloneEnabled: "false",
    initLimit: "10",
    syncLimit: "5",
    "server.1": `127.0.0.1:${quorum}:${election}:participant`,
    "client.portUnification": "true",
    "ssl.clientAuth": "want",
    sslQuorum: "true",
    ...authority.settings("ssl.", keys, "pem"),
    ...authority.settings("ssl.quorum.", keys, "pem"),
  };
}

function clientOf(port: number, told: string[]): ZooKeeperClient {
  return ZooKeeperClient.connect(
    createNodePlatform({ log: { level: "OFF" } }),
    `127.0.0.1:${port}`,
    {
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      watcher: ({ type, state }) => {
        if (type === EventType.none && state !== KeeperState.syncConnected) told.push(`${state}`);
      },
    },
  );
}

/** One request after the other: every second one a write. Answers how long each took. */
async function work(client: ZooKeeperClient, count: number): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const text = `${i >> 1}`;
    const startedMs = performance.now();
    if (i % 2 === 0) await client.setData("/mine", Buffer.from(text));
    else {
      const { data } = await client.getData("/mine");
      if (String(data) !== text) throw new Error(`Read ${data}, wrote ${text}`);
    }
    latenciesMs.push(performance.now() - startedMs);
  }
  return latenciesMs;
}

function check(server: RunningServer, told: readonly string[], isSameSession: boolean): void {
  if (!server.isRunning) throw new Error("The server has ended");
  if (told.length > 0) throw new Error(`The client was told of states ${told.join(", ")}`);
  if (!isSameSession) throw new Error("The client has another session");
  const unexpected = /^.*(uncaught|AssertionError|TypeError|RangeError|ReferenceError).*$/m.exec(
    server.log(),
  );
  if (unexpected && server.kind === "zooid") throw new Error(`It says: ${unexpected[0]}`);
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
