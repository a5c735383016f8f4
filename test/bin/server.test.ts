// The scripts with the real server: a day in its life, and the starts that fail, each with one clear line and Java's exit code.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { isAlive, type Result, run } from "./support.js";

const PORT = 21820;
const BIN = resolve("bin");

describe("a real server under the scripts", () => {
  let home: string;
  const started: number[] = [];

  before(() => {
    home = mkdtempSync(join(tmpdir(), "zooid-server-"));
    write("conf/zoo.cfg", `tickTime=500\ndataDir=${home}/data\n${client()}`);
  });
  after(() => {
    for (const pid of started) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });

  const client = () =>
    `clientPort=${PORT}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n`;

  function write(name: string, content: string): string {
    const path = `${home}/${name}`;
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  function script(command: string, args: string[], cwd = "/"): Promise<Result> {
    const env = {
      PATH: process.env.PATH ?? "",
      USER: "keeper",
      HOSTNAME: "host1",
      ZOO_LOG_DIR: `${home}/logs`,
      // Leaves the wait as soon as a start has failed; a good one takes all of it.
      ZOO_START_WAIT: args.includes("bad.cfg") ? "60" : "1",
    };
    return run([command, "--config", `${home}/conf`, ...args], { cwd, env });
  }

  const zkServer = (...args: string[]) => script(`${BIN}/zkServer.sh`, args);
  const log = () => readFileSync(`${home}/logs/zookeeper-keeper-server-host1.out`, "utf8");
  const pidFile = () => `${home}/data/zookeeper_server.pid`;

  /** The server may still be starting when the script says that it lives: asks until it serves. */
  async function mode(): Promise<string> {
    for (;;) {
      const { stdout, exitCode } = await zkServer("status");
      if (exitCode === 0) return stdout;
      assert(isAlive(Number(readFileSync(pidFile(), "utf8"))), log());
    }
  }

  test("starts, serves, restarts and stops, through a link and from any directory", async () => {
    const initialized = await run(
      [`${BIN}/zkServer-initialize.sh`, `--configfile=${home}/conf/zoo.cfg`, "--myid=1"],
      { cwd: "/", env: { PATH: process.env.PATH ?? "" } },
    );
    assert.equal(initialized.stdout, "Using myid of 1\n");

    mkdirSync(`${home}/links`);
    symlinkSync(`${BIN}/zkServer.sh`, `${home}/links/zkServer`);
    const start = await script("./zkServer", ["start"], `${home}/links`);
    assert.equal(start.stdout, "Starting zookeeper ... STARTED\n", start.stderr);
    const first = Number(readFileSync(pidFile(), "utf8"));
    started.push(first);
    assert.equal(
      await mode(),
      `Client port found: ${PORT}. Client address: 127.0.0.1. Client SSL: false.\nMode: standalone\n`,
    );

    const restart = await zkServer("restart");
    assert.equal(
      restart.stdout,
      "Stopping zookeeper ... STOPPED\nStarting zookeeper ... STARTED\n",
      restart.stderr + log(),
    );
    const second = Number(readFileSync(pidFile(), "utf8"));
    started.push(second);
    assert.notEqual(second, first);
    assert.match(await mode(), /Mode: standalone\n$/);

    const stop = await zkServer("stop");
    assert.equal(stop.stdout, "Stopping zookeeper ... STOPPED\n");
    assert(!existsSync(pidFile()));
    assert.match(
      (await zkServer("status")).stdout,
      /Error contacting service\. It is probably not running\.\n$/,
    );
    assert(readdirSync(`${home}/data/version-2`).length > 0);
  });

  test("ends with exit code 0 when it is told to stop in the foreground", async () => {
    const child = spawn(`${BIN}/zkServer.sh`, ["--config", `${home}/conf`, "start-foreground"], {
      env: { PATH: process.env.PATH ?? "", ZOO_LOG_DIR: `${home}/logs` },
      stdio: ["ignore", "pipe", "ignore"],
    });
    started.push(child.pid!);
    const exit = once(child, "exit");
    let output = "";
    child.stdout.on("data", (chunk) => {
      const before = output;
      output += chunk;
      // The script has become the server: the signal reaches it.
      const serves = (text: string) => text.includes("binding to port");
      if (serves(output) && !serves(before)) child.kill("SIGTERM");
    });
    assert.deepEqual(await exit, [0, null], output);
  });

  /** Tried in the background and in the foreground. */
  async function refused(config: string, line: RegExp, exitCode: number): Promise<void> {
    write("conf/bad.cfg", config);
    const background = await zkServer("start", "bad.cfg");
    assert.equal(background.stdout, "Starting zookeeper ... FAILED TO START\n");
    assert.match(background.stderr, line);
    assert.equal(background.exitCode, 1);
    const foreground = await zkServer("start-foreground", "bad.cfg");
    assert.match(foreground.stdout, line);
    assert.equal(foreground.exitCode, exitCode);
  }

  test("does not start on a port that is taken", async () => {
    const other = createServer().listen(PORT, "127.0.0.1");
    await once(other, "listening");
    try {
      await refused(`dataDir=${home}/taken\n${client()}`, /ERROR .*EADDRINUSE/, 1);
    } finally {
      other.close();
    }
  });

  test("does not start on an address that leads nowhere", async () => {
    const config = `dataDir=${home}/nowhere\nclientPort=${PORT}\nclientPortAddress=no.such.invalid\n`;
    await refused(config, /ERROR .*Cannot bind the client port no\.such\.invalid/, 2);
  });

  test("does not start on data directories that it may not make", async () => {
    const line =
      /ERROR .*Missing data directory .*\/none\/version-2, automatic data directory creation is disabled/;
    await refused(`dataDir=${home}/none\ndatadir.autocreate=false\n${client()}`, line, 3);
  });

  test("does not start with a myid that is no number", async () => {
    write("wrong/myid", "one\n");
    const line = /ERROR .*Invalid config, exiting abnormally: .*serverid one is not a number/;
    await refused(`dataDir=${home}/wrong\n${client()}`, line, 2);
  });

  test("does not start on a value that is none", async () => {
    const line = /ERROR .*For input string: "2s" \(line 1: tickTime must be an integer/;
    await refused(`tickTime=2s\ndataDir=${home}/data\n${client()}`, line, 2);
  });

  test("does not start with a digest that there is not", async () => {
    const line =
      /ERROR .*Cannot use DigestAuthenticationProvider.digestAlg: don't support this ACL digest algorithm: MD55/;
    const config = `dataDir=${home}/odd\nDigestAuthenticationProvider.digestAlg=MD55\n${client()}`;
    await refused(config, line, 1);
  });

  test("does not start without its file", async () => {
    const result = await zkServer("start-foreground", "none.cfg");
    assert.match(result.stdout, /Error processing .*none\.cfg: .*none\.cfg file is missing\n/);
    assert.equal(result.stderr.split("\n").at(-2), "Invalid config, exiting abnormally");
    assert.equal(result.exitCode, 2);
  });
});
