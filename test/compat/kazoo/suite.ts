// kazoo's own test-suite as it is in its source distribution, run by pytest against one server, or an ensemble of three, of
// Java or of Zooid.
//
// kazoo's harness starts `java … QuorumPeerMain zoo.cfg` itself: a `java` that stands first in PATH (java-shim.sh) starts
// the server that we want instead. Two pytest processes share the work, each with a server or an ensemble of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classPath, KAZOO_PYTHON, PEERS, REPOSITORY, ZOOID_MAIN } from "../peers.js";

/** Outcome by test id, `test_client.TestClient.test_create`. */
export type Outcomes = Map<string, "passed" | "failed" | "skipped">;

/** Files whose tests need a server; the others try kazoo's own parts. About the same time in each half. */
const HALVES = [
  ["test_client", "test_connection", "test_counter", "test_election", "test_cache", "test_lease"],
  [
    "test_lock",
    "test_partitioner",
    "test_watchers",
    "test_party",
    "test_queue",
    "test_barrier",
    "test_interrupt",
  ],
];

/** What is not part of these servers yet. */
const LEFT_OUT = [
  "test_client.py::TestSSLClient", // TLS
];

const NEEDS_THREE_SERVERS = [
  "test_client.py::TestReconfig",
  "test_client.py::TestClient::test_update_host_list",
  "test_connection.py::TestReadOnlyMode",
];

export interface SuiteOptions {
  readonly kind: "java39" | "zooid";
  readonly servers: 1 | 3;
  /** First ports of the two harnesses: three servers take 30 each. */
  readonly portOffsets: readonly [number, number];
}

function sourceFolder(): string {
  const home = join(PEERS, "kazoo");
  const name = readdirSync(home).find((entry) => /^kazoo-[\d.]+$/.test(entry));
  return join(home, name ?? "kazoo");
}

export async function runSuite(options: SuiteOptions): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const { portOffsets } = options;
  const all = await Promise.all(
    HALVES.map((files, i) =>
      pytest(
        options,
        portOffsets[i]!,
        files.map((file) => `kazoo/tests/${file}.py`),
      ),
    ),
  );
  for (const half of all) for (const [id, outcome] of half) outcomes.set(id, outcome);
  // A test that depends on the machine's speed gets a second chance, alone.
  const failed = [...outcomes].filter(([, outcome]) => outcome === "failed").map(([id]) => id);
  if (failed.length > 0 && failed.length <= 10) {
    const again = await pytest(options, portOffsets[0], failed.map(pytestName));
    for (const [id, outcome] of again) outcomes.set(id, outcome);
  }
  return outcomes;
}

const pytestName = (id: string) => {
  const [file, ...rest] = id.split(".");
  return `kazoo/tests/${file}.py::${rest.join("::")}`;
};

async function pytest(
  { kind, servers }: SuiteOptions,
  portOffset: number,
  tests: readonly string[],
): Promise<Outcomes> {
  const scratch = mkdtempSync(join(tmpdir(), "zooid-kazoo-"));
  symlinkSync(join(REPOSITORY, "test/compat/kazoo/java-shim.sh"), join(scratch, "java"));
  const report = join(scratch, "report.xml");
  const names = servers === 3 ? LEFT_OUT : [...LEFT_OUT, ...NEEDS_THREE_SERVERS];
  const leftOut = names.flatMap((name) => ["--deselect", `kazoo/tests/${name}`]);
  const args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "60", "--color=no"];
  const child = spawn(KAZOO_PYTHON, [...args, `--junitxml=${report}`, ...leftOut, ...tests], {
    cwd: sourceFolder(),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: `${scratch}:${process.env.PATH}`,
      TMPDIR: scratch,
      KAZOO_SERVER: kind,
      REAL_JAVA: await which("java"),
      JAVA39_CLASSPATH: classPath("java39"),
      NODE: process.execPath,
      ZOOID_MAIN,
      ZOOKEEPER_VERSION: "3.9.5",
      ZOOKEEPER_CLUSTER_SIZE: `${servers}`,
      ZOOKEEPER_PATH: "/nowhere",
      ZOOKEEPER_PORT_OFFSET: `${portOffset}`,
    },
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text));
  child.stderr.on("data", (text: Buffer) => (output += text));
  await new Promise((resolve) => child.once("close", resolve));
  try {
    return readReport(readFileSync(report, "utf8"));
  } catch (error) {
    throw new Error(`pytest left no report:\n${output.slice(-3000)}`, { cause: error });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** pytest's JUnit file: one <testcase classname name> each, empty when it passed. */
function readReport(xml: string): Outcomes {
  const outcomes: Outcomes = new Map();
  const cases =
    /<testcase classname="kazoo\.tests\.([^"]*)" name="([^"]*)"[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, owner, name, , inside = ""] of xml.matchAll(cases)) {
    const failed = /<(failure|error)\b/.test(inside);
    const outcome = failed ? "failed" : inside.includes("<skipped") ? "skipped" : "passed";
    outcomes.set(`${owner}.${name}`, outcome);
  }
  return outcomes;
}

function which(program: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", `command -v ${program}`]);
    let found = "";
    child.stdout.on("data", (text: Buffer) => (found += text));
    child.once("close", () => resolve(found.trim()));
  });
}
