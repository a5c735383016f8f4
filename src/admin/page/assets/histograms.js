// From totals to what happened in between.

const DURATIONS = ["reads", "updates", "logSyncs", "loopLag"];

/** Undefined where the second is not a later answer of the same server: it has started anew. */
export function addInterval(earlier, later) {
  const seconds = (later.atMs - earlier.atMs) / 1000;
  if (!(seconds > 0) || later.packetsReceived < 0) return undefined;
  const interval = { seconds, queues: later.queues };
  for (const name of DURATIONS) {
    const difference = subtract(earlier[name], later[name]);
    if (difference === undefined) return undefined;
    interval[name] = difference;
  }
  return interval;
}

function subtract(earlier, later) {
  const before = new Map(earlier.buckets);
  const buckets = [];
  let total = 0;
  for (const [fromMs, count] of later.buckets) {
    const added = count - (before.get(fromMs) ?? 0);
    if (added < 0) return undefined;
    before.delete(fromMs);
    if (added > 0) buckets.push([fromMs, added]);
    total += added;
  }
  // A bucket that has emptied: totals do not do that.
  if (before.size > 0) return undefined;
  return { buckets, count: total, sumMs: later.sumMs - earlier.sumMs };
}

export function averageOf({ count, sumMs }) {
  return count === 0 ? Number.NaN : sumMs / count;
}

/** The nearest rank; buckets come in ascending order. */
export function percentileOf({ count, buckets }, fraction) {
  if (count === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(count * fraction));
  let seen = 0;
  for (const [fromMs, added] of buckets) {
    seen += added;
    if (seen >= rank) return fromMs;
  }
  return Number.NaN;
}
