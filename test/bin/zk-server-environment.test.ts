// zkServer.sh: which configuration, environment and flags it takes from where, in dash and bash. Nothing is started but once.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Installation, SHELLS } from "./support.js";

const PORT = 21812;
const JMX = "ZooKeeper JMX enabled by default\n";

for (const shell of SHELLS) {
  describe(`zkServer.sh in ${shell}`, () => {
    let home: Installation;
    let server: string;
    let using: string;

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
      home.remove();
    });

    const zkServer = (args: string[], more = {}) => home.run(shell, server, args, more);

    test("limits node's heap only when somebody asked for it", async () => {
      const cases: [Record<string, string>, string][] = [
        [{}, ""],
        [{ ZK_SERVER_HEAP: "512" }, "--max-old-space-size=512"],
        [{ SERVER_JVMFLAGS: "-Xmx2g" }, "--max-old-space-size=2048"],
        [{ ZK_SERVER_HEAP: "512", JVMFLAGS: "-Xmx768m" }, "--max-old-space-size=768"],
        [{ JVMFLAGS: "-Xmx536870912" }, "--max-old-space-size=512"],
        [{ JVMFLAGS: "-Xmx524288k" }, "--max-old-space-size=512"],
      ];
      for (const [env, option] of cases) {
        const { stdout } = await zkServer(["print-cmd"], { env });
        assert(stdout.startsWith(`"node" ${option} "/`), stdout);
      }
    });

    test("reads conf/zookeeper-env.sh and conf/java.env", async () => {
      home.write("conf/zookeeper-env.sh", `ZOO_LOG_DIR="${home.path("other logs")}"\n`);
      home.write("conf/java.env", `export JVMFLAGS="-Dfrom=java.env $JVMFLAGS"\n`);
      const { stdout } = await zkServer(["print-cmd"], { env: { JMXDISABLE: "true" } });
      rmSync(home.path("conf/zookeeper-env.sh"));
      rmSync(home.path("conf/java.env"));
      assert(stdout.includes(` -Dzookeeper.log.dir="${home.path("other logs")}" `), stdout);
      assert(stdout.includes(" -Dfrom=java.env "), stdout);
      assert(
        stdout.endsWith(
          `> "${home.path("other logs")}/zookeeper-keeper-server-host1.out" 2>&1 < /dev/null\n`,
        ),
      );
    });

    test("is told the configuration as a name in conf, as a path, and by --config", async () => {
      const text = readFileSync(home.path("conf/zoo.cfg"), "utf8");
      home.write("conf/one.cfg", text);
      home.write("elsewhere/zoo.cfg", text);
      const other = home.path("elsewhere");
      const cases: [string[], string, string][] = [
        [["print-cmd", "one.cfg"], home.path("conf"), home.path("bin/../conf/one.cfg")],
        [["print-cmd", "./zoo.cfg"], other, "./zoo.cfg"],
        [["print-cmd", "conf/one.cfg"], home.home, "conf/one.cfg"],
        [["print-cmd", `${other}/zoo.cfg`], "/", `${other}/zoo.cfg`],
        [["--config", other, "print-cmd"], "/", `${other}/zoo.cfg`],
        [["--config", "elsewhere", "print-cmd", "zoo.cfg"], home.home, "elsewhere/zoo.cfg"],
      ];
      for (const [args, cwd, config] of cases) {
        const { stdout, stderr } = await zkServer(args, { cwd });
        assert.equal(stderr, `${JMX}Using config: ${config}\n`);
        assert(stdout.includes(` "${config}" > `), stdout);
      }
      const named = await zkServer(["print-cmd"], { env: { ZOOCFG: "one.cfg" } });
      assert(named.stderr.endsWith("/conf/one.cfg\n"));
      const at = await zkServer(["--config", other, "restart"], {
        env: { ZOOPIDFILE: home.path("none") },
      });
      const once = `${JMX}Using config: ${other}/zoo.cfg\n`;
      assert(at.stderr.startsWith(once + once), at.stderr);
      await zkServer(["stop"], { env: { ZOOPIDFILE: home.path("none") } });
    });

    test("works through symbolic links and from its own directory", async () => {
      mkdirSync(home.path("links"), { recursive: true });
      symlinkSync("../bin/zkServer.sh", home.path("links/first"));
      symlinkSync(home.path("links/first"), home.path("links/zkServer"));
      const linked = await home.run(shell, home.path("links/zkServer"), ["print-cmd"], {
        cwd: "/",
      });
      assert.equal(linked.stderr, using);
      const here = await home.run(shell, "zkServer.sh", ["print-cmd"], { cwd: home.path("bin") });
      assert.equal(here.stderr, using);
      const itself = await home.run(undefined, "./zkServer.sh", ["print-cmd"], {
        cwd: home.path("bin"),
      });
      assert.equal(itself.stderr, using);
      assert.match(itself.stdout, /^"node" .*\/conf\/zoo\.cfg" > ".*\.out" 2>&1 < \/dev\/null\n$/);
    });

    test("takes the sample configuration where there is no zoo.cfg, and says so", async () => {
      const own = new Installation();
      const result = await own.run(shell, own.path("bin/zkServer.sh"), ["print-cmd"]);
      const conf = own.path("bin/../conf");
      assert.equal(
        result.stderr,
        `${JMX}There is no ${conf}/zoo.cfg: using the sample configuration\nUsing config: ${conf}/zoo_sample.cfg\n`,
      );
      const named = await own.run(shell, own.path("bin/zkServer.sh"), ["start", "zoo.cfg"]);
      assert.equal(named.stdout, "Starting zookeeper ... FAILED TO START\n");
      assert.match(named.stderr, /\/conf\/zoo\.cfg file is missing\n$/);
      assert.equal(named.exitCode, 1);
      own.remove();
    });

    test("says what to run when the program has not been built", async () => {
      const own = new Installation();
      rmSync(own.path("dist"), { recursive: true });
      own.write("conf/zoo.cfg", `dataDir=${own.path("data")}\n`);
      for (const [verb, stdout] of [
        ["start", "Starting zookeeper ... FAILED TO START\n"],
        ["start-foreground", ""],
        ["version", ""],
        ["status", ""],
      ] as const) {
        const result = await own.run(shell, own.path("bin/zkServer.sh"), [verb]);
        assert.equal(result.stdout, stdout);
        assert.match(result.stderr, /is missing: run "npm ci" in /);
        assert.equal(result.exitCode, 1);
      }
      own.remove();
    });

    test("asks for directories that exist when autocreate is disabled", async () => {
      const own = new Installation();
      const env = { ZOO_DATADIR_AUTOCREATE_DISABLE: "1" };
      const config = own.write(
        "c/zoo.cfg",
        `dataDir=${own.path("d")}\ndataLogDir=${own.path("l")}\n`,
      );
      const start = () =>
        own.run(shell, own.path("bin/zkServer.sh"), ["print-cmd", config], { env });
      const data = await start();
      assert.equal(
        data.stdout,
        `ZooKeeper data directory is missing at ${own.path("d")} fix the path or run initialize\n`,
      );
      assert.equal(data.exitCode, 1);
      mkdirSync(own.path("d/version-2"), { recursive: true });
      const log = await start();
      assert.equal(
        log.stdout,
        `ZooKeeper txnlog directory is missing at ${own.path("l")} fix the path or run initialize\n`,
      );
      mkdirSync(own.path("l/version-2"), { recursive: true });
      const both = await start();
      assert.match(both.stdout, / -Dzookeeper\.datadir\.autocreate=false /);
      assert.equal(both.exitCode, 0);
      own.remove();
    });

    test("prints the lines of remote JMX", async () => {
      const { stderr, stdout } = await zkServer(["print-cmd"], {
        env: { JMXPORT: "9010", JMXHOSTNAME: "h" },
      });
      assert.equal(
        stderr,
        `${JMX}ZooKeeper remote JMX Port set to 9010
ZooKeeper remote JMX authenticate set to false
ZooKeeper remote JMX ssl set to false
ZooKeeper remote JMX log4j set to true
ZooKeeper remote JMX Hostname set to h
Using config: ${home.path("bin/../conf/zoo.cfg")}
`,
      );
      assert.match(
        stdout,
        / -Djava\.rmi\.server\.hostname=h -Dcom\.sun\.management\.jmxremote\.port=9010 /,
      );
    });

    test("tells the version", async () => {
      const { stdout, stderr, exitCode } = await zkServer(["version"]);
      assert.equal(stdout, "Apache ZooKeeper, version 3.9.5 2026-11-21 07:00 UTC\n");
      assert.match(stderr, /\nZooid 0\.1\.0, node v/);
      assert.equal(exitCode, 0);
    });

    test("tells how it is used, with ZooKeeper's exit code", async () => {
      for (const args of [[], ["begin"]]) {
        const { stderr, stdout, exitCode } = await zkServer(args);
        assert.equal(stdout, "");
        assert.equal(
          stderr,
          `${using}Usage: ${server} [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd}\n`,
        );
        assert.equal(exitCode, 0);
      }
    });

    test("needs node, and says so", async () => {
      const bare = home.path("empty path");
      mkdirSync(bare, { recursive: true });
      for (const tool of ["dirname", "uname", "sed", "tail", "readlink"]) {
        symlinkSync(`/usr/bin/${tool}`, `${bare}/${tool}`);
      }
      const env = { PATH: bare };
      const result = await home.run(`/usr/bin/${shell}`, server, ["print-cmd"], { env });
      assert.equal(
        result.stderr,
        "Error: NODE_HOME is not set and node could not be found in PATH.\n",
      );
      assert.equal(result.exitCode, 1);
    });
  });
}
