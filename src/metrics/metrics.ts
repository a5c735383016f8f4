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
  type GAUGE_SETS,
  GAUGES,
  LEADER_GAUGES,
  PERCENTILE_SUMMARIES,
  PERCENTILE_SUMMARY_SETS,
  SUMMARIES,
  SUMMARY_SETS,
} from "./names.js";

export type GaugeName = (typeof GAUGES)[number] | (typeof LEADER_GAUGES)[number];
export type GaugeSetName = (typeof GAUGE_SETS)[number];

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
  readonly #gauges = new Map<GaugeName, GaugeValue>();
  readonly #gaugeSets = new Map<GaugeSetName, GaugeSetValues>();

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

  /** `srst`, as far as metrics go: all but the gauges, which have nothing to forget. */
  reset(): void {
    for (const kind of this.#instruments()) {
      for (const instrument of kind) instrument.reset();
    }
  }

  /** Everything, in Java's order. */
  print(sink: MetricSink): void {
    for (const name of GAUGES) this.#printGauge(name, sink);
    for (const name of LEADER_GAUGES) this.#printGauge(name, sink);
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

  /** Kind by kind, in Java's order. */
  #instruments(): { reset(): void; print(sink: MetricSink): void }[][] {
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
