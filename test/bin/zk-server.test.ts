// zkServer.sh start, stop, restart and status, in dash and bash, with a stand-in for the server: lines, files and exit codes,
// and what the server is started with. The other verbs are tested beside this, and the real server in server.test.ts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Installation, isAlive, type Result, SHELLS } from "./support.js";

const JMX = "ZooKeeper JMX enabled by default\n";

for (const shell of SHELLS) {
  describe(`zkServer.sh in ${shell}`, () => {
    const PORT = shell === "dash" ? 21810 : 21811;
    let home: Installation;
    let server: string;
    let using: string;
    const started: number[] = [];

    before(() => {
      home = new Installation();
      server = home.path("bin/zkServer.sh");
      using = `${JMX}Using config: ${home.path("bin/../conf/zoo.cfg")}\n`;
      home.write(
        "conf/zoo.cfg",
        `# comment\n dataDir = ${home.path("data")}\nclientPort=${PORT}\n`,
      );
    });
    after(() => {
      for (const pid of started) if (isAlive(pid)) process.kill(pid, "SIGKILL");
      home.remove();
    });

    const zkServer = (args: string[], more = {}) => home.run(shell, server, args, more);
    const pidFile = () => home.path("data/zookeeper_server.pid");

    /** Started, and as far as its first line: the script may have waited for less than it takes to get there. */
    async function start(args: string[] = [], more = {}): Promise<Result> {
      const result = await zkServer(["start", ...args], more);
      const log = home.path("logs/zookeeper-keeper-server-host1.out");
      while (readFileSync(log, "utf8") !== "listening\n") {
        assert(isAlive(Number(readFileSync(pidFile(), "utf8"))), readFileSync(log, "utf8"));
        await wait(20);
      }
      return result;
    }

    test("starts, tells its mode, refuses a second start, restarts and stops", async () => {
      assert.deepEqual(await start(), {
        stdout: "Starting zookeeper ... STARTED\n",
        stderr: using,
        exitCode: 0,
      });
      const pidText = readFileSync(pidFile(), "utf8");
      const pid = Number(pidText);
      started.push(pid);
      assert.equal(pidText, String(pid));
      assert(isAlive(pid));

      const status = await zkServer(["status"]);
      assert.deepEqual(status, {
        stdout: `Client port found: ${PORT}. Client address: localhost. Client SSL: false.\nMode: standalone\n`,
        stderr: using,
        exitCode: 0,
      });

      const again = await zkServer(["start"]);
      assert.equal(again.stdout, `Starting zookeeper ... already running as process ${pid}.\n`);
      assert.equal(again.exitCode, 1);

      const restart = await zkServer(["restart"]);
      assert.deepEqual(restart, {
        stdout: "Stopping zookeeper ... STOPPED\nStarting zookeeper ... STARTED\n",
        stderr: using.repeat(3),
        exitCode: 0,
      });
      const second = Number(readFileSync(pidFile(), "utf8"));
      started.push(second);
      assert.notEqual(second, pid);
      assert(!isAlive(pid));

      const stop = await zkServer(["stop"]);
      assert.deepEqual(stop, {
        stdout: "Stopping zookeeper ... STOPPED\n",
        stderr: using,
        exitCode: 0,
      });
      assert(!isAlive(second));
      assert(!existsSync(pidFile()));
      assert.equal((await zkServer(["status"])).exitCode, 1);
    });

    test("gives the server the command line that ZooKeeper's would get, less the JVM", async () => {
      const env = {
        SERVER_JVMFLAGS: "-Da=1  -Dzookeeper.4lw.commands.whitelist=* -Dq='x",
        JVMFLAGS: "-Dz=$HOME -Xmx512m",
      };
      const { exitCode, stderr } = await start([], { env, cwd: "/" });
      assert.equal(exitCode, 0, stderr);
      started.push(Number(readFileSync(pidFile(), "utf8")));
      await zkServer(["stop"], { cwd: "/" });
      assert.deepEqual(JSON.parse(readFileSync(home.path("conf/zoo.cfg.args"), "utf8")), {
        exec: ["--max-old-space-size=512"],
        argv: [
          `-Dzookeeper.log.dir=${home.path("bin/../logs")}`,
          "-Dzookeeper.log.file=zookeeper-keeper-server-host1.log",
          "-Da=1",
          "-Dzookeeper.4lw.commands.whitelist=*",
          "-Dq='x",
          "-Dz=$HOME",
          "-Xmx512m",
          "-Dcom.sun.management.jmxremote",
          "-Dcom.sun.management.jmxremote.local.only=false",
          home.path("bin/../conf/zoo.cfg"),
        ],
        cwd: "/",
      });
    });

    test("says FAILED TO START with the server's reason", async () => {
      const config = home.write(
        "conf/bad.cfg",
        `dataDir=${home.path("data")}\n#fake fail=Address already in use\n`,
      );
      const result = await zkServer(["start", config], { env: { ZOO_START_WAIT: "30" } });
      assert.equal(result.stdout, "Starting zookeeper ... FAILED TO START\n");
      assert.match(
        result.stderr,
        /ERROR \[ZooKeeperServerMain\] - Address already in use \(see .*\.out\)\n$/,
      );
      assert.equal(result.exitCode, 1);
      assert(!existsSync(pidFile()));
    });

    test("does not start what has no dataDir, and writes nothing into the root directory", async () => {
      const config = home.write("conf/empty.cfg", "clientPort=1\n");
      const result = await zkServer(["start", config]);
      assert.equal(result.stdout, "Starting zookeeper ... FAILED TO START\n");
      assert.match(result.stderr, /Error: dataDir is not set in .*empty\.cfg\n$/);
      assert.equal(result.exitCode, 1);
    });

    test("waits at stop until the process is gone", async () => {
      const config = home.write("conf/slow.cfg", `dataDir=${home.path("data")}\n#fake slow=1500\n`);
      await start([config]);
      const pid = Number(readFileSync(pidFile(), "utf8"));
      started.push(pid);
      const stop = await zkServer(["stop", config]);
      assert.equal(stop.stdout, "Stopping zookeeper ... STOPPED\n");
      assert(!isAlive(pid));
    });

    test("takes a process that has ended and that nobody has asked for as gone", async () => {
      // The sleep that follows never asks for the child that it has taken over.
      const careless = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 300"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      started.push(careless.pid!);
      const [zombie] = await once(careless.stdout, "data");
      home.write("data/zookeeper_server.pid", String(zombie).trim());
      const stop = await zkServer(["stop"], { env: { ZOO_STOP_WAIT: "30" } });
      assert.equal(stop.stdout, "Stopping zookeeper ... STOPPED\n");
      careless.kill();
    });

    test("does not say STOPPED of what goes on, and keeps its pid file", async () => {
      const config = home.write(
        "conf/deaf.cfg",
        `dataDir=${home.path("data")}\n#fake slow=3600000\n`,
      );
      await start([config]);
      const pid = Number(readFileSync(pidFile(), "utf8"));
      started.push(pid);
      const stop = await zkServer(["stop", config], { env: { ZOO_STOP_WAIT: "1" } });
      assert.equal(
        stop.stdout,
        `Stopping zookeeper ... process ${pid} is still there after 1 seconds\n`,
      );
      assert.equal(stop.exitCode, 1);
      assert(existsSync(pidFile()));
      process.kill(pid, "SIGKILL");
      rmSync(pidFile());
    });

    test("has nothing to stop without a pid file, and forgets one whose process is gone", async () => {
      const none = await zkServer(["stop"]);
      assert.equal(
        none.stdout,
        `Stopping zookeeper ... no zookeeper to stop (could not find file ${pidFile()})\n`,
      );
      assert.equal(none.exitCode, 0);
      home.write("data/zookeeper_server.pid", "999999999");
      const stale = await zkServer(["stop"]);
      assert.equal(stale.stdout, "Stopping zookeeper ... STOPPED\n");
      assert.equal(stale.exitCode, 0);
      assert(!existsSync(pidFile()));
    });

    test("keeps the pid file where ZOOPIDFILE says", async () => {
      const env = { ZOOPIDFILE: home.path("run/zk.pid") };
      const start = await zkServer(["start"], { env });
      assert.equal(start.stdout, "Starting zookeeper ... STARTED\n");
      started.push(Number(readFileSync(env.ZOOPIDFILE, "utf8")));
      assert(!existsSync(pidFile()));
      assert.equal((await zkServer(["stop"], { env })).stdout, "Stopping zookeeper ... STOPPED\n");
    });

    test("runs in the foreground with the server's own exit code", async () => {
      const config = home.write(
        "conf/end.cfg",
        `dataDir=${home.path("data")}\n#fake fail=The end\n`,
      );
      for (const env of [{}, { ZOO_NOEXEC: "1" }] as Record<string, string>[]) {
        const result = await zkServer(["start-foreground", config], { env });
        assert.match(result.stdout, /ERROR \[ZooKeeperServerMain\] - The end\n$/);
        assert.match(result.stderr, /Unexpected exception, exiting abnormally\n$/);
        assert.equal(result.exitCode, 1);
        assert(!existsSync(pidFile()));
      }
    });
  });
}
