// The notebooks of test/transcripts/election, carried out and compared, as those of test/quorum/transcripts.test.ts.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { carryOut } from "../quorum/carry-out.js";
import { ElectionNotebook } from "./transcript-words.js";

const folder = fileURLToPath(new URL("../../../test/transcripts/election/", import.meta.url));

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  test(`FastLeaderElection does what ${file} tells`, () => {
    const written = readFileSync(folder + file, "utf8");
    const happened = carryOut(written, () => new ElectionNotebook());
    if (process.env.ZOOID_UPDATE === "1") writeFileSync(folder + file, happened);
    else assert.equal(happened, written);
  });
}
