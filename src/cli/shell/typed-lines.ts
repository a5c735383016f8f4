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
  #isAsking = false;

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
  }

  /** Above the line that is being typed. */
  interrupt(text: string): void {
    this.#output.write(text);
    const shell = this.#shell;
    if (!this.#isAsking || shell === undefined) return;
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
    return new Promise((resolve) => {
      const lines = this.#lines;
      const finish = (line: string | undefined): void => {
        this.#isAsking = false;
        lines.off("line", finish);
        lines.off("SIGINT", onInterrupt);
        lines.off("close", onClose);
        resolve(line);
      };
      const onInterrupt = (): void => {
        // The first one takes back what was typed, as in a shell.
        if (lines.line !== "") {
          this.#output.write("^C\n");
          lines.write(null, { ctrl: true, name: "e" });
          lines.write(null, { ctrl: true, name: "u" });
          return;
        }
        if (this.#shell !== undefined) this.#shell.exitCode = INTERRUPTED;
        finish(undefined);
      };
      const onClose = (): void => finish(undefined);
      lines.on("line", finish);
      lines.on("SIGINT", onInterrupt);
      lines.on("close", onClose);
      this.#isAsking = true;
      lines.setPrompt(prompt);
      lines.prompt();
    });
  }
}
