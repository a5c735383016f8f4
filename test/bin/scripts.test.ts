// The scripts beside zkServer.sh: zkServer-initialize.sh, zkCleanup.sh and the .cmd twins.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { Installation, run, SHELLS } from "./support.js";

for (const shell of SHELLS) {
  describe(`zkServer-initialize.sh in ${shell}`, () => {
    let home: Installation;
    before(() => {
      home = new Installation();
    });
    after(() => home.remove());

    const initialize = (...args: string[]) =>
      home.run(shell, home.path("bin/zkServer-initialize.sh"), args, { cwd: "/" });

    test("makes the directories, myid and initialize, once", async () => {
      const [data, log] = [home.path("a/data"), home.path("a/log")];
      const config = home.write("a.cfg", `dataDir=${data}\ndataLogDir=${log}\nclientPort=1\n`);
      const first = await initialize(`--configfile=${config}`, "--myid=3");
      assert.deepEqual(first, { stdout: "Using myid of 3\n", stderr: "", exitCode: 0 });
      assert.equal(readFileSync(`${data}/myid`, "utf8"), "3\n");
      assert.equal(readFileSync(`${data}/initialize`, "utf8"), "");
      assert(existsSync(`${data}/version-2`));
      assert(existsSync(`${log}/version-2`));

      const second = await initialize("--configfile", config, "--myid", "4");
      assert.equal(
        second.stdout,
        `ZooKeeper data directory already exists at ${data} (or use --force to force re-initialization)\n`,
      );
      assert.equal(second.exitCode, 1);
      assert.equal(readFileSync(`${data}/myid`, "utf8"), "3\n");

      home.write("a/data/version-2/snapshot.0", "old");
      const forced = await initialize("--configfile", config, "--force");
      assert.equal(
        forced.stdout,
        `Force enabled, data/txnlog directories will be re-initialized\nNo myid provided, be sure to specify it in ${data}/myid if using non-standalone\n`,
      );
      assert.equal(forced.exitCode, 0);
      assert.deepEqual(readdirSync(`${data}/version-2`), []);
      assert(!existsSync(`${data}/myid`));
    });

    test("does not touch transaction logs that are there", async () => {
      const config = home.write(
        "b.cfg",
        `dataDir=${home.path("b")}\ndataLogDir=${home.path("l")}\n`,
      );
      home.write("l/version-2/log.1", "log");
      const { stdout, exitCode } = await initialize(`--configfile=${config}`);
      assert.equal(
        stdout,
        `ZooKeeper txnlog directory already exists at ${home.path("l")} (or use --force to force re-initialization)\n`,
      );
      assert.equal(exitCode, 1);
      assert(!existsSync(home.path("b")));
    });

    test("says what is missing", async () => {
      const config = home.write("c.cfg", "clientPort=1\n");
      const cases: [string[], string][] = [
        [[], `Unable to find config file at ${home.path("bin/../conf/zoo.cfg")}\n`],
        [["--configfile=/none.cfg"], "Unable to find config file at /none.cfg\n"],
        [[`--configfile=${config}`], `Unable to determine dataDir from ${config}\n`],
      ];
      for (const [args, expected] of cases) {
        const { stdout, exitCode } = await initialize(...args);
        assert.equal(stdout, expected);
        assert.equal(exitCode, 1);
      }
    });

    test("tells how it is used", async () => {
      const usage = `usage: ${home.path("bin/zkServer-initialize.sh")} <parameters>
  Optional parameters:
     -h                                                    Display this message
     --help                                                Display this message
     --configfile=${"/short.cfg".padEnd(40)} ZooKeeper config file
     --myid=#                                              Set the myid to be used, if any (1-255)
     --force                                               Force creation of the data/txnlog dirs
`;
      const help = await initialize("--configfile=/short.cfg", "--help");
      assert.deepEqual(help, { stdout: usage, stderr: "", exitCode: 1 });
      const unknown = await initialize("--configfile=/short.cfg", "--bogus");
      assert.deepEqual(unknown, {
        stdout: `Unknown option: --bogus\n${usage}`,
        stderr: "",
        exitCode: 1,
      });
    });
  });

  describe(`zkCleanup.sh in ${shell}`, () => {
    test("gives the directories of the configuration and its own arguments to the purge", async () => {
      const home = new Installation();
      const script = home.path("bin/zkCleanup.sh");
      home.write("conf/zoo.cfg", "dataDir=/d\n");
      const one = await home.run(shell, script, ["-n", "5"]);
      assert.deepEqual(one, { stdout: "/d|-n|5\n", stderr: "", exitCode: 0 });
      home.write("conf/zoo.cfg", "dataDir=/d\ndataLogDir=/l\n");
      const two = await home.run(shell, script, ["-n", "5"], { cwd: "/" });
      assert.equal(two.stdout, "/l|/d|-n|5\n");
      home.write("other/zoo.cfg", "dataDir=/o\n");
      const other = await home.run(shell, script, ["--config", home.path("other"), "-n", "3"]);
      assert.equal(other.stdout, "/o|-n|3\n");
      home.remove();
    });
  });
}

