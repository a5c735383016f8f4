// The instruments: counters, summaries with and without percentiles, and sets of them by key.
//
// Java: SimpleCounter, AvgMinMaxCounter, AvgMinMaxPercentileCounter and their …Set. Adding a value is a few field writes and
// allocates nothing, because some are added to for every request; whoever does so keeps the instrument in a field rather
// than looking it up. All of the arithmetic for printing happens when somebody asks.

import type { Labels, Sample } from "./exposition.js";
import { RecentSample } from "./recent-sample.js";

/** Receives one line of `mntr`: the name without zk_ and the value as Java prints it. */
export type MetricSink = (name: string, value: string) => void;

/** A double as Java's Double.toString prints it, for the values that metrics have: at least one decimal, E from 1e7 on. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value);
  }
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const digits = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return `${digits}E${exponent.replace("+", "")}`;
}

export class Counter {
  readonly #name: string;
  value = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(count: number): void {
    this.value += count;
  }

  reset(): void {
    this.value = 0;
  }

  print(sink: MetricSink): void {
    sink(this.#name, String(this.value));
  }

  samples(labels: Labels): Sample[] {
    return [{ suffix: "", labels, value: this.value }];
  }

  keepRecent(): void {}

  rotate(): void {}
}

const MEDIAN = [0.5] as const;
/** Java's of the Prometheus provider, which are not those of `mntr`. */
const QUANTILES = [0.5, 0.9, 0.99] as const;

