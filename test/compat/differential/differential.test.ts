// The same bytes to Apache ZooKeeper and to Zooid, and what each of them answers, byte for byte.
//
// What Java 3.9.5 answered is kept in test/compat/golden/: Zooid is compared with it everywhere, and where Java is
// installed it is asked again, so that the golden transcripts stay what Java says. UPDATE_GOLDEN=1 writes them anew.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peerTest, REPOSITORY, type ServerKind } from "../peers.js";
import { play, type Transcript } from "./runner.js";
import { SCRIPTS } from "./scripts/table.js";
import type { Script } from "./steps.js";

const GOLDEN = join(REPOSITORY, "test/compat/golden");
const update = process.env.UPDATE_GOLDEN === "1";
const wanted = process.env.SCRIPT?.split(",");
const SHOWN_DIFFERENCES = 25;
/** Java counts what it has sent in another thread, after it was sent: who asks at once may be told one too few. */
const JAVA_PLAYS_MAX = 3;

const goldenPath = (script: Script) => join(GOLDEN, `${script.name}.txt`);

function readGolden(script: Script): Transcript {
  assert.ok(
    existsSync(goldenPath(script)),
    `No golden transcript of "${script.name}": UPDATE_GOLDEN=1`,
  );
  return readFileSync(goldenPath(script), "utf8").replace(/\n$/, "").split("\n\n");
}

/** The steps whose answers differ, each with both answers. */
function differences(
  actual: Transcript,
  golden: Transcript,
  otherwise: Readonly<Record<string, string>>,
): string[] {
  const found: string[] = [];
  for (let i = 0; i < Math.max(actual.length, golden.length); i++) {
    if (actual[i] === golden[i]) continue;
    const mine = actual[i]?.split("\n") ?? ["nothing"];
    const theirs = golden[i]?.split("\n") ?? ["nothing"];
    if (theirs[0]! in otherwise) continue;
    const lines = [`step ${i + 1}: ${theirs[0]}`];
    for (let k = 0; k < Math.max(mine.length, theirs.length); k++) {
      if (mine[k] === theirs[k]) continue;
      lines.push(`  golden:${theirs[k] ?? " nothing"}`, `  actual:${mine[k] ?? " nothing"}`);
    }
    found.push(lines.join("\n"));
  }
  return found;
}

async function differencesOf(kind: ServerKind, script: Script): Promise<string[]> {
  const transcript = await play(kind, script);
  if (update && kind === "java39") {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(goldenPath(script), `${transcript.join("\n\n")}\n`);
  }
  const otherwise = kind === "zooid" ? (script.otherwise ?? {}) : {};
  return differences(transcript, readGolden(script), otherwise);
}

async function compare(kind: ServerKind, script: Script): Promise<void> {
  let found = await differencesOf(kind, script);
  for (let plays = 1; kind === "java39" && found.length > 0 && plays < JAVA_PLAYS_MAX; plays++) {
    found = await differencesOf(kind, script);
  }
  const shown = found.slice(0, SHOWN_DIFFERENCES).join("\n");
  assert.equal(found.length, 0, `${found.length} steps of "${script.name}" differ:\n${shown}`);
}

for (const script of SCRIPTS.filter(({ name }) => wanted?.includes(name) ?? true)) {
  peerTest(`Java 3.9.5 plays ${script.name} as its golden transcript says`, ["java39"], () =>
    compare("java39", script),
  );
  if (!update) {
    peerTest(`Zooid plays ${script.name} as Java does`, ["zooid"], () => compare("zooid", script));
  }
}
