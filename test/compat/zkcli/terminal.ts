// The real zkCli, 3.8 or 3.9, as a person would use it: lines in, text out.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { classPath, REPOSITORY } from "../peers.js";

export type CliVersion = "java38" | "java39" | "zooid";

const OPTIONS = [
  "-Xmx128m",
  "-XX:TieredStopAtLevel=1",
  "-XX:+UseSerialGC",
  "-Dzooid.log.level=OFF",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
  "-Dorg.jline.terminal.dumb=true",
  "-Dfile.encoding=UTF-8",
  "-Dsun.stdout.encoding=UTF-8",
  "-Dsun.stderr.encoding=UTF-8",
];

function programOf(version: CliVersion, flags: readonly string[]): string[] {
  if (version === "zooid") {
    return [process.execPath, join(REPOSITORY, "dist/src/cli/zk-cli.js"), ...flags];
  }
  const main = "org.apache.zookeeper.ZooKeeperMain";
  return ["java", "-cp", classPath(version), ...OPTIONS, ...flags, main];
}

/** One zkCli process. Its two streams are one, as on a screen. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  #text = "";
  #waiting: (() => void) | undefined;
  #marks = 0;
  /** Behind the answer to the last mark. */
  #seen = 0;

  /** `flags`: -D settings. */
  constructor(version: CliVersion, args: readonly string[], flags: readonly string[] = []) {
    const command = [...programOf(version, flags), ...args];
    this.#child = spawn("/bin/sh", ["-c", 'exec "$0" "$@" 2>&1', ...command], {
      env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
    });
    this.#child.stdout!.setEncoding("utf8");
    this.#child.stdout!.on("data", (text: string) => {
      this.#text += text;
      this.#waiting?.();
    });
    this.ended = new Promise((resolve) => this.#child.once("close", (code) => resolve(code)));
  }

  get text(): string {
    return this.#text;
  }

  type(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  endOfInput(): void {
    this.#child.stdin!.end();
  }

  /**
   * Types a line and waits until the command has been carried out: the next one answers with what we ask of it. Returns all
   * from the answer before to that one, with both of their prompts.
   */
  async run(line: string): Promise<string> {
    this.type(line);
    const mark = `/no-such-node-${this.#marks++}`;
    this.type(`stat ${mark}`);
    const answer = `Node does not exist: ${mark}\n`;
    await this.#until(answer);
    const before = this.#seen;
    this.#seen = this.#text.indexOf(answer, before) + answer.length;
    return this.#text.slice(before, this.#seen);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #until(needle: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = (error?: Error) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(
        () => give(new Error(`zkCli does not say "${needle.trim()}":\n${this.#text.slice(-2000)}`)),
        60_000,
      );
      this.#waiting = () => {
        if (this.#text.includes(needle)) give();
      };
      this.#waiting();
    });
  }
}

const EVENT = /WatchedEvent [^\n]*\n/g;
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}/g, "<time>"],
  [/0x1[0-9a-f]{13,15}\b/g, "<session>"],
  [/127\.0\.0\.1:\d{5}/g, "127.0.0.1:<port>"],
  [/\((CONNECTING|CONNECTED)\)/g, "(CONNECTED)"],
  [/WATCHER::\n/g, ""],
  // Blank lines of an event may stand between the prompt and the answer.
  [/(\[zk: [^\]]*\]\s*)?Node does not exist: \/no-such-node-\d+\n/g, ""],
  [/(\[zk: [^\]]*\]) /g, "$1\n"],
  [/\n\n+/g, "\n"],
  [/built on .*/g, "built on <time>"],
];

/** Not the state of the connection: whether its last change is still printed is a race within zkCli. */
const isOfANode = (event: string) => !event.includes("type:None");

/**
 * What a terminal shows, without what differs from run to run. Another thread of zkCli prints the events, between any two
 * pieces of the rest: they are listed after it, and neither empty lines nor what stands on the line of a prompt count.
 */
export function masked(text: string): string {
  const events = [...text.matchAll(EVENT)].map((match) => match[0].trimEnd()).filter(isOfANode);
  let rest = text.replaceAll("\r", "").replace(EVENT, "");
  for (const [pattern, token] of MASKS) rest = rest.replace(pattern, token);
  // Whether the last prompt is still printed is a race too.
  rest = rest.replace(/(\[zk: [^\]]*\]\s*)+$/, "");
  return [rest.trimEnd(), "--- events", ...events].join("\n");
}
