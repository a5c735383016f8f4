// Ensembles that change their members while clients write: grown from one server, shrunk, handed from leader to leader, with
// observers that become voters and back; Zooid alone, and together with Java 3.9. Nothing acknowledged is lost, no session
// expires, and everybody finds its way back from its own files.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { assertEqualTrees } from "./ensemble-check.js";
import { Member, type Mode, PORTS, tail, until } from "./ensemble-world.js";
import { connectClient, verifyEverywhere, Writer } from "./ensemble-writer.js";
import { peerTest, REPOSITORY, type ServerKind } from "./peers.js";
import { SUPER_DIGEST } from "./raw/client.js";
import { startServer } from "./server-process.js";
import { masked, Terminal } from "./zkcli/terminal.js";

const BETWEEN = 25;
const TIMEOUT_MS = 60_000;
type Role = "participant" | "observer";

interface Change {
  readonly joining?: string;
  readonly leaving?: string;
  readonly members?: string;
}

/** Servers that are told of each other by reconfig alone. */
class Colony {
  readonly members: Member[];
  readonly writers: Writer[] = [];

  constructor(kinds: readonly ServerKind[]) {
    this.members = kinds.map(
      (kind, i) => new Member(i + 1, { kind }, "127.0.0.1", PORTS.reconfig + 3 * i),
    );
  }

  member(sid: number): Member {
    return this.members[sid - 1]!;
  }

  spec(sid: number, role: Role = "participant"): string {
    const { port } = this.member(sid);
    return `server.${sid}=127.0.0.1:${port + 1}:${port + 2}:${role};127.0.0.1:${port}`;
  }

  /** A new server knows the one that is there, and itself without a vote. One that was here goes by its own files. */
  async launch(sid: number, known = 1): Promise<void> {
    const member = this.member(sid);
    const lines = [this.spec(known), ...(sid === known ? [] : [this.spec(sid, "observer")])];
    member.server = await startServer(member.kind, {
      directory: member.directory,
      port: member.port,
      keepsCfg: true,
      dontWait: true,
      cfg: {
        tickTime: 1000,
        initLimit: 20,
        syncLimit: 10,
        reconfigEnabled: "true",
        standaloneEnabled: "false",
        extendedTypesEnabled: "true",
        "DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
        ...Object.fromEntries(lines.map((line) => line.split("=") as [string, string])),
      },
    });
  }

  /** myid first. */
  async join(...sids: readonly number[]): Promise<void> {
    for (const sid of sids) {
      this.member(sid).writeMyid();
      await this.launch(sid);
    }
    for (const sid of sids) await this.untilMode(sid, "leader", "follower");
  }

  async untilMode(sid: number, ...modes: readonly Mode[]): Promise<void> {
    let mode: Mode | undefined;
    await until(
      `member ${sid} is ${modes.join(" or ")}`,
      async () => {
        mode = await this.member(sid).mode();
        return mode !== undefined && modes.includes(mode);
      },
      TIMEOUT_MS,
      () => `it is ${mode}\n${this.logs()}`,
    );
  }

  logs(): string {
    return this.members.map(({ sid, log }) => `=== member ${sid}\n${tail(log())}`).join("\n");
  }

  async leader(): Promise<number> {
    let leader = 0;
    await until(
      "somebody leads",
      async () => {
        const modes = await Promise.all(this.members.map((member) => member.mode()));
        leader = modes.indexOf("leader") + 1;
        return leader > 0;
      },
      TIMEOUT_MS,
      () => this.logs(),
    );
    return leader;
  }

  /** The text of the new configuration. A Java server that changes its role closes the connection before it answers. */
  async reconfigure(through: number, change: Change): Promise<string> {
    for (let i = 0; ; i++) {
      try {
        return await this.#reconfigure(through, change);
      } catch (error) {
        const isUncertain = error instanceof ZooKeeperError && error.isUncertain;
        if (!isUncertain || i === 5) throw error;
      }
    }
  }

