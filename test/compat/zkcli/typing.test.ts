// Our zkCli with a person at a terminal: keys in, a screen out. The terminal is a real one (util-linux' `script` makes a pseudo
// terminal), because a pipe has no tab, no arrows, and no Ctrl-C.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Ensemble, PORTS, until } from "../ensemble-world.js";
import { connectClient } from "../ensemble-writer.js";
import { peerTest, REPOSITORY } from "../peers.js";
import { startServer } from "../server-process.js";

const TAB = "\t";
const ENTER = "\r";
const UP = "\u001b[A";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const ALONE_MS = 2000;

/** Empty when it is not there. */
function upToTheEndOf(wanted: RegExp | string, text: string): string {
  if (typeof wanted === "string") {
    const at = text.indexOf(wanted);
    return at === -1 ? "" : text.slice(0, at + wanted.length);
  }
  const found = wanted.exec(text);
  return found === null ? "" : text.slice(0, found.index + found[0].length);
}

class Keyboard {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #screen = "";
  #seen = 0;

  constructor(...args: readonly string[]) {
    const command = [process.execPath, join(REPOSITORY, "dist/src/cli/zk-cli.js"), ...args];
    const line = command.map((word) => `'${word}'`).join(" ");
    this.#child = spawn("script", ["-qefc", line, "/dev/null"], {
      env: { ...process.env, TERM: "xterm", COLUMNS: "200", LINES: "50", SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout!.setEncoding("utf8");
    this.#child.stdout!.on("data", (text: string) => {
      this.#screen += text;
    });
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  press(...keys: readonly string[]): void {
    this.#child.stdin!.write(keys.join(""));
  }

  /** Awaits this behind what the last call awaited: more may have come at once. Returns what stands before it, and itself. */
  async shows(wanted: RegExp | string): Promise<string> {
    const rest = () => this.#plain().slice(this.#seen);
    let shown = "";
    const matches = () => {
      shown = upToTheEndOf(wanted, rest());
      return shown !== "";
    };
    await until(`zkCli shows ${wanted}`, matches, 60_000, () => JSON.stringify(rest()));
    this.#seen += shown.length;
    return shown;
  }

