// What a benchmark says: medians of turns, ratios, the machine it ran on.

import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What a ratio Zooid / Java has to reach: at least this for rates, at most this for everything else. */
export interface Target {
  readonly atLeast: number;
  readonly aim: number;
}

/** One line of the table: what was measured in each turn at either server. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly java: number[];
  readonly zooid: number[];
}

/** Of these more is better. */
const RATE = "ops/s";

export class Figures {
  readonly #rows = new Map<string, Row>();
  readonly #targets: Readonly<Record<string, Target>>;

  /** By the name of the row and its unit. */
  constructor(targets: Readonly<Record<string, Target>> = {}) {
    this.#targets = targets;
  }

  median(name: string, unit: string, who: "java" | "zooid"): number {
    return median(this.#rows.get(`${name}, ${unit}`)?.[who] ?? []);
  }

  add(name: string, unit: string, who: "java" | "zooid", value: number): void {
    const key = `${name}, ${unit}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { name, unit, java: [], zooid: [] };
      this.#rows.set(key, row);
    }
    row[who].push(value);
  }

  /** Markdown. The ratio is Zooid / Java, from the medians: bold where it misses what it has to reach; an aim is ticked where it is reached. */
  table(): string {
    const lines = [
      "| | Java | Zooid | Zooid / Java | at least | aim | turns |",
      "|---|---:|---:|---:|---:|---:|---:|",
    ];
    for (const [key, { unit, java, zooid }] of this.#rows) {
      const [left, right] = [median(java), median(zooid)];
      const target = this.#targets[key];
      const shown = figure(right / left);
      const reaches = (wanted: number) =>
        unit === RATE ? right / left >= wanted : right / left <= wanted;
      const cells = [key, figure(left), figure(right)];
      if (target === undefined) cells.push(shown, "", "");
      else {
        const { atLeast, aim } = target;
        cells.push(reaches(atLeast) ? shown : `**${shown}**`, String(atLeast));
        cells.push(reaches(aim) ? `${aim} ✓` : String(aim));
      }
      lines.push(`| ${[...cells, Math.min(java.length, zooid.length)].join(" | ")} |`);
    }
    return lines.join("\n");
  }
}

/** Three digits that count. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000)
    return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
  return String(Number(value.toPrecision(3)));
}

export function machineFacts(java?: string): string {
  const [cpu] = cpus();
  const facts = [
    `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `Linux ${release()}`,
    `node ${process.version}`,
  ];
  if (java !== undefined) facts.push(java, javaVersion());
  const load = loadavg().map((value) => value.toFixed(1));
  facts.push(`load average at the end ${load.join(" ")}`);
  return facts.join(", ");
}

function javaVersion(): string {
  const text = execFileSync("java", ["--version"]).toString();
  return text.split("\n")[0] ?? "";
}
