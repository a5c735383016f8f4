// A fault of the disk under load: what a server must do, whichever fault it is.
//
//   1. Clients work; the fault begins; the server ends by itself, or goes on without needing what has failed.
//   2. If it ends: not with success, and with a line that says what failed and where.
//   3. The fault is mended and a server started on the same data: every acknowledged write is there, and it serves.

import { setTimeout as wait } from "node:timers/promises";
import { until } from "../compat/ensemble-world.js";
import type { ServerKind } from "../compat/peers.js";
import { create } from "../compat/raw/requests.js";
import {
  freePort,
  newDirectory,
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../compat/server-process.js";
import { Client, expect } from "./load.js";
import { Random } from "./random.js";
import { verify } from "./verify.js";

export interface DiskFault {
  readonly kind: ServerKind;
  readonly seed: number;
  /** Where data, and perhaps logs, are. */
  readonly options: ServerOptions;
  readonly begin: () => void;
  readonly mend: () => void;
  /** Whether the server may go on (a snapshot that fails), or has to end (a log that fails). */
  readonly mustEnd: boolean;
  /** So many answers after the fault show that the server goes on. */
  readonly enoughAnswers?: number;
}

const CLIENTS = 3;
const SESSION_TIMEOUT_MS = 20_000;
const PATIENCE_MS = 60_000;
const ENOUGH_ANSWERS = 600;
const FAILED =
  /^.*(No space left|ENOSPC|I\/O error|Input\/output error|EIO|[Rr]ead-only|EROFS).*$/m;

export async function sufferDiskFault(fault: DiskFault): Promise<string> {
  const directory = newDirectory(fault.kind);
  const port = await freePort();
  const { environment: _, ...unharmed } = fault.options;
  let server = await startServer(fault.kind, { ...fault.options, directory, port });
  const clients = Array.from(
    { length: CLIENTS },
    (_unused, i) => new Client(`c${i}`, new Random(fault.seed + i)),
  );
  try {
    for (const client of clients) await prepare(client, port);
    const work = Promise.all(clients.map((client) => client.work()));
    await answers(clients, 100);
    fault.begin();
    const isGone = await Promise.race([
      server.exited.then(() => true),
      answers(clients, fault.enoughAnswers ?? ENOUGH_ANSWERS).then(() => false),
      wait(PATIENCE_MS, false, { ref: false }),
    ]);
    // What failed beside the requests may be told of a moment later.
    if (!isGone && fault.kind === "zooid") {
      await until("it says what failed", () => FAILED.test(server.log()));
    }
    for (const client of clients) client.isStopped = true;
    const end = isGone ? await server.exited : undefined;
    if (!isGone) await server.kill9();
    await work;
    expect(isGone || !fault.mustEnd, "the server goes on although its log has failed");
    if (end !== undefined) {
      // Java's code is 0 when its SyncThread has failed.
      expect(end.code !== 0 || server.kind !== "zooid", "the server ended with success");
    }
    expectClearLine(server);

    fault.mend();
    server = await startServer(fault.kind, { ...unharmed, directory, port });
    for (const client of clients) await comeBack(client, port);
    return isGone ? "ended, and came back whole" : "went on, and came back whole";
  } finally {
    for (const client of clients) await client.disconnect();
    fault.mend();
    await server.discard();
  }
}

async function prepare(client: Client, port: number): Promise<void> {
  await client.connect(port, SESSION_TIMEOUT_MS);
  for (const path of ["", "/value", "/value2", "/q"]) {
    await client.ask(create(`${client.root}${path}`, "0"));
  }
}

async function answers(clients: readonly Client[], count: number): Promise<void> {
  const sum = () => clients.reduce((total, client) => total + client.acknowledgedCount, 0);
  const goal = sum() + count;
  while (sum() < goal && clients.some((client) => !client.isGone)) await wait(5);
  if (sum() < goal) await new Promise(() => {});
}

/** The operator sees what failed, and where. */
function expectClearLine(server: RunningServer): void {
  const said = FAILED.exec(server.log())?.[0];
  // Java does not look at the result of every step of a snapshot.
  if (server.kind !== "zooid") return;
  expect(said !== undefined, `no line says what failed:\n${server.log().slice(-1500)}`);
  expect(/version-2|snapshot|log\./.test(said!), `the line names no file: ${said}`);
}

async function comeBack(client: Client, port: number): Promise<void> {
  await client.disconnect();
  const isBack = await client.connect(port, SESSION_TIMEOUT_MS);
  expect(isBack, `${client.name}: the session is gone`);
  await verify(client);
  const { error } = await client.ask(create(`${client.root}/again`, ""));
  expect(error === 0, `a write after the restart failed with ${error}`);
}
