// An installation in a directory of its own, to try the scripts of bin/ on: the real scripts, and in place of the server a
// program that does what a test needs of one.

import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SHELLS = ["dash", "bash"] as const;

/** The programs of the toolkits by their scripts. */
export const TOOLKITS = new Map([
  ["zkTxnLogToolkit", "txn-log-toolkit"],
  ["zkSnapShotToolkit", "snapshot-formatter"],
  ["zkSnapshotComparer", "snapshot-comparer"],
  ["zkSnapshotRecursiveSummaryToolkit", "snapshot-recursive-summary"],
  ["zkCheckpointToolkit", "checkpoint-toolkit"],
]);

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/**
 * A server in little: writes its arguments beside its configuration, then does what the line `#fake` of that file says:
 * serves srvr at clientPort (nothing said), fails with a line, or takes its time to stop.
 */
const FAKE_SERVER = `
const fs = require("node:fs");
const path = require("node:path");
const file = process.argv.at(-1);
const text = fs.readFileSync(file, "utf8");
const value = (key) => new RegExp("^" + key + "[=:]?\\\\s*(.*)$", "m").exec(text)?.[1];
fs.writeFileSync(file + ".args", JSON.stringify({ exec: process.execArgv, argv: process.argv.slice(2), cwd: process.cwd() }));
const [what, argument] = (value("#fake") ?? "serve").split("=");
if (what === "fail") {
  console.log("2026-11-21 07:00:00,123 [myid:] - INFO  [QuorumPeerConfig] - Reading configuration from: " + file);
  console.log("2026-11-21 07:00:00,123 [myid:] - ERROR [ZooKeeperServerMain] - " + argument);
  console.error("Unexpected exception, exiting abnormally");
  process.exit(1);
}
process.on("SIGTERM", () => setTimeout(() => process.exit(0), what === "slow" ? Number(argument) : 0));
const mode = "Zookeeper version: 3.9.5\\nMode: standalone\\nNode count: 5\\n";
require("node:net")
  .createServer({ allowHalfOpen: true }, (socket) =>
    socket.on("data", (word) => socket.end(String(word) === "srvr" ? mode : "")).on("error", () => {}),
  )
  .listen(Number(value("clientPort") ?? 0), "127.0.0.1", () => console.log("listening"));
`;

export class Installation {
  readonly home: string;

  constructor() {
    this.home = realpathSync(mkdtempSync(join(tmpdir(), "zooid bin ")));
    cpSync("bin", join(this.home, "bin"), { recursive: true });
    cpSync("conf/zoo_sample.cfg", join(this.home, "conf/zoo_sample.cfg"), { recursive: true });
    this.write("dist/src/main.js", FAKE_SERVER);
    this.write(
      "dist/src/version.js",
      "exports.ZOOKEEPER_VERSION = '3.9.5'; exports.ZOOID_VERSION = '0.1.0';\nexports.FULL_VERSION = '3.9.5-zooid-0.1.0, built on 2026-11-21 07:00 UTC';\n",
    );
    this.write("package.json", "{}");
    mkdirSync(join(this.home, "dist/src/cli"), { recursive: true });
    cpSync(
      "dist/src/cli/four-letter-word-main.js",
      join(this.home, "dist/src/cli/four-letter-word-main.js"),
    );
    this.write("dist/src/cli/package.json", `{"type": "module"}`);
    this.write("dist/src/cli/purge-txn-log.js", "console.log(process.argv.slice(2).join('|'));\n");
    this.write(
      "dist/src/cli/zk-cli.js",
      "console.log([...process.execArgv, ...process.argv.slice(2)].join('|'));\n",
    );
    for (const name of TOOLKITS.values()) {
      this.write(
        `dist/src/cli/toolkits/${name}.js`,
        "console.log([...process.execArgv, ...process.argv.slice(2)].join('|'));\n",
      );
    }
  }

  path(name: string): string {
    return `${this.home}/${name}`;
  }

  write(name: string, content: string): string {
    const path = this.path(name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Runs a script with a shell, or by itself when the shell is undefined. */
  run(
    shell: string | undefined,
    script: string,
    args: readonly string[],
    more: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
  ): Promise<Result> {
    const argv = shell === undefined ? [script, ...args] : [shell, script, ...args];
    return run(argv, {
      cwd: more.cwd ?? this.home,
      env: {
        PATH: process.env.PATH ?? "",
        USER: "keeper",
        HOSTNAME: "host1",
        ZOO_START_WAIT: "1",
        ...more.env,
      },
    });
  }
}

/** Output is read to its end; a server that was left behind does not hold it, because its output goes to a file. */
export function run(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const [command, ...args] = argv as [string, ...string[]];
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ stdout, stderr, exitCode }));
  });
}

/** Whether it runs: one that has ended and waits for somebody to ask for it does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}