/** Average, minimum, maximum, count and sum of integers. */
export class Summary {
  readonly #name: string;
  #count = 0;
  #sum = 0;
  #minimum = Number.MAX_VALUE;
  #maximum = -Number.MAX_VALUE;
  /** For Prometheus only. */
  #recent: RecentSample | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  add(value: number): void {
    if (this.#recent !== undefined) this.#recent.add(value);
    this.#count++;
    this.#sum += value;
    if (value < this.#minimum) this.#minimum = value;
    if (value > this.#maximum) this.#maximum = value;
  }

  get count(): number {
    return this.#count;
  }

  /** Rounded to four decimals, as Java prints it. */
  get average(): number {
    return this.#count === 0 ? 0 : Math.round((this.#sum / this.#count) * 1e4) / 1e4;
  }

  get minimum(): number {
    return this.#count === 0 ? 0 : this.#minimum;
  }

  get maximum(): number {
    return this.#count === 0 ? 0 : this.#maximum;
  }

  get sum(): number {
    return this.#sum;
  }

  reset(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#minimum = Number.MAX_VALUE;
    this.#maximum = -Number.MAX_VALUE;
  }

  print(sink: MetricSink): void {
    sink(`avg_${this.#name}`, javaDouble(this.average));
    sink(`min_${this.#name}`, String(this.minimum));
    sink(`max_${this.#name}`, String(this.maximum));
    sink(`cnt_${this.#name}`, String(this.count));
    sink(`sum_${this.#name}`, String(this.sum));
  }

  samples(labels: Labels, fractions: readonly number[] = MEDIAN): Sample[] {
    const values = this.#recent?.quantiles(fractions) ?? [];
    return [
      ...values.map((value, index): Sample => {
        const quantile = ["quantile", String(fractions[index])] as const;
        return { suffix: "", labels: [...labels, quantile], value };
      }),
      { suffix: "_count", labels, value: this.#count },
      { suffix: "_sum", labels, value: this.#sum },
    ];
  }

  keepRecent(): void {
    this.#recent ??= new RecentSample();
  }

  rotate(): void {
    this.#recent?.rotate();
  }
}

/** How many values are kept to take percentiles from: what Java's reservoir keeps. */
const RESERVOIR_SIZE = 4096;

/**
 * A summary with percentiles, taken from a uniform sample of all values. The sample is kept in an array that is made with
 * the first value: most of these summaries never see one.
 */
export class PercentileSummary {
  readonly #name: string;
  readonly #summary: Summary;
  #sample: Float64Array | undefined;
  // Which values stay in the sample needs no good randomness, and must be the same when a simulation is run again.
  #random = 0x2545f491;

  constructor(name: string) {
    this.#name = name;
    this.#summary = new Summary(name);
  }

  get count(): number {
    return this.#summary.count;
  }

  get maximum(): number {
    return this.#summary.maximum;
  }

  add(value: number): void {
    this.#summary.add(value);
    this.#sample ??= new Float64Array(RESERVOIR_SIZE);
    const count = this.#summary.count;
    if (count <= RESERVOIR_SIZE) {
      this.#sample[count - 1] = value;
      return;
    }
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    const position = (random >>> 0) % count;
    if (position < RESERVOIR_SIZE) this.#sample[position] = value;
  }

  reset(): void {
    this.#summary.reset();
  }

  print(sink: MetricSink): void {
    this.#summary.print(sink);
    const size = Math.min(this.#summary.count, RESERVOIR_SIZE);
    const sorted = this.#sample === undefined ? NOTHING : this.#sample.slice(0, size).sort();
    sink(`p50_${this.#name}`, String(quantile(sorted, 0.5)));
    sink(`p95_${this.#name}`, String(quantile(sorted, 0.95)));
    sink(`p99_${this.#name}`, String(quantile(sorted, 0.99)));
    sink(`p999_${this.#name}`, String(quantile(sorted, 0.999)));
  }

  samples(labels: Labels): Sample[] {
    return this.#summary.samples(labels, QUANTILES);
  }

  keepRecent(): void {
    this.#summary.keepRecent();
  }

  rotate(): void {
    this.#summary.rotate();
  }
}

const NOTHING = new Float64Array(0);

/** Between the two nearest values, as Dropwizard's UniformSnapshot has it, then rounded. */
function quantile(sorted: Float64Array, fraction: number): number {
  if (sorted.length === 0) return 0;
  const position = fraction * (sorted.length + 1);
  const index = Math.floor(position);
  if (index < 1) return sorted[0]!;
  if (index >= sorted.length) return sorted[sorted.length - 1]!;
  const lower = sorted[index - 1]!;
  return Math.round(lower + (position - index) * (sorted[index]! - lower));
}

interface Instrument {
  add(value: number): void;
  reset(): void;
  print(sink: MetricSink): void;
  samples(labels: Labels): Sample[];
  keepRecent(): void;
  rotate(): void;
}

/** One instrument per key, printed as <key>_<name>; keys appear when they are first used. */
export class InstrumentSet<T extends Instrument> {
  readonly #name: string;
  readonly #make: (name: string) => T;
  readonly #byKey = new Map<string, T>();
  readonly #keysMax: number;
  #keepsRecent = false;

  constructor(name: string, keysMax: number, make: (name: string) => T) {
    this.#name = name;
    this.#keysMax = keysMax;
    this.#make = make;
  }

  add(key: string, value: number): void {
    this.of(key)?.add(value);
  }

  /** The key's own, for whoever adds to it often; undefined past the limit: keys are made from what clients send. */
  of(key: string): T | undefined {
    let instrument = this.#byKey.get(key);
    if (instrument === undefined && this.#byKey.size < this.#keysMax) {
      instrument = this.#make(`${key}_${this.#name}`);
      if (this.#keepsRecent) instrument.keepRecent();
      this.#byKey.set(key, instrument);
    }
    return instrument;
  }

  reset(): void {
    for (const instrument of this.#byKey.values()) instrument.reset();
  }

  print(sink: MetricSink): void {
    // In the order of the keys: Java's is that of a hash table, which for short names is mostly the same.
    const keys = [...this.#byKey.keys()].sort();
    for (const key of keys) this.#byKey.get(key)!.print(sink);
  }

  *samples(): Generator<Sample> {
    for (const [key, instrument] of this.#byKey) yield* instrument.samples([["key", key]]);
  }

  keepRecent(): void {
    this.#keepsRecent = true;
    for (const instrument of this.#byKey.values()) instrument.keepRecent();
  }

  rotate(): void {
    for (const instrument of this.#byKey.values()) instrument.rotate();
  }
}
