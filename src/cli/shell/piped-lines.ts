// Lines from a pipe or a file, one command after the other. As Java's zkCli shows it: prompts without line ends between
// them, no echo, and at the end of the input, in the absence of a `quit`, the odd line that says that JLine is gone.

import { createInterface } from "node:readline";
import { LineHistory } from "./line-editing.js";
import type { Shell } from "./shell.js";

export async function runPipedLines(
  shell: Shell,
  input: NodeJS.ReadableStream,
  write: (text: string) => void,
): Promise<void> {
  const history = new LineHistory();
  const lines = createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY });
  write(shell.prompt);
  for await (const line of lines) {
    await shell.execute(history.edit(line));
    if (shell.isOver) return;
    write(shell.prompt);
  }
  write("JLine support is disabled\n");
}
