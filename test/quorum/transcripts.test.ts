// The notebooks of test/transcripts/quorum, carried out and compared. With ZOOID_UPDATE=1 what happens is written down
// instead: look at the diff, and commit it only if you understand it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { carryOut } from "./carry-out.js";
import { Notebook } from "./transcript-words.js";

const folder = fileURLToPath(new URL("../../../test/transcripts/quorum/", import.meta.url));

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  test(`Leader and Learner do what ${file} tells`, () => {
    const written = readFileSync(folder + file, "utf8");
    const happened = carryOut(written, () => new Notebook());
    if (process.env.ZOOID_UPDATE === "1") writeFileSync(folder + file, happened);
    else assert.equal(happened, written);
  });
}
