// The real zkCli of 3.8 and of 3.9.5 against Java and against Zooid: what a person sees is the same.
//
// As in the differential sessions, what it shows with a Java 3.9.5 server is kept in test/compat/golden/ and checked
// again where Java is there, which it must be anyway to run zkCli.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peerTest, REPOSITORY, type ServerKind } from "../peers.js";
import { startServer } from "../server-process.js";
import { CLI_SESSIONS, type CliSession, ONE_COMMAND } from "./sessions.js";
import { type CliVersion, masked, Terminal } from "./terminal.js";

const GOLDEN = join(REPOSITORY, "test/compat/golden");
const update = process.env.UPDATE_GOLDEN === "1";
const CFG = { extendedTypesEnabled: "true" };

async function play(cli: CliVersion, kind: ServerKind, session: CliSession): Promise<string> {
  const server = await startServer(kind, { cfg: CFG });
  const terminals = new Map<string, Terminal>();
  try {
    for (const line of session.lines) {
      const [, name = "", command = line] = /^(\w+): (.*)$/.exec(line) ?? [];
      let terminal = terminals.get(name);
      if (terminal === undefined) {
        terminal = new Terminal(cli, ["-server", `127.0.0.1:${server.port}`]);
        terminals.set(name, terminal);
      }
      // Alone, everything is typed at once, as from a pipe; with others, each command waits for the one before.
      if (name === "") terminal.type(command);
      else if (command === "quit") {
        terminal.type(command);
        await terminal.ended;
      } else await terminal.run(command);
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

async function oneCommandEach(cli: CliVersion, kind: ServerKind): Promise<string> {
  const server = await startServer(kind, { cfg: CFG });
  try {
    const parts: string[] = [];
    for (const command of ONE_COMMAND) {
      const terminal = new Terminal(cli, ["-server", `127.0.0.1:${server.port}`, ...command]);
      terminal.endOfInput();
      const code = await terminal.ended;
      parts.push(`=== ${command.join(" ")} (exit code ${code})\n${masked(terminal.text)}\n`);
    }
    return parts.join("\n");
  } finally {
    await server.discard();
  }
}

function compare(cli: CliVersion, kind: ServerKind, name: string, shown: string): void {
  const path = join(GOLDEN, `zkcli-${cli}-${name}.txt`);
  if (update && kind === "java39") writeFileSync(path, shown);
  assert.ok(existsSync(path), `No golden text of "${name}": UPDATE_GOLDEN=1`);
  assert.deepEqual(shown.split("\n"), readFileSync(path, "utf8").split("\n"));
}

for (const cli of ["java38", "java39"] as const) {
  const version = cli === "java38" ? "3.8" : "3.9.5";
  for (const kind of update ? (["java39"] as const) : (["java39", "zooid"] as const)) {
    const peers = [...new Set<ServerKind>([cli, "java39", kind])];
    for (const session of CLI_SESSIONS) {
      peerTest(`zkCli ${version} shows the session ${session.name} on ${kind}`, peers, async () =>
        compare(cli, kind, session.name, await play(cli, kind, session)),
      );
    }
    peerTest(`zkCli ${version} runs single commands on ${kind}`, peers, async () =>
      compare(cli, kind, "single", await oneCommandEach(cli, kind)),
    );
  }
}
