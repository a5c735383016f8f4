// What the processes of a campaign (campaign.sh) have written, as one report: failures first, then sums, then marks.

import { readFileSync } from "node:fs";
import { MARKS } from "../../src/marks.js";

const LOST_AT_MOST_LINES = 12;
const texts = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

for (const text of texts) {
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    if (/^seed \d+ FAILED/.test(line)) say(lines.slice(at, at + LOST_AT_MOST_LINES).join("\n"));
    else if (line.startsWith("Repeat it: ")) say(line);
  }
}

function sum(pattern: RegExp): number[] {
  const sums: number[] = [];
  for (const text of texts) {
    const found = pattern.exec(text);
    found?.slice(1).forEach((value, i) => {
      sums[i] = (sums[i] ?? 0) + Number(value);
    });
  }
  return sums;
}

const SUMS =
  /^(\d+) seeds, (\d+) failures, (\d+) virtual s in ([\d.]+) s \(([\d.]+) s of CPU: .*?\), (\d+) events, (\d+) txns, (\d+) operations/m;
const [seeds = 0, failures = 0, virtualS = 0, wallS = 1, cpuS = 1, events = 0, txns = 0, ops = 0] =
  sum(SUMS);
const processes = texts.length;
say(
  `${seeds} seeds, ${failures} failures; ${(virtualS / 3600).toFixed(1)} virtual hours in ${((wallS / processes) * (1 / 3600)).toFixed(2)} h on ${processes} processes (${(cpuS / 3600).toFixed(2)} h of CPU)`,
);
say(
  `${Math.round(virtualS / cpuS)} virtual s for one of CPU; ${Math.round((seeds / (wallS / processes)) * 3600)} seeds an hour; ${events} events, ${txns} transactions, ${ops} operations checked`,
);

const counts = new Map<string, number>();
for (const text of texts) {
  const line = /^faults: (.*)$/m.exec(text)?.[1] ?? "";
  for (const [, what, count] of line.matchAll(/([\w ]+): (\d+)/g)) {
    const name = (what as string).trim();
    counts.set(name, (counts.get(name) ?? 0) + Number(count));
  }
}
const faults = [...counts].map(([what, count]) => `${what} ${count}`).join(", ");
say(`${[...counts.values()].reduce((a, b) => a + b, 0)} faults: ${faults}`);

const reached = new Map<string, number>();
for (const text of texts) {
  for (const [, count, mark] of text.matchAll(/^ {2}(\d+)\t(.*)$/gm)) {
    reached.set(mark as string, (reached.get(mark as string) ?? 0) + Number(count));
  }
}
for (const [mark, count] of reached) say(`  ${count}\t${mark}`);
const never = MARKS.filter((mark) => !reached.has(mark));
say(`${reached.size} of ${MARKS.length} marks reached; never: ${never.join("; ") || "none"}`);
