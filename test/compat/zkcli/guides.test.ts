// What the guides show, by which people learn ZooKeeper, (a) to (e): on a lone server and on the pseudo-cluster of three that
// they build, with our zkCli and with Java's of 3.9.5 and 3.8. What each command prints is the guides' text, but for zxids,
// times and session ids.
//
// The guides are of 3.4 and 3.5. What later versions of zkCli print otherwise, ours too: quotation marks are no part of the
// data, `get` prints the stat with -s only, names are sorted, events have a zxid (3.9), and the old forms (`ls path true`) are
// carried out with a line that says how they are written now.

import assert from "node:assert/strict";
import { Ensemble, PORTS, until } from "../ensemble-world.js";
import { peerTest } from "../peers.js";
import { startServer } from "../server-process.js";
import { type CliVersion, Terminal } from "./terminal.js";

interface Step {
  readonly who: string;
  readonly type: string;
  /** Lines of what is printed; a regular expression where something is anybody's own. */
  readonly shows: readonly (string | RegExp)[];
  /** Who is told of what by a watch. */
  readonly tells?: Readonly<Record<string, readonly string[]>>;
}

const stat = (owner: RegExp, dataLength: number, cversion = 0, numChildren = 0) => [
  /^cZxid = 0x[0-9a-f]+$/,
  /^ctime = \w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/,
  /^mZxid = 0x[0-9a-f]+$/,
  /^mtime = \w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/,
  /^pZxid = 0x[0-9a-f]+$/,
  `cversion = ${cversion}`,
  "dataVersion = 0",
  "aclVersion = 0",
  owner,
  `dataLength = ${dataLength}`,
  `numChildren = ${numChildren}`,
];
const NOBODYS = /^ephemeralOwner = 0x0$/;
const SOMEBODYS = /^ephemeralOwner = 0x[1-9a-f][0-9a-f]*$/;

function step(who: string, type: string, ...shows: readonly (string | RegExp)[]): Step {
  return { who, type, shows };
}

const MASTER = 'create -e /master "master1.example.com:2182"';

/** (a) and (b): master, backup, workers, tasks and clients, each at a terminal of its own. */
const MASTER_WORKER: readonly Step[] = [
  step("master", MASTER, "Created /master"),
  step("master", "ls /", "[master, zookeeper]"),
  step("master", "get /master", "master1.example.com:2182"),
  step("master", "get -s /master", "master1.example.com:2182", ...stat(SOMEBODYS, 24)),
  step("backup", MASTER, "Node already exists: /master"),
  step("backup", "stat /master true", ...stat(SOMEBODYS, 24)),
  { ...step("master", "quit"), tells: { backup: ["NodeDeleted path:/master"] } },
  step("backup", MASTER, "Created /master"),
  step("backup", 'create /workers ""', "Created /workers"),
  step("backup", 'create /tasks ""', "Created /tasks"),
  step("backup", 'create /assign ""', "Created /assign"),
  step("backup", "ls /workers true", "[]"),
  step("backup", "ls -w /tasks", "[]"),
  {
    ...step(
      "worker",
      'create -e /workers/worker1.example.com "worker1.example.com:2183"',
      "Created /workers/worker1.example.com",
    ),
    tells: { backup: ["NodeChildrenChanged path:/workers"] },
  },
  step("worker", 'create /assign/worker1.example.com ""', "Created /assign/worker1.example.com"),
  step("worker", "ls /assign/worker1.example.com true", "[]"),
  {
    ...step("client", 'create -s /tasks/task- "cmd"', "Created /tasks/task-0000000000"),
    tells: { backup: ["NodeChildrenChanged path:/tasks"] },
  },
  step("client", "ls /tasks/task-0000000000 true", "[]"),
  step("backup", "ls /tasks", "[task-0000000000]"),
  step("backup", "ls /workers", "[worker1.example.com]"),
  step(
    "backup",
    'create /assign/nobody/task-0000000000 ""',
    "Node does not exist: /assign/nobody/task-0000000000",
  ),
  {
    ...step(
      "backup",
      'create /assign/worker1.example.com/task-0000000000 ""',
      "Created /assign/worker1.example.com/task-0000000000",
    ),
    tells: { worker: ["NodeChildrenChanged path:/assign/worker1.example.com"] },
  },
  step("worker", "ls /assign/worker1.example.com", "[task-0000000000]"),
  {
    ...step(
      "worker",
      'create /tasks/task-0000000000/status "done"',
      "Created /tasks/task-0000000000/status",
    ),
    tells: { client: ["NodeChildrenChanged path:/tasks/task-0000000000"] },
  },
  step("client", "get /tasks/task-0000000000", "cmd"),
  step("client", "get -s /tasks/task-0000000000", "cmd", ...stat(NOBODYS, 3, 1, 1)),
  step("client", "get /tasks/task-0000000000/status", "done"),
];

