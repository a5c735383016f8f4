// The notebooks of test/transcripts/quorum, carried out and compared. With ZOOID_UPDATE=1 what happens is written down
// instead: look at the diff, and commit it only if you understand it.
//
// A notebook is a list of blocks: lines that begin with # say why, a line is a command, and what it led to is indented below
// it. Every block that begins with `ensemble` begins anew.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Notebook } from "./transcript-words.js";

const folder = fileURLToPath(new URL("../../../test/transcripts/quorum/", import.meta.url));

function carryOut(source: string): string {
  let notebook = new Notebook();
  const lines: string[] = [];
  for (const [i, line] of source.split("\n").entries()) {
    if (line.startsWith("    ")) continue;
    lines.push(line);
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("ensemble")) notebook = new Notebook();
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

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  test(`Leader and Learner do what ${file} tells`, () => {
    const written = readFileSync(folder + file, "utf8");
    const happened = carryOut(written);
    if (process.env.ZOOID_UPDATE === "1") writeFileSync(folder + file, happened);
    else assert.equal(happened, written);
  });
}
