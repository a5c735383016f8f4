// All metrics of one server: the instruments by name, and the printing of all of them in Java's order.
//
// Java: ServerMetrics (which names there are) and DefaultMetricsProvider (how they are kept and printed). One object per
// server, handed to whoever measures; nothing here is global, so that a simulation of five servers has five.
//
//   const commits = metrics.counters.commit_count;      once, kept in a field
//   commits.add(1);                                     per event
//   metrics.gauge("znode_count", () => tree.nodeCount); once
//
// To add a metric: its name into its list in names.ts, where Java would print it.

import { METRIC_KEYS_MAX } from "../limits.js";
import { type Family, type Labels, type Sample, sampleKey } from "./exposition.js";
import { Histogram } from "./histogram.js";
import {
  Counter,
  InstrumentSet,
  javaDouble,
  type MetricSink,
  PercentileSummary,
  Summary,
} from "./instruments.js";
import {
  COUNTER_SETS,
  COUNTERS,
  DOUBLE_GAUGES,
  GAUGE_SETS,
  GAUGES,
  PERCENTILE_SUMMARIES,
  PERCENTILE_SUMMARY_SETS,
  SUMMARIES,
  SUMMARY_SETS,
} from "./names.js";

export type GaugeName = (typeof GAUGES)[number];
export type GaugeSetName = (typeof GAUGE_SETS)[number];

/** How they are told. Java: metricsProvider.className. */
export type MetricsProvider = "default" | "prometheus" | "null";

/** Undefined where the system does not tell: the line is then left out. */
type GaugeValue = () => number | undefined;
type GaugeSetValues = () => Iterable<readonly [key: string, value: number]>;

function byName<const Name extends string, T>(
  names: readonly Name[],
  make: (name: Name) => T,
): { readonly [N in Name]: T } {
  const all = {} as { [N in Name]: T };
  for (const name of names) all[name] = make(name);
  return all;
}

export class Metrics {
  readonly provider: MetricsProvider;
  readonly counters = byName(COUNTERS, (name) => new Counter(name));
  readonly summaries = byName(SUMMARIES, (name) => new Summary(name));
  readonly percentiles = byName(PERCENTILE_SUMMARIES, (name) => new PercentileSummary(name));
  readonly counterSets = byName(
    COUNTER_SETS,
    (name) => new InstrumentSet(name, METRIC_KEYS_MAX, (key) => new Counter(key)),
  );
  readonly summarySets = byName(
    SUMMARY_SETS,
    (name) => new InstrumentSet(name, METRIC_KEYS_MAX, (key) => new Summary(key)),
  );
  readonly percentileSets = byName(
    PERCENTILE_SUMMARY_SETS,
    (name) => new InstrumentSet(name, METRIC_KEYS_MAX, (key) => new PercentileSummary(key)),
  );
  /** For the page of the HTTP commands; under no name of Java's. */
  readonly durations = {
    reads: new Histogram(),
    updates: new Histogram(),
    logSyncs: new Histogram(),
  } as const;
  readonly #gauges = new Map<GaugeName, GaugeValue>();
  readonly #gaugeSets = new Map<GaugeSetName, GaugeSetValues>();
  readonly #furtherFamilies: (() => Iterable<Family>)[] = [];

  constructor(provider: MetricsProvider = "default") {
    this.provider = provider;
    if (provider !== "prometheus") return;
    for (const kind of this.#instruments()) for (const one of kind) one.keepRecent();
  }

  gauge(name: GaugeName, value: GaugeValue): void {
    this.#gauges.set(name, value);
  }

  /** For gauges that exist only in one role: a leader's, when it stops leading. */
  removeGauge(name: GaugeName): void {
    this.#gauges.delete(name);
  }

  gaugeSet(name: GaugeSetName, values: GaugeSetValues): void {
    this.#gaugeSets.set(name, values);
  }

  /** What one gauge would print now; undefined when nobody has said how to get it. */
  gaugeValue(name: GaugeName): number | undefined {
    return this.#gauges.get(name)?.();
  }

  /** Metrics of Prometheus' alone: the process's. */
  addFamilies(families: () => Iterable<Family>): void {
    this.#furtherFamilies.push(families);
  }

  /**
   * `srst`, as far as metrics go: all but the gauges, which have nothing to forget. What Prometheus collects only grows:
   * nothing of it is forgotten, in Java neither.
   */
  reset(): void {
    if (this.provider === "prometheus") return;
    for (const kind of this.#instruments()) {
      for (const instrument of kind) instrument.reset();
    }
  }

  /** Everything, in Java's order. */
  print(sink: MetricSink): void {
    if (this.provider === "null") return;
    if (this.provider === "prometheus") {
      for (const family of this.families()) {
        for (const sample of family.samples)
          sink(sampleKey(family, sample), javaDouble(sample.value));
      }
      return;
    }
    for (const name of GAUGES) this.#printGauge(name, sink);
    for (const [name, values] of this.#gaugeSets) {
      for (const [key, value] of values()) sink(`${key}_${name}`, String(value));
    }
    for (const kind of this.#instruments()) {
      for (const instrument of kind) instrument.print(sink);
    }
  }

  #printGauge(name: GaugeName, sink: MetricSink): void {
    const value = this.gaugeValue(name);
    if (value === undefined) return;
    const isDouble = (DOUBLE_GAUGES as readonly string[]).includes(name);
    sink(name, isDouble ? javaDouble(value) : String(value));
  }

  /** Everything, as Prometheus wants it; quantiles only with that provider. */
  *families(): Generator<Family> {
    for (const name of GAUGES) {
      const value = this.gaugeValue(name);
      if (value !== undefined) {
        yield family(name, "gauge", [{ suffix: "", labels: NO_LABELS, value }]);
      }
    }
    for (const name of GAUGE_SETS) {
      const samples = Array.from(
        this.#gaugeSets.get(name)?.() ?? [],
        ([key, value]): Sample => ({ suffix: "", labels: [["key", key]], value }),
      );
      yield family(name, "gauge", samples);
    }
    yield* each(this.counters, "counter");
    yield* each(this.counterSets, "counter");
    yield* each(this.summaries, "summary");
    yield* each(this.percentiles, "summary");
    yield* each(this.summarySets, "summary");
    yield* each(this.percentileSets, "summary");
    for (const further of this.#furtherFamilies) yield* further();
  }

  /** Quantiles are of the time since the last rotation, and of the interval before it. */
  rotate(): void {
    for (const kind of this.#instruments()) for (const one of kind) one.rotate();
  }

  /** Kind by kind, in Java's order. */
  #instruments(): {
    reset(): void;
    print(sink: MetricSink): void;
    keepRecent(): void;
    rotate(): void;
  }[][] {
    return [
      Object.values(this.counters),
      Object.values(this.counterSets),
      Object.values(this.summaries),
      Object.values(this.percentiles),
      Object.values(this.summarySets),
      Object.values(this.percentileSets),
    ];
  }
}

const NO_LABELS: Labels = [];

function family(name: string, type: Family["type"], samples: Iterable<Sample>): Family {
  return { name, help: name, type, samples };
}

function* each(
  instruments: Readonly<Record<string, { samples(labels: Labels): Iterable<Sample> }>>,
  type: Family["type"],
): Generator<Family> {
  for (const [name, one] of Object.entries(instruments)) {
    yield family(name, type, one.samples(NO_LABELS));
  }
}
