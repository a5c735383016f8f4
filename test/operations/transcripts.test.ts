// The transcripts of test/transcripts/operations, carried out and compared. `node dist/test/operations/transcripts.test.js
// --rewrite` writes down what happens instead: look at the diff, and commit it only if you understand it.
//
// A transcript is a list of commands, each with what it led to: the command's lines, `----`, the outcome, an empty line.
// Lines that begin with # say why. The first command may be `world OPTION…`, with options of OperationSettings.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Notebook } from "./transcript-words.js";

const folder = fileURLToPath(new URL("../../../test/transcripts/operations/", import.meta.url));
const SEPARATOR = "----";

function carryOut(source: string): string {
  let notebook = new Notebook([]);
  return source
    .trim()
    .split(/\n\n+/)
    .map((block) => {
      const lines = block.split("\n");
      const end = lines.indexOf(SEPARATOR);
      const command = end < 0 ? lines : lines.slice(0, end);
      const spoken = command.filter((line) => !line.startsWith("#"));
      if (spoken.length === 0) return block;
      let outcome: string;
      if (spoken[0]!.startsWith("world")) {
        notebook = new Notebook(spoken[0]!.split(" ").slice(1));
        outcome = "ok";
      } else {
        outcome = notebook.run(spoken);
      }
      return [...command, SEPARATOR, outcome].join("\n");
    })
    .join("\n\n");
}

for (const file of readdirSync(folder)) {
  test(`operations do what ${file} tells`, () => {
    const written = readFileSync(folder + file, "utf8");
    const happened = `${carryOut(written)}\n`;
    if (process.argv.includes("--rewrite")) writeFileSync(folder + file, happened);
    else assert.equal(happened, written);
  });
}
