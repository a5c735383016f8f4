// zkServer.sh status: where it finds the port, and what it says when it does not.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { Installation, SHELLS } from "./support.js";

const PORT = 21813;

for (const shell of SHELLS) {
  describe(`zkServer.sh in ${shell}`, () => {
    let home: Installation;
    let server: string;

    before(() => {
      home = new Installation();
      server = home.path("bin/zkServer.sh");
      home.write(
        "conf/zoo.cfg",
        `# comment\n dataDir = ${home.path("data")}\nclientPort=${PORT}\n`,
      );
    });
    after(() => {
      home.remove();
    });

    const zkServer = (args: string[], more = {}) => home.run(shell, server, args, more);

    const ports: [string, string, string][] = [
      [
        "clientPortAddress",
        `clientPort=${PORT}\nclientPortAddress=127.0.0.1`,
        `${PORT}. Client address: 127.0.0.1. Client SSL: false.`,
      ],
      [
        "its server line",
        `server.7=h:1:2:participant;${PORT}`,
        `${PORT}. Client address: localhost. Client SSL: false.`,
      ],
      [
        "its server line's address",
        `server.7=h:1:2;127.0.0.1:${PORT}`,
        `${PORT}. Client address: 127.0.0.1. Client SSL: false.`,
      ],
      [
        "its server line's IPv6 address",
        "server.7=h:1:2;[::1]:21",
        "21. Client address: ::1. Client SSL: false.",
      ],
    ];
    for (const [from, lines, found] of ports) {
      test(`finds the port in ${from}`, async () => {
        home.write("s/data/myid", "7\n");
        const config = home.write("s/zoo.cfg", `dataDir=${home.path("s/data")}\n${lines}\n`);
        const { stdout, exitCode } = await zkServer(["status", config]);
        assert.equal(
          stdout,
          `Client port found: ${found}\nError contacting service. It is probably not running.\n`,
        );
        assert.equal(exitCode, 1);
      });
    }

    test("finds the port in the dynamic file", async () => {
      home.write("s/data/myid", "7\n");
      const dynamic = home.write("s/dynamic", `server.7=h:1:2:participant;0.0.0.0:${PORT}\n`);
      const config = home.write(
        "s/zoo.cfg",
        `dataDir=${home.path("s/data")}\ndynamicConfigFile=${dynamic}\n`,
      );
      const { stdout } = await zkServer(["status", config]);
      assert.equal(
        stdout,
        `Client port not found in static config file. Looking in dynamic config file.
Client port found: ${PORT}. Client address: 0.0.0.0. Client SSL: false.
Error contacting service. It is probably not running.
`,
      );
    });

    test("says which ports it looked for and did not find", async () => {
      const config = home.write("n/zoo.cfg", `dataDir=${home.path("n/data")}\n`);
      const noMyid = await zkServer(["status", config]);
      assert.equal(
        noMyid.stdout,
        `myid could not be determined, will not able to locate clientPort in the server configs.
Client port not found. Looking for secureClientPort in the static config.
Unable to find either secure or unsecure client port in any configs. Terminating.
`,
      );
      assert.equal(noMyid.exitCode, 1);
      home.write("n/data/myid", "1\n");
      home.write("n/zoo.cfg", `dataDir=${home.path("n/data")}\nsecureClientPort=1\n`);
      const secure = await zkServer(["status", config]);
      assert.match(
        secure.stdout,
        /^Client port not found in static config file\. Looking in dynamic config file\.\nClient port not found in the server configs\nClient port not found\. Looking for secureClientPort in the static config\.\nClient port found: 1\. Client address: localhost\. Client SSL: true\.\n \nNote: We used secureClientPort \(1\) /,
      );
      assert.match(secure.stdout, /\nError contacting service\. It is probably not running\.\n$/);
    });

    test("does not take a port that answers something else for a server", async () => {
      const other = createServer((socket) =>
        socket
          .on("error", () => {})
          .resume()
          .end("HTTP/1.1 400\r\n"),
      );
      await new Promise<void>((listening) => other.listen(PORT, "127.0.0.1", listening));
      const { stdout, exitCode } = await zkServer(["status"]);
      await new Promise((closed) => other.close(closed));
      assert.match(stdout, /Error contacting service\. It is probably not running\.\n$/);
      assert.equal(exitCode, 1);
    });
  });
}
