// Runs the tests: `node dist/test/run.js [folder …]`, all but test/compat when none is named.
//
// node --test takes patterns only since Node 21, and a folder called "test" whole, helpers included; so the files are
// named here. Suites that need a peer program (test/compat) say by themselves what is missing.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const folders = process.argv.slice(2);

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => {
    const [folder = ""] = name.split(sep);
    return folders.length > 0 ? folders.includes(folder) : folder !== "compat";
  })
  .sort()
  .map((name) => relative(process.cwd(), join(root, name)));

if (files.length === 0) {
  process.stderr.write(`No tests in ${folders.join(", ") || root}\n`);
  process.exit(1);
}
// Who talks to peers waits for them, most of the time.
const atOnce = availableParallelism() + (folders.includes("compat") ? 1 : 0);
const options = ["--test", "--test-reporter=spec", `--test-concurrency=${atOnce}`];
const { status } = spawnSync(process.execPath, [...options, ...files], { stdio: "inherit" });
process.exit(status ?? 1);
