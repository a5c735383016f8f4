// Our zkCli against Java's: the same lines, the same output.
//
// Each side has a server of its own, so that numbers agree. The sessions in which several people take part are compared with
// what Java's 3.9.5 showed (test/compat/golden/), so that they run without Java.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { peerTest, REPOSITORY, type ServerKind } from "../peers.js";
import { startServer } from "../server-process.js";
import { LINES } from "./lines.js";
import { CLI_SESSIONS, type CliSession, ONE_COMMAND } from "./sessions.js";
import { type CliVersion, masked, Terminal } from "./terminal.js";

const CFG = { extendedTypesEnabled: "true" };

const GOLDEN = join(REPOSITORY, "test/compat/golden");
const NAMED = /^(\w+): (.*)$/;

/** What we do on purpose and 3.9.5 does not: the commands of 3.4, and our own version. */
const OWN_WAYS = /^(rmr|ls2|version)\b/;

async function shown(
  cli: CliVersion,
  kind: ServerKind,
  lines: readonly string[],
  args: readonly string[] = [],
): Promise<{ code: number | null; text: string }> {
  const server = await startServer(kind, { cfg: CFG });
  const terminal = new Terminal(cli, ["-server", `127.0.0.1:${server.port}`, ...args]);
  try {
    for (const line of lines) terminal.type(line);
    terminal.endOfInput();
    const code = await terminal.ended;
    return { code, text: normalized(terminal.text) };
  } finally {
    terminal.kill();
    await server.discard();
  }
}

/** Several terminals: each command waits for the one before. */
async function playedTogether(session: CliSession): Promise<string> {
  const server = await startServer("zooid", { cfg: CFG });
  const terminals = new Map<string, Terminal>();
  try {
    for (const line of session.lines) {
      const [, name = "", command = ""] = NAMED.exec(line) ?? [];
      const args = ["-server", `127.0.0.1:${server.port}`];
      const terminal = terminals.get(name) ?? new Terminal("zooid", args);
      terminals.set(name, terminal);
      if (command !== "quit") await terminal.run(command);
      else {
        terminal.type(command);
        await terminal.ended;
      }
    }
    const parts: string[] = [];
    for (const [name, terminal] of terminals) {
      const code = await terminal.ended;
      parts.push(`=== ${name} (exit code ${code})\n${masked(terminal.text)}\n`);
    }
    return parts.join("\n");
  } finally {
    for (const terminal of terminals.values()) terminal.kill();
    await server.discard();
  }
}

/** Events that are told at once come in no order. */
function normalized(text: string): string {
  const [rest, events = ""] = masked(text).split("--- events\n");
  const withoutVersion = rest!.replace(/ZooKeeper CLI version: .*/, "ZooKeeper CLI version");
  return `${withoutVersion}--- events\n${events.split("\n").sort().join("\n")}`;
}

describe("Our zkCli", () => {
  for (const kind of ["java39", "zooid"] as const) {
    peerTest(
      `answers ${LINES.length} lines on ${kind} as Java's does`,
      [kind, "java39"],
      async () => {
        const lines = LINES.filter((line) => !OWN_WAYS.test(line));
        const [ours, javas] = [
          await shown("zooid", kind, lines),
          await shown("java39", kind, lines),
        ];
        assert.deepEqual(ours.text.split("\n"), javas.text.split("\n"));
        assert.equal(ours.code, javas.code);
      },
    );
  }

  for (const session of CLI_SESSIONS) {
    if (session.lines.some((line) => NAMED.test(line))) {
      peerTest(`shows the session ${session.name} as Java's did`, ["zooid"], async () => {
        const golden = readFileSync(join(GOLDEN, `zkcli-java39-${session.name}.txt`), "utf8");
        assert.deepEqual((await playedTogether(session)).split("\n"), golden.split("\n"));
      });
      continue;
    }
    peerTest(`shows the session ${session.name} as Java's does`, ["zooid", "java39"], async () => {
      const lines = session.lines.filter((line) => !OWN_WAYS.test(line));
      const ours = await shown("zooid", "zooid", lines);
      const javas = await shown("java39", "zooid", lines);
      assert.deepEqual(ours.text.split("\n"), javas.text.split("\n"));
      assert.equal(ours.code, javas.code);
    });
  }

  peerTest("runs single commands as Java's does", ["zooid", "java39"], async () => {
    for (const command of ONE_COMMAND) {
      const ours = await shown("zooid", "zooid", [], command);
      const javas = await shown("java39", "zooid", [], command);
      assert.deepEqual([command, ours.code, ours.text], [command, javas.code, javas.text]);
    }
  });
});
