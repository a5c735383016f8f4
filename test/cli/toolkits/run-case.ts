// Runs a toolkit, ours or Java's, in a directory of its own, and says all that can be seen of it: what it printed, how it
// ended, which files it left.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ToolkitCase, ToolkitName } from "./cases.js";
import { writeFiles } from "./files.js";

/** The files, and the words that start a toolkit. Toolkits leave files beside those they read: they are removed each time. */
export class Bench {
  readonly #directory = mkdtempSync(join(tmpdir(), "zooid-toolkits-"));
  readonly #command: (tool: ToolkitName) => readonly string[];
  readonly #files: ReadonlySet<string>;

  constructor(command: (tool: ToolkitName) => readonly string[]) {
    this.#command = command;
    writeFiles(this.#directory);
    this.#files = new Set(this.#list());
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  run(asked: ToolkitCase): string {
    const [program, ...args] = this.#command(asked.tool);
    const { status, stdout, stderr, error } = spawnSync(program!, [...args, ...asked.args], {
      cwd: this.#directory,
      env: { PATH: process.env.PATH, TZ: asked.zone, LANG: "C.UTF-8" },
      input: asked.stdin,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error !== undefined) throw error;
    const complaint = asked.isWordingFree ? "" : masked(stderr, this.#directory);
    return [
      `exit code ${status}`,
      "--- output",
      masked(stdout, this.#directory),
      "--- errors",
      complaint,
      ...this.#takeNewFiles(),
      "",
    ].join("\n");
  }

  #list(): string[] {
    const names = readdirSync(this.#directory, { recursive: true, encoding: "utf8" });
    return names.filter((name) => statSync(join(this.#directory, name)).isFile());
  }

  #takeNewFiles(): string[] {
    const added = this.#list().filter((name) => !this.#files.has(name));
    return added.sort().map((name) => {
      const path = join(this.#directory, name);
      const bytes = readFileSync(path);
      rmSync(path);
      const hash = createHash("sha256").update(bytes).digest("hex");
      return `--- file ${name}: ${bytes.length} bytes, ${hash.slice(0, 32)}`;
    });
  }
}

export function ourToolkit(tool: ToolkitName): readonly string[] {
  return [process.execPath, resolve("dist/src/cli/toolkits", `${tool}.js`)];
}

/** Without what differs between two runs, and without the places in Java's code that stack traces name. */
function masked(text: string, directory: string): string {
  return text
    .replaceAll(`/private${directory}`, "DIR")
    .replaceAll(directory, "DIR")
    .replace(/ in \d+\.\d{6} seconds/g, " in T seconds")
    .replace(/"timestamp":\d{13}/g, '"timestamp":T')
    .replace(/^\tat .*\n|^\t\.\.\. \d+ more\n|^Caused by: .*\n/gm, "")
    .replace(/(java\.lang\.NullPointerException).*/g, "$1");
}
