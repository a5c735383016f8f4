// What the four-letter words may look at. The door is one; a test may be another.

import type { Metrics } from "../../metrics/metrics.js";
import type { DoorClient, DoorContext } from "../door-context.js";

export interface WordContext
  extends Pick<DoorContext, "platform" | "port" | "stats" | "inProcess" | "logs" | "enabledWords"> {
  readonly metrics: Metrics;
  /** `stmk` sets it, `gtmk` prints it. */
  traceMask: bigint;
  readonly connectionCount: number;
  connections(): Iterable<DoorClient>;
  /** Connections by the time at which they expire, on the monotonic clock. */
  idleBuckets(): readonly { readonly expiresMs: number; readonly elements: Iterable<DoorClient> }[];
  resetStats(): void;
}
