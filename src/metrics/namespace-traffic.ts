// Bytes read and written by namespace: the first part of the path. Java: DataTree.updateReadStat and updateWriteStat.
//
// Counted for every read, so the namespace is not cut out of the path each time: requests come in runs of the same one, and
// whether a path is in the last one is seen without making a string.

import type { InstrumentSet, Summary } from "./instruments.js";

const SLASH = 47;
/** What Java counts for the Stat that comes with what is read. */
const STAT_OVERHEAD_BYTES = 6 * 8 + 5 * 4;

export class NamespaceTraffic {
  readonly #set: InstrumentSet<Summary>;
  readonly #overheadBytes: number;
  /** With the slash before it. */
  #last = "/";
  #lastSummary: Summary | undefined;

  /** For `read_per_namespace` or `write_per_namespace`. */
  constructor(set: InstrumentSet<Summary>, kind: "read" | "write") {
    this.#set = set;
    this.#overheadBytes = kind === "read" ? STAT_OVERHEAD_BYTES : 0;
  }

  /** `bytes` without the path: the data, or the names of the children. The root is in no namespace. */
  add(path: string, bytes: number): void {
    if (!this.#isInLast(path)) {
      const end = path.indexOf("/", 1);
      const prefix = end === -1 ? path : path.slice(0, end);
      if (prefix.length < 2) return;
      this.#last = prefix;
      this.#lastSummary = this.#set.of(prefix.slice(1));
    }
    this.#lastSummary?.add(path.length + bytes + this.#overheadBytes);
  }

  #isInLast(path: string): boolean {
    const length = this.#last.length;
    if (length < 2 || !path.startsWith(this.#last)) return false;
    return path.length === length || path.charCodeAt(length) === SLASH;
  }
}