  /** Again and again, each time by itself: so long that a busy zkCli does not find two at once. */
  async pressUntilShows(key: string, wanted: RegExp): Promise<void> {
    let nextMs = 0;
    await until(`zkCli shows ${wanted}`, () => {
      if (wanted.test(this.#plain().slice(this.#seen))) return true;
      if (performance.now() > nextMs) {
        this.press(key);
        nextMs = performance.now() + ALONE_MS;
      }
      return false;
    });
    this.#seen = this.#plain().length;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Without what moves the cursor. */
  #plain(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal is sent
    return this.#screen.replace(/\u001b\[[\d;?]*[A-Za-z]/g, "").replaceAll("\r", "");
  }
}

function keyboard(context: TestContext, ...args: readonly string[]): Keyboard {
  const one = new Keyboard(...args);
  context.after(() => one.kill());
  return one;
}

async function oneServer(context: TestContext) {
  const server = await startServer("zooid");
  const address = `127.0.0.1:${server.port}`;
  const client = connectClient(address);
  context.after(async () => {
    await client.close().catch(() => {});
    await server.discard();
  });
  await client.untilConnected();
  return { address, client };
}

peerTest(
  "At a terminal zkCli completes commands and paths, and keeps its history",
  ["zooid", "script"],
  async (context) => {
    const { address } = await oneServer(context);
    const zk = keyboard(context, "-server", address);
    const prompt = (number: number) => `[zk: ${address}(CONNECTED) ${number}] `;
    const greeting = await zk.shows(prompt(0));
    assert.match(greeting, /^Connecting to .*\nWelcome to ZooKeeper!\nJLine support is enabled\n/);
    // Keys that come together are a paste, in which a tab is a tab: a person waits for what is made of it.
    zk.press("getEph");
    await zk.shows("getEph");
    zk.press(TAB);
    await zk.shows("emerals ");
    zk.press("/", ENTER);
    await zk.shows(`/\n[]\n${prompt(1)}`);
    zk.press("create /apple x", ENTER);
    await zk.shows(`Created /apple\n${prompt(2)}`);
    zk.press("create /apple/core y", ENTER);
    await zk.shows(`Created /apple/core\n${prompt(3)}`);
    zk.press("get /ap");
    await zk.shows("get /ap");
    zk.press(TAB);
    await zk.shows("ple");
    zk.press("/c");
    await zk.shows("/c");
    zk.press(TAB);
    await zk.shows("ore");
    zk.press(ENTER);
    await zk.shows(`\ny\n${prompt(4)}`);
    // Two begin with it: both are shown, and the line is still there.
    zk.press("ls /");
    await zk.shows("ls /");
    // The second of two tabs that come one by one shows what there is.
    await zk.pressUntilShows(TAB, /\/apple\s+\/zookeeper[\s\S]*ls \/$/);
    zk.press(ENTER);
    await zk.shows(`[apple, zookeeper]\n${prompt(5)}`);
    zk.press(UP, UP, ENTER);
    await zk.shows(`get /apple/core\ny\n${prompt(6)}`);
    zk.press("history", ENTER);
    const history = await zk.shows(prompt(7));
    assert.match(history, /\n3 - get \/apple\/core\n4 - ls \/\n5 - get \/apple\/core\n/);
    zk.press("redo 4", ENTER);
    await zk.shows(`[apple, zookeeper]\n${prompt(8)}`);
    zk.press("quit", ENTER);
    await zk.shows(/WATCHER::\n\nWatchedEvent state:Closed type:None path:null/);
    assert.equal(await zk.ended, 0);
  },
);

peerTest(
  "A watch is printed as it comes, and what was being typed stands below it again",
  ["zooid", "script"],
  async (context) => {
    const { address, client } = await oneServer(context);
    await client.create("/a", Buffer.from("1"));
    const zk = keyboard(context, "-server", address);
    await zk.shows("(CONNECTED) 0] ");
    zk.press("get -w /a", ENTER);
    await zk.shows("(CONNECTED) 1] ");
    zk.press("get -s /");
    await zk.shows("get -s /");
    await client.setData("/a", Buffer.from("2"));
    const shown = await zk.shows(/\(CONNECTED\) 1\] get -s \/$/);
    assert.match(
      shown,
      /WATCHER::\n\nWatchedEvent state:SyncConnected type:NodeDataChanged path:\/a zxid: \d+\n/,
    );
    zk.press("a", ENTER);
    await zk.shows(/2\ncZxid = /);
  },
);

peerTest(
  "Ctrl-C takes back a line, and ends zkCli and its session at an empty one; so does Ctrl-D",
  ["zooid", "script"],
  async (context) => {
    const { address, client } = await oneServer(context);
    for (const [key, code] of [
      [CTRL_C, 130],
      [CTRL_D, 0],
    ] as const) {
      const zk = keyboard(context, "-server", address);
      await zk.shows("(CONNECTED) 0] ");
      zk.press("create -e /mine x", ENTER);
      await zk.shows("(CONNECTED) 1] ");
      zk.press("deleteall /zookeeper", CTRL_C);
      await zk.shows(/\^C\n/);
      zk.press("ls /", ENTER);
      await zk.shows(/\[mine, zookeeper\]\n\[zk: .*\(CONNECTED\) 2\] $/);
      zk.press(key);
      assert.equal(await zk.ended, code);
      // Not after its time-out: the session has been closed.
      assert.equal(await client.exists("/mine"), null);
    }
  },
);

peerTest(
  "zkCli goes on at another server when its own is killed: prompt, watch and ephemeral node stay",
  ["zooid", "script"],
  async (context) => {
    const members = [{ kind: "zooid" }, { kind: "zooid" }, { kind: "zooid" }] as const;
    const ensemble = new Ensemble({ basePort: PORTS.typing, members });
    context.after(() => ensemble.discard());
    await ensemble.start(1, 2, 3);
    const zk = keyboard(context, "-server", ensemble.connectString);
    await zk.shows("(CONNECTED) 0] ");
    zk.press("create -e /here x", ENTER);
    await zk.shows("(CONNECTED) 1] ");
    zk.press("stat -w /here", ENTER);
    const shown = await zk.shows("(CONNECTED) 2] ");
    const sid = Number(/ephemeralOwner = 0x([1-3])/.exec(shown)?.[1]);
    await ensemble.kill9(sid);
    await zk.shows("WatchedEvent state:Disconnected type:None path:null");
    await zk.shows("WatchedEvent state:SyncConnected type:None path:null");
    zk.press(ENTER, "set /here y", ENTER);
    await zk.shows("type:NodeDataChanged path:/here");
    zk.press("get /here", ENTER);
    await zk.shows(/y\n\[zk: .*\(CONNECTED\) 4\] $/);
  },
);
