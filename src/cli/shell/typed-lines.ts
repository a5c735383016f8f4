// A person at a terminal: line editing, completion by tab, lines called back with the arrow keys. Java: JLine.
//
// What is printed while somebody types (a watch that fires) stands above the line, which is then shown again.

import { createInterface, type Interface } from "node:readline";
import { complete } from "./completion.js";
import { LineHistory } from "./line-editing.js";
import type { Shell } from "./shell.js";

const HISTORY_SIZE = 500;

/** 128 + SIGINT: what a shell reports of a program that was interrupted. */
const INTERRUPTED = 130;

export class TypedLines {
  #shell: Shell | undefined;
  readonly #output: NodeJS.WriteStream;
  readonly #lines: Interface;
  readonly #history = new LineHistory();
  /** Who waits for the next line: at a prompt. */
  #answer: ((line: string | undefined) => void) | undefined;
  readonly #ahead: string[] = [];
  #isClosed = false;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#output = output;
    this.#lines = createInterface({
      input,
      output,
      terminal: true,
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: false,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        const shell = this.#shell;
        if (shell === undefined) done(null, [[], line]);
        else void complete(shell.zk, line).then((result) => done(null, result));
      },
    });
    this.#lines.on("line", (line) => this.#onLine(line));
    this.#lines.on("SIGINT", () => this.#onInterrupt());
    this.#lines.on("close", () => this.#onClose());
  }

  /** Above the line that is being typed. */
  interrupt(text: string): void {
    this.#output.write(text);
    const shell = this.#shell;
    if (this.#answer === undefined || shell === undefined) return;
    this.#lines.setPrompt(shell.prompt);
    this.#lines.prompt(true);
  }

  /** Until the person has had enough. */
  async run(shell: Shell): Promise<void> {
    this.#shell = shell;
    while (!shell.isOver) {
      const line = await this.#ask(shell.prompt);
      if (line === undefined) break;
      await shell.execute(this.#history.edit(line));
    }
    this.#lines.close();
    if (shell.isOver) return;
    // Ctrl-C or Ctrl-D: the session ends with the person, as it does with `quit`.
    this.#output.write("\n");
    await shell.zk.close();
  }

  #ask(prompt: string): Promise<string | undefined> {
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
    const ahead = this.#ahead.shift();
    if (ahead !== undefined || this.#isClosed) return Promise.resolve(ahead);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** Lines that are pasted, or typed while a command runs, wait for their turn. */
  #onLine(line: string): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer === undefined) this.#ahead.push(line);
    else answer(line);
  }

  #onClose(): void {
    this.#isClosed = true;
    this.#answer?.(undefined);
  }

  /** The first Ctrl-C takes back what was typed, as in a shell; at an empty line it is the end. */
  #onInterrupt(): void {
    const lines = this.#lines;
    if (lines.line !== "") {
      this.#output.write("^C\n");
      lines.write(null, { ctrl: true, name: "e" });
      lines.write(null, { ctrl: true, name: "u" });
      return;
    }
    if (this.#shell !== undefined) this.#shell.exitCode = INTERRUPTED;
    if (this.#answer === undefined) process.exit(INTERRUPTED); // a command that does not end
    lines.close();
  }
}
