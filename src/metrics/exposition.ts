// All metrics as Prometheus' text format 0.0.4. Java: PrometheusMetricsProvider and its client library's TextFormat.
//
//   # HELP readlatency readlatency
//   # TYPE readlatency summary
//   readlatency{quantile="0.5",} 2.0
//   readlatency_count 5.0
//   readlatency_sum 6.0
//
// Line by line, so that whoever sends it can do so in slices. Names are Java's without a prefix; the comma after the last
// label is its too. Families are in the order of `mntr`; in Java it is that of a hash table.

import { javaDouble } from "./instruments.js";

export interface Sample {
  /** What stands behind the family's name: "", "_count", "_sum". */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
}

export type Labels = readonly (readonly [name: string, value: string])[];

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "summary";
  readonly samples: Iterable<Sample>;
}

/** `wanted`: names of samples; undefined for all. Families of which nothing is wanted are left out. */
export function* exposition(
  families: Iterable<Family>,
  wanted: ReadonlySet<string> | undefined,
): Generator<string> {
  for (const { name, help, type, samples } of families) {
    const head = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
    let isFirst = true;
    if (wanted === undefined) {
      yield head;
      isFirst = false;
    }
    for (const { suffix, labels, value } of samples) {
      const fullName = name + suffix;
      if (wanted !== undefined && !wanted.has(fullName)) continue;
      const line = `${fullName}${labelText(labels)} ${prometheusNumber(value)}\n`;
      yield isFirst ? head + line : line;
      isFirst = false;
    }
  }
}

function labelText(labels: Labels): string {
  if (labels.length === 0) return "";
  const pairs = labels.map(([name, value]) => `${name}="${escaped(value)}",`);
  return `{${pairs.join("")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function prometheusNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return javaDouble(value);
}

/** As `mntr` and the command `monitor` name a sample where Prometheus' provider is used: no comma at the end, nothing escaped. */
export function sampleKey({ name }: Family, { suffix, labels }: Sample): string {
  if (labels.length === 0) return name + suffix;
  return `${name}${suffix}{${labels.map(([label, value]) => `${label}="${value}"`).join(",")}}`;
}
