// docs/ENSEMBLE.md, run as it stands: its configuration, its commands, its promises. Only ports and folders are others.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PORTS, until } from "./ensemble-world.js";
import { peerTest, REPOSITORY } from "./peers.js";
import { type CliVersion, Terminal } from "./zkcli/terminal.js";

const SIDS = [1, 2, 3];

/** The page's ports, and those that are used here. */
const HERE: ReadonlyMap<string, string> = new Map(
  SIDS.flatMap((sid) => [
    [`${2180 + sid}`, `${PORTS.ensemblePage + sid - 1}`],
    [`${2887 + sid}`, `${PORTS.ensemblePage + sid + 2}`],
    [`${3887 + sid}`, `${PORTS.ensemblePage + sid + 5}`],
    [`${8080 + sid}`, `${PORTS.ensemblePage + sid + 8}`],
  ]),
);

class Page {
  readonly home = mkdtempSync(join(tmpdir(), "zooid-page-"));
  /** The blocks between ``` lines, in order, with our ports and folders. */
  readonly blocks: readonly string[];
  readonly connectString: string;

  constructor() {
    const text = readFileSync(join(REPOSITORY, "docs/ENSEMBLE.md"), "utf8");
    this.blocks = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block]) =>
      this.#here(block!),
    );
    this.connectString = /-server (\S+)/.exec(this.block("zkCli.sh -server"))?.[1] ?? "";
    for (const name of ["bin", "dist", "node_modules", "package.json"]) {
      symlinkSync(join(REPOSITORY, name), join(this.home, name));
    }
  }

  block(holding: string): string {
    const found = this.blocks.find((block) => block.includes(holding));
    assert.ok(found !== undefined, `The page has no block with "${holding}"`);
    return found;
  }

  /** "the other two differ in dataDir, clientPort and admin.serverPort only" */
  writeConfigurations(): void {
    const first = this.block("dataDir=");
    mkdirSync(join(this.home, "conf"));
    for (const sid of SIDS) {
      const text = first
        .replace(/^(dataDir=.*)1$/m, `$1${sid}`)
        .replace(/^clientPort=.*$/m, `clientPort=${HERE.get(`${2180 + sid}`)}`)
        .replace(/^admin.serverPort=.*$/m, `admin.serverPort=${HERE.get(`${8080 + sid}`)}`);
      writeFileSync(join(this.home, `conf/zoo-${sid}.cfg`), text);
    }
  }

  run(commands: string): string {
    const { status, stdout, stderr } = spawnSync("bash", ["-ec", commands], {
      cwd: this.home,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, 0, `${commands}\n${stdout}${stderr}`);
    return stdout;
  }

  server(verb: "start" | "stop" | "status", sid: number): string {
    return this.run(`bin/zkServer.sh ${verb} conf/zoo-${sid}.cfg`);
  }

  mode(sid: number): string | undefined {
    const script = `bin/zkServer.sh status conf/zoo-${sid}.cfg`;
    const { stdout } = spawnSync("bash", ["-c", script], { cwd: this.home, encoding: "utf8" });
    return /^Mode: (.*)$/m.exec(stdout)?.[1];
  }

  discard(): void {
    for (const sid of SIDS) {
      const script = `bin/zkServer.sh stop conf/zoo-${sid}.cfg`;
      spawnSync("bash", ["-c", script], { cwd: this.home });
    }
    rmSync(this.home, { recursive: true, force: true });
  }

  #here(text: string): string {
    return text
      .replace(/\b\d{4}\b/g, (port) => HERE.get(port) ?? port)
      .replaceAll("/tmp/zookeeper-", `${this.home}/zookeeper-`);
  }
}

const OWNER = /ephemeralOwner = (0x[0-9a-f]+)/g;

/** Asked again until the client has found a server that answers; whom the node belongs to. */
async function ownerOf(terminal: Terminal, path: string): Promise<string> {
  const asked = terminal.text.length;
  let next = 0;
  await until(
    `zkCli answers stat ${path}`,
    () => {
      if (Date.now() > next) terminal.type(`stat ${path}`);
      if (Date.now() > next) next = Date.now() + 1000;
      return [...terminal.text.slice(asked).matchAll(OWNER)].length > 0;
    },
    60_000,
    () => terminal.text.slice(-2000),
  );
  return [...terminal.text.matchAll(OWNER)].at(-1)![1]!;
}

async function surviveStops(page: Page, version: CliVersion): Promise<void> {
  const terminal = new Terminal(version, ["-server", page.connectString]);
  try {
    await terminal.run(`create -e /first-${version} x`);
    const owner = await ownerOf(terminal, `/first-${version}`);
    // One of them is the server that the client is on, one the leader.
    for (const sid of SIDS) {
      assert.match(page.server("stop", sid), /STOPPED/);
      assert.equal(await ownerOf(terminal, `/first-${version}`), owner);
      page.server("start", sid);
      await until(`server ${sid} follows`, () => page.mode(sid) === "follower");
    }
    await terminal.run(`create -e /second-${version} x`);
    assert.equal(await ownerOf(terminal, `/second-${version}`), owner, "the session");
    assert.doesNotMatch(terminal.text, /state:Expired/);
  } finally {
    terminal.kill();
  }
}

for (const version of ["zooid", "java39"] as const) {
  peerTest(
    `docs/ENSEMBLE.md is true, and zkCli (${version}) outlives the stop of any server`,
    ["zooid", version],
    async () => {
      const page = new Page();
      try {
        page.writeConfigurations();
        page.run(page.block("myid"));
        const started = page.block("zkServer.sh start").replace(/^.*zkServer.sh status.*\n/gm, "");
        page.run(started);
        await until("one leads and two follow", () => {
          const modes = SIDS.map((sid) => page.mode(sid)).sort();
          return modes.join(" ") === "follower follower leader";
        });
        assert.match(page.server("status", 1), /^Mode: (leader|follower)$/m);
        await surviveStops(page, version);
      } finally {
        page.discard();
      }
    },
  );
}
