// What a benchmark says: medians of turns, ratios, the machine it ran on.

import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One line of the table: what was measured in each turn at either server. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly java: number[];
  readonly zooid: number[];
}

export class Figures {
  readonly #rows = new Map<string, Row>();

  add(name: string, unit: string, who: "java" | "zooid", value: number): void {
    const key = `${name}, ${unit}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { name, unit, java: [], zooid: [] };
      this.#rows.set(key, row);
    }
    row[who].push(value);
  }

  /** Markdown. The ratio is Zooid / Java, from the medians. */
  table(): string {
    const lines = ["| | Java | Zooid | Zooid / Java | turns |", "|---|---:|---:|---:|---:|"];
    for (const { name, unit, java, zooid } of this.#rows.values()) {
      const [left, right] = [median(java), median(zooid)];
      const cells = [`${name}, ${unit}`, figure(left), figure(right), figure(right / left)];
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
