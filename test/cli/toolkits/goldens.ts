// What Java's toolkits of 3.9.5 said to each of the cases, kept in test/golden/toolkits. UPDATE_GOLDEN=1 on the compat
// suite (test/compat/toolkits-java.test.ts) writes them.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CASES, nameOf, type ToolkitName } from "./cases.js";

const FOLDER = "test/golden/toolkits";
const TITLE = /^=== (.*)$/m;

export function readGoldens(): Map<string, string> {
  const goldens = new Map<string, string>();
  for (const tool of new Set(CASES.map((asked) => asked.tool))) {
    const [, ...parts] = readFileSync(pathOf(tool), "utf8").split(TITLE);
    for (let i = 0; i < parts.length; i += 2) goldens.set(parts[i]!, parts[i + 1]!.slice(1));
  }
  return goldens;
}

export function writeGoldens(goldens: ReadonlyMap<string, string>): void {
  for (const tool of new Set(CASES.map((asked) => asked.tool))) {
    const parts = CASES.filter((asked) => asked.tool === tool).map((asked) => {
      const name = nameOf(asked);
      return `=== ${name}\n${goldens.get(name)}`;
    });
    writeFileSync(pathOf(tool), parts.join(""));
  }
}

function pathOf(tool: ToolkitName): string {
  return join(FOLDER, `${tool}.txt`);
}
