// How a notebook is read: blocks of lines; those that begin with # say why, others are commands, and what a command led to
// is indented below it. A block that begins with `ensemble` begins anew.

interface Notebook {
  run(command: string): string;
}

/** The notebook with what happens now below its commands. */
export function carryOut(source: string, open: () => Notebook): string {
  let notebook = open();
  const lines: string[] = [];
  for (const [i, line] of source.split("\n").entries()) {
    if (line.startsWith("    ")) continue;
    lines.push(line);
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("ensemble")) notebook = open();
    try {
      const outcome = notebook.run(line);
      if (!line.startsWith("ensemble")) {
        lines.push(...outcome.split("\n").map((told) => `    ${told}`));
      }
    } catch (error) {
      throw new Error(`line ${i + 1}, ${line}: ${(error as Error).message}`, { cause: error });
    }
  }
  return lines.join("\n");
}