/** (c) and (d): a node's life, and what each kind of node is for. */
const LIFE: readonly Step[] = [
  step("user", "create /zkPro myData", "Created /zkPro"),
  step("user", "get /zkPro", "myData"),
  step("user", "get -s /zkPro", "myData", ...stat(NOBODYS, 6)),
  step("user", "set /zkPro myData123"),
  step("user", "get /zkPro", "myData123"),
  step("user", "delete /zkPro"),
  step("user", "get /zkPro", "Node does not exist: /zkPro"),
  step("user", "create /oder/wsdl zhangsan", "Node does not exist: /oder/wsdl"),
  step("user", "create /order", "Created /order"),
  step("user", "create /order/wsdl zhangsan", "Created /order/wsdl"),
  step("user", "get /order/wsdl", "zhangsan"),
  step("user", "get -s /order/wsdl", "zhangsan", ...stat(NOBODYS, 8)),
  step("user", "create -e /temp temp", "Created /temp"),
  step("user", "create -s /seq 1", /^Created \/seq\d{10}$/),
  step("user", "create -s /seq 2", /^Created \/seq\d{10}$/),
  step("user", "deleteall /order"),
  step("user", "ls /order", "Node does not exist: /order"),
];

/** The forms of 3.4, which Java's zkCli has had no more since 3.6: ours still knows them. */
const OLD_FORMS: readonly Step[] = [
  step("user", "create /old x", "Created /old"),
  step("user", "create /old/below y", "Created /old/below"),
  step("user", "ls2 /old", "[below]", ...stat(NOBODYS, 1, 1, 1)),
  step("user", "rmr /old"),
  step("user", "ls /old", "Node does not exist: /old"),
];

/** How an old form is written now, and how its command is called now. */
const ADVICE =
  /^(\[zk:[^\]]*\] )?('.*'|The command '.*') has been deprecated\. Please use .* instead\.$/;

/** Between two marks, without prompts, events and advice. */
function printed(text: string): string[] {
  return text
    .replaceAll("\r", "")
    .replace(/^WATCHER::\n\n?|WatchedEvent [^\n]*\n?/gm, "")
    .split("\n")
    .map((line) => line.replace(/^(\[zk: [^\]]*\] ?)+/, ""))
    .filter((line) => line.trim() !== "" && !ADVICE.test(line))
    .filter(
      (line) => !/^(Connecting to|Welcome to ZooKeeper!|JLine support|Sync is OK)/.test(line),
    );
}

function checkLines(seen: readonly string[], { who, type, shows }: Step): void {
  const where = `${who}: ${type}\n${seen.join("\n")}`;
  assert.equal(seen.length, shows.length, where);
  for (const [index, wanted] of shows.entries()) {
    const line = seen[index]!;
    if (typeof wanted === "string") assert.equal(line, wanted, where);
    else assert.match(line, wanted, where);
  }
}

class Desk {
  readonly #cli: CliVersion;
  readonly #servers: string;
  readonly #terminals = new Map<string, Terminal>();

