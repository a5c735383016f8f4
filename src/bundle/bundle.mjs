// `npm run bundle`: what was compiled becomes dist/zooid.js, which starts dist/server.cjs with the code in dist/server.code.
// Another folder than dist may be named.
//
// To have the code, a server is started in an empty directory of its own, on a free port of 127.0.0.1, and stopped as soon as it
// serves. Where that cannot be done there is no code: starts take longer, and nothing else is different.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "./compile.mjs";

const RECORD_TIMEOUT_MS = 60_000;
/** Somebody may take the port that was free. */
const ATTEMPTS = 3;
/** The server's line when its port is open. */
const SERVES = "binding to port";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dist = resolve(process.argv[2] ?? join(root, "dist"));
const bundle = join(dist, "server.cjs");
const code = join(dist, "server.code");

const common = { bundle: true, platform: "node", target: "node20", logLevel: "error" };
rmSync(code, { force: true });
await build({
  ...common,
  entryPoints: [join(root, "dist/src/main.js")],
  outfile: bundle,
  format: "cjs",
  // Loaded when they are needed, from node_modules.
  external: ["koffi", "lmdb", "minizlib"],
  define: { "import.meta.url": "__filename" },
});
await build({
  ...common,
  entryPoints: [fileURLToPath(new URL("start.mjs", import.meta.url))],
  outfile: join(dist, "zooid.js"),
  format: "esm",
});

// What runs in the thread that reads large snapshots.
await build({
  ...common,
  entryPoints: [join(root, "dist/src/reader-thread.js")],
  outfile: join(dist, "reader.cjs"),
  format: "cjs",
  external: ["minizlib"],
  define: { "import.meta.url": "__filename" },
});

let output = "";
const isReady = () => compile(bundle, code).isReady;
for (let attempt = 1; attempt <= ATTEMPTS && !isReady(); attempt++) output = await record();
if (!isReady()) process.stderr.write(`There is no ${code}, so starts take longer: ${output}\n`);

/** Returns what went wrong, or what the server said. */
async function record() {
  const directory = mkdtempSync(join(tmpdir(), "zooid-bundle-"));
  try {
    return await recordIn(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function recordIn(directory) {
  const zooCfg = join(directory, "zoo.cfg");
  const port = await freePort();
  const address = `clientPort=${port}\nclientPortAddress=127.0.0.1\n`;
  writeFileSync(zooCfg, `dataDir=${directory}\n${address}admin.enableServer=false\n`);
  const recorder = fileURLToPath(new URL("record.mjs", import.meta.url));
  const child = spawn(process.execPath, [recorder, bundle, code, zooCfg], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listen = (chunk) => {
    const served = output.includes(SERVES);
    output += chunk;
    // Once: a second signal would end it without an end.
    if (!served && output.includes(SERVES)) child.kill("SIGTERM");
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const timer = setTimeout(() => child.kill("SIGKILL"), RECORD_TIMEOUT_MS);
  return new Promise((done) => {
    child.on("error", (error) => done(error.message));
    child.on("close", () => {
      clearTimeout(timer);
      done(output);
    });
  });
}

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