  async #reconfigure(through: number, change: Change): Promise<string> {
    const client = connectClient(`127.0.0.1:${this.member(through).port}`);
    try {
      await client.untilConnected();
      client.addAuth("digest", "super:test");
      const { joining = null, leaving = null, members = null } = change;
      const { data } = await client.reconfigure(joining, leaving, members, -1n);
      return data?.toString() ?? "";
    } finally {
      await client.close().catch(() => {});
    }
  }

  async write(count: number): Promise<void> {
    const connectString = this.members.map(({ port }) => `127.0.0.1:${port}`).join(",");
    for (let i = 0; i < count; i++) this.writers.push(new Writer(`w${i}`, connectString));
    await Promise.all(this.writers.map((writer) => writer.begin()));
    await this.goesOn();
  }

  async goesOn(): Promise<void> {
    try {
      await Promise.all(this.writers.map((writer) => writer.goesOn(BETWEEN)));
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.logs()}`, { cause: error });
    }
  }

  async verify(sids: readonly number[]): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.stop()));
    const members = sids.map((sid) => this.member(sid));
    await assertEqualTrees({ members }, this.members);
    await verifyEverywhere(members, this.writers);
  }

  async discard(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.client.close().catch(() => {})));
    await Promise.all(this.members.map(({ server }) => server?.discard()));
  }
}

async function growAndShrink(kinds: readonly ServerKind[]): Promise<void> {
  const colony = new Colony(kinds);
  try {
    await colony.join(1);
    await colony.untilMode(1, "leader");
    await colony.write(2);

    await colony.join(2, 3);
    const three = await colony.reconfigure(1, { joining: `${colony.spec(2)},${colony.spec(3)}` });
    assert.match(
      three,
      /^server\.1=.*\nserver\.2=.*:participant;.*\nserver\.3=.*\nversion=1[0-9a-f]+$/,
    );
    await colony.goesOn();

    await colony.join(4, 5);
    await colony.reconfigure(1, { joining: `${colony.spec(4)},${colony.spec(5, "observer")}` });
    await colony.untilMode(5, "observer");
    await colony.goesOn();
    await colony.reconfigure(2, { joining: colony.spec(5) });
    await colony.untilMode(5, "follower");
    await colony.goesOn();

    // The leader leaves. It goes on without a vote, until it is stopped.
    await colony.reconfigure(2, { leaving: "1" });
    await until(
      "another one leads",
      async () => (await colony.leader()) !== 1,
      TIMEOUT_MS,
      () => colony.logs(),
    );
    await colony.goesOn();
    await colony.member(1).server?.stop();

    // A voter becomes an observer, and whoever leads is killed.
    const leader = await colony.leader();
    const other = [2, 3, 4, 5].find((sid) => sid !== leader)!;
    await colony.reconfigure(leader, { joining: colony.spec(other, "observer") });
    await colony.untilMode(other, "observer");
    await colony.member(leader).server?.kill9();
    await colony.goesOn();
    await colony.launch(leader);
    await colony.untilMode(leader, "leader", "follower");

    // All at once, by the whole list.
    const now = await colony.leader();
    const members = [2, 3, 4, 5].filter((sid) => sid !== other).map((sid) => colony.spec(sid));
    await colony.reconfigure(now, { members: members.join(",") });
    await colony.goesOn();
    const rest = [2, 3, 4, 5].filter((sid) => sid !== other);
    await colony.member(other).server?.stop();
    await colony.verify(rest);
    await restartFromFiles(colony, rest);
  } finally {
    await colony.discard();
  }
}

/** Everybody has the same members in its dynamic file, nothing is to come, and they find together again by those. */
async function restartFromFiles(colony: Colony, sids: readonly number[]): Promise<void> {
  const files = sids.map((sid) => {
    const { directory } = colony.member(sid);
    const pointer = /^dynamicConfigFile=(.*)$/m.exec(
      readFileSync(join(directory, "zoo.cfg"), "utf8"),
    )?.[1];
    assert.ok(pointer !== undefined, `member ${sid} has no dynamic file`);
    assert.equal(readdirSync(directory).includes("zoo.cfg.dynamic.next"), false);
    return { version: pointer.split(".").at(-1), text: readFileSync(pointer, "utf8") };
  });
  for (const file of files) assert.deepEqual(file, files[0]);
  await Promise.all(sids.map((sid) => colony.member(sid).server?.stop()));
  for (const sid of sids) await colony.launch(sid);
  for (const sid of sids) await colony.untilMode(sid, "leader", "follower");
  await assertEqualTrees({ members: sids.map((sid) => colony.member(sid)) }, colony.members);
}

/** All three ports of a follower, and of the leader, which hands over; then an election over the new ones. */
async function movePorts(): Promise<void> {
  const colony = new Colony(["zooid", "zooid", "zooid"]);
  try {
    await colony.join(1, 2, 3);
    await colony.reconfigure(1, { joining: `${colony.spec(2)},${colony.spec(3)}` });
    await colony.write(2);
    for (const sid of [2, 1]) {
      colony.member(sid).port += 50;
      await colony.reconfigure(3, { joining: colony.spec(sid) });
      await colony.untilMode(sid, "leader", "follower");
      await colony.goesOn();
    }
    // Member 1 has handed over; but while there are writes it may be the one that has most of them, and is elected again.
    const leader = await colony.leader();
    await colony.member(leader).server?.kill9();
    await colony.untilMode(leader === 1 ? 2 : 1, "leader", "follower");
    // Clients that know the old ports alone have nobody left: those of who was not moved are back.
    await colony.launch(leader);
    await colony.untilMode(leader, "leader", "follower");
    await colony.goesOn();
    await colony.verify([1, 2, 3]);
  } finally {
    await colony.discard();
  }
}

peerTest("Every port of a member moves without a restart, the leader's too", [], movePorts);

/** Typed into zkCli against three servers, of which the first leads and stays. */
function typed(colony: Colony, file: string): string[] {
  const [one, two, three] = [1, 2, 3].map((sid) => colony.spec(sid)) as [string, string, string];
  return [
    "reconfig -remove 3",
    "addauth digest super:test",
    "config",
    "config -c",
    "config -w",
    "reconfig -remove 3",
    `reconfig -add ${three}`,
    `reconfig -add ${two},${three}`,
    "reconfig -v 1 -remove 3",
    "reconfig -v -1 -remove 7",
    "reconfig -remove seven",
    "reconfig -add nonsense",
    "reconfig -add server.9=127.0.0.1:1:2",
    "reconfig -add server.9=127.0.0.1:1:1;3",
    "reconfig -add server.9=127.0.0.1:1:2:king;3",
    "reconfig -add server.7=127.0.0.1:1:2;3,server.8=127.0.0.1:4:5;6,server.9=127.0.0.1:7:8;9",
    "reconfig -remove 1,2,3",
    `reconfig -members ${one},${two}`,
    "reconfig -members nonsense",
    "reconfig -members server.1=nonsense",
    `reconfig -file ${file}`,
    "get /zookeeper/config",
    "delete /zookeeper/config",
    "set /zookeeper/config x",
  ];
}

async function shownBy(servers: ServerKind, cli: "java39" | "zooid"): Promise<string> {
  const colony = new Colony([servers, servers, servers]);
  try {
    await colony.join(1, 2, 3);
    await colony.reconfigure(1, { joining: `${colony.spec(2)},${colony.spec(3)}` });
    const directory = mkdtempSync(join(tmpdir(), "zooid-reconfig-"));
    const file = join(directory, "members");
    writeFileSync(file, [1, 2, 3].map((sid) => `${colony.spec(sid)}\n`).join(""));
    const terminal = new Terminal(cli, ["-server", `127.0.0.1:${colony.member(1).port}`]);
    try {
      for (const line of typed(colony, file)) await terminal.run(line);
    } finally {
      terminal.type("quit");
      await terminal.ended;
      rmSync(directory, { recursive: true });
    }
    // Which zxids there are depends on sessions and retries.
    return masked(terminal.text)
      .replaceAll(/version=[0-9a-f]+/g, "version=…")
      .replaceAll(/^1[0-9a-f]{8} /gm, "… ")
      .replaceAll(/zxid: \d+/g, "zxid: …")
      .replaceAll(file, "members");
  } finally {
    await colony.discard();
  }
}

/** What Java's zkCli shows of Java's servers; ZOOID_UPDATE=1 writes it anew. */
const GOLDEN = join(REPOSITORY, "test/compat/golden/reconfig-java39.txt");

peerTest(
  "zkCli's reconfig and config, ours and Java's, say of our servers what Java's says of Java's",
  ["java39"],
  async () => {
    if (process.env.ZOOID_UPDATE === "1") {
      writeFileSync(GOLDEN, `${await shownBy("java39", "java39")}\n`);
    }
    const expected = readFileSync(GOLDEN, "utf8").trimEnd();
    assert.equal(await shownBy("zooid", "java39"), expected, "Java's zkCli, our servers");
    assert.equal(await shownBy("zooid", "zooid"), expected, "our zkCli, our servers");
  },
);

const SCENARIOS: readonly (readonly [string, readonly ServerKind[]])[] = [
  ["Zooid alone", ["zooid", "zooid", "zooid", "zooid", "zooid"]],
  ["a Java leader that Zooid joins", ["java39", "zooid", "zooid", "java39", "zooid"]],
  ["a Zooid leader that Java joins", ["zooid", "java39", "java39", "zooid", "java39"]],
];

for (const [name, kinds] of SCENARIOS) {
  const peers = kinds.includes("java39") ? (["java39"] as const) : [];
  peerTest(
    `An ensemble grows from one to five, changes roles and shrinks to three under writes: ${name}`,
    peers,
    () => growAndShrink(kinds),
  );
}