  constructor(cli: CliVersion, servers: string) {
    this.#cli = cli;
    this.#servers = servers;
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      const terminal = this.#of(one.who);
      if (one.type === "quit") {
        terminal.type("quit");
        // The code is that of the last command, which was a mark's.
        assert.equal(await terminal.ended, 1);
      } else {
        // Terminals are connected to different members: what another one wrote a moment ago is to be seen here.
        await terminal.run("sync /");
        const shown = (await terminal.run(one.type)).replace(MARK, "");
        checkLines(printed(shown), one);
      }
      for (const [who, events] of Object.entries(one.tells ?? {})) {
        const told = this.#of(who);
        for (const event of events) {
          const text = `WatchedEvent state:SyncConnected type:${event}`;
          await until(`${who} is told "${text}"`, () => told.text.includes(text));
        }
      }
    }
  }

  end(): void {
    for (const terminal of this.#terminals.values()) terminal.kill();
  }

  #of(who: string): Terminal {
    let terminal = this.#terminals.get(who);
    if (terminal === undefined) {
      terminal = new Terminal(this.#cli, ["-server", this.#servers]);
      this.#terminals.set(who, terminal);
    }
    return terminal;
  }
}

const MARK = /(\[zk: [^\]]*\] )?Node does not exist: \/no-such-node-\d+\n/g;

async function playAll(cli: CliVersion, servers: string): Promise<void> {
  const desk = new Desk(cli, servers);
  try {
    await desk.play(MASTER_WORKER);
    await desk.play(LIFE);
    if (cli === "zooid") await desk.play(OLD_FORMS);
  } finally {
    desk.end();
  }
}

/** (e): the member that one lands on is the first byte of the session's id. */
async function landsOn(cli: CliVersion, servers: string): Promise<string> {
  const terminal = new Terminal(cli, ["-server", servers]);
  try {
    await terminal.run("create -e /where x");
    await terminal.run("stat /where");
    terminal.type("quit");
    assert.equal(await terminal.ended, 1);
    return /ephemeralOwner = 0x([0-9a-f])/.exec(terminal.text)?.[1] ?? terminal.text;
  } finally {
    terminal.kill();
  }
}

const NAMES = {
  zooid: "our zkCli",
  java39: "Java's zkCli 3.9.5",
  java38: "Java's zkCli 3.8",
} as const;

for (const cli of ["zooid", "java39", "java38"] as const) {
  const peers = ["zooid", cli] as const;
  peerTest(
    `The guides' sessions work as shown with ${NAMES[cli]} on a lone server`,
    peers,
    async () => {
      const server = await startServer("zooid");
      try {
        await playAll(cli, `127.0.0.1:${server.port}`);
      } finally {
        await server.discard();
      }
    },
  );

  peerTest(
    `The guides' sessions work as shown with ${NAMES[cli]} on three servers, and quit and reconnect lands on another`,
    peers,
    async () => {
      const members = [{ kind: "zooid" }, { kind: "zooid" }, { kind: "zooid" }] as const;
      const ensemble = new Ensemble({ basePort: PORTS.guides, members });
      try {
        await ensemble.start(1, 2, 3);
        const servers = ensemble.connectString;
        await playAll(cli, servers);
        const seen = new Set<string>();
        for (let tries = 0; seen.size < 2 && tries < 15; tries++) {
          seen.add(await landsOn(cli, servers));
        }
        assert.ok(seen.size >= 2, `always on ${[...seen]}`);
        assert.ok(
          [...seen].every((sid) => ["1", "2", "3"].includes(sid)),
          [...seen].join(),
        );
        // One that is stopped is passed over.
        await ensemble.stop(2);
        await ensemble.untilServing(1);
        await ensemble.untilServing(3);
        for (let tries = 0; tries < 3; tries++) {
          assert.notEqual(await landsOn(cli, servers), "2");
        }
      } finally {
        await ensemble.discard();
      }
    },
  );
}