for (const shell of SHELLS) {
  describe(`zkCli.sh in ${shell}`, () => {
    test("gives flags split and its own arguments whole", async () => {
      const home = new Installation();
      const env = { CLIENT_JVMFLAGS: "-Da=*  -Db=c", ZK_CLIENT_HEAP: "64" };
      const args = ["-server", "h:1", "create", "/a", "two words *"];
      const { stdout, stderr } = await home.run(shell, home.path("bin/zkCli.sh"), args, { env });
      const heap = "--max-old-space-size=64|-Xmx64m";
      assert.equal(stdout, `${heap}|-Da=*|-Db=c|-server|h:1|create|/a|two words *\n`);
      assert.equal(stderr, "");
      home.remove();
    });
  });
}

describe("the .cmd twins", () => {
  test("end their lines as cmd.exe wants them and run programs that the .sh ones run", () => {
    const names = readdirSync("bin").filter((name) => name.endsWith(".cmd"));
    assert(names.includes("zkServer.cmd"));
    for (const name of names) {
      const text = readFileSync(`bin/${name}`, "utf8");
      assert.deepEqual(text.match(/[^\r]\n/g), null, name);
      const twin = readFileSync(`bin/${name.replace(/cmd$/, "sh")}`, "utf8");
      for (const [program] of text.matchAll(/dist\\src\\[\w\\-]+\.js/g)) {
        if (name !== "zkEnv.cmd") assert(twin.includes(program.replaceAll("\\", "/")), program);
      }
    }
  });
});

describe("the four-letter word program", () => {
  const program = "dist/src/cli/four-letter-word-main.js";
  const ask = (...args: string[]) =>
    run([process.execPath, program, ...args], { cwd: ".", env: {} });

  test("prints the answer with Java's line ends, after half-closing", async () => {
    const asked: string[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let word = "";
      socket.on("data", (chunk) => {
        word += chunk;
      });
      socket.on("end", () => {
        asked.push(word);
        socket.end("Mode: standalone\r\nNode count: 5");
      });
    });
    const port = await new Promise<number>((listening) =>
      server.listen(0, "127.0.0.1", () => listening((server.address() as { port: number }).port)),
    );
    const answer = await ask(
      "-Dzookeeper.client.secure=false",
      "127.0.0.1",
      String(port),
      "srvr",
      "false",
    );
    server.close();
    assert.deepEqual(answer, {
      stdout: "Mode: standalone\nNode count: 5\n\n",
      stderr: "",
      exitCode: 0,
    });
    assert.deepEqual(asked, ["srvr"]);
  });

  test("fails with the reason where nobody listens", async () => {
    const { stdout, stderr, exitCode } = await ask("127.0.0.1", "1", "srvr");
    assert.equal(stdout, "");
    assert.match(stderr, /ECONNREFUSED/);
    assert.equal(exitCode, 1);
  });

  test("tells how it is used", async () => {
    const { stdout } = await ask("127.0.0.1");
    assert.equal(stdout, "Usage: FourLetterWordMain <host> <port> <cmd> <secure(optional)>\n");
  });
});
