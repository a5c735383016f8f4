// How much may come before the engine looks through its whole heap again.
//
// The engine counts array buffers as if they were in the heap, and lets a heap grow by a factor. Ours is small, ten or twenty
// megabytes, because znodes are in slabs outside it (tree/slab.ts), but those are array buffers: while znodes were made at full speed
// every six megabytes of them had the whole heap marked, four times a second, a fifth of all CPU. So the factor is such that a
// small heap may grow by a fixed amount, as much as the engine itself allows for array buffers alone. What a larger heap may do
// (sessions, watches) is the engine's choice.
//
// `--heap-growing-percent` is looked at when a limit is made, after a collection of the whole heap: it may change at any time. But node's
// own modules, compiled in advance, are compiled anew where flags differ: nobody should want it before the start is over.
//
// With much in slabs a small heap is looked through at once: otherwise the limit that was made while they were filled would have it done
// in the first seconds of load, for some 7 ms in which the engine's threads have the processors that clients wait for.

import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8: kExternalAllocationSoftLimit. */
const GROWTH_BYTES = 64 * 1024 * 1024;
const PERCENT_MAX = 500;
/** Where the engine's own factor is as large. */
const PERCENT_MIN = 100;
const LOOK_EVERY_MS = 1000;

/** 0: the engine chooses. */
export function growingPercent(oldBytes: number): number {
  const percent = Math.floor((100 * GROWTH_BYTES) / Math.max(1, oldBytes));
  return percent < PERCENT_MIN ? 0 : Math.min(percent, PERCENT_MAX);
}

/** From now on, for the whole process. */
export function letHeapGrow(): void {
  let last = 0;
  const look = () => {
    const percent = growingPercent(oldBytes());
    if (percent === last) return;
    last = percent;
    setFlagsFromString(`--heap-growing-percent=${percent}`);
  };
  look();
  // All that the engine counts; `arrayBuffers` leaves out what another thread has made. To look through a large heap at once would
  // stop a server that serves by now for longer than the engine does.
  if (last > 0 && process.memoryUsage().external >= GROWTH_BYTES) collect();
  setInterval(look, LOOK_EVERY_MS).unref();
}

function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  gc();
}

/** What has survived, or is too large to be young. */
function oldBytes(): number {
  let bytes = 0;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (!space_name.startsWith("new_")) bytes += space_used_size;
  }
  return bytes;
}
