import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("A bench that a signal ends leaves no server and no directory", async () => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-ended-bench-"));
  const program = fileURLToPath(new URL("./alone.js", import.meta.url));
  const bench = spawn(process.execPath, [program, "--seconds", "600"], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(bench.stdout, "data")) as [Buffer];
    assert.match(line.toString(), /^start to serving: /);
    const [made] = readdirSync(directory);
    const cfg = readFileSync(join(directory, made!, "zoo.cfg"), "utf8");
    const server = connect(Number(/^clientPort=(\d+)$/m.exec(cfg)?.[1]), "127.0.0.1");
    await once(server, "connect");
    server.on("error", () => {
      // A process that is killed may reset its connections.
    });
    const serverGone = once(server, "close");
    bench.kill("SIGTERM");
    const [status] = await once(bench, "close");
    assert.equal(status, 143);
    await serverGone;
    assert.deepEqual(readdirSync(directory), []);
  } finally {
    bench.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
});
