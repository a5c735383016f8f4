// Path → Znode, in the order in which paths came, for more of them than a Map of the engine can hold (16.7 million).
//
// Maps in a row: a new path goes into the last one, and when that is full another follows. Nearly always there is one.

import type { Znode } from "./znode.js";

/** Half of what the engine allows: growing beyond would stall everybody for a second. */
const MAP_PATHS_MAX = 2 ** 23;

export class PathMap {
  readonly #mapPathsMax: number;
  readonly #full: Map<string, Znode>[] = [];
  #last = new Map<string, Znode>();
  #fullSize = 0;

  /** `mapPathsMax` is there to be tested. */
  constructor(mapPathsMax = MAP_PATHS_MAX) {
    this.#mapPathsMax = mapPathsMax;
  }

  get size(): number {
    return this.#fullSize + this.#last.size;
  }

  get(path: string): Znode | undefined {
    const node = this.#last.get(path);
    if (node !== undefined || this.#full.length === 0) return node;
    for (const map of this.#full) {
      const found = map.get(path);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** False, and nothing has changed but that path's node: it is there already. One look at the map, not two. */
  add(path: string, node: Znode): boolean {
    if (this.#last.size >= this.#mapPathsMax) {
      this.#full.push(this.#last);
      this.#fullSize += this.#last.size;
      this.#last = new Map();
    }
    const { size } = this.#last;
    this.#last.set(path, node);
    if (this.#last.size === size) return false;
    return this.#full.length === 0 || !this.#full.some((map) => map.has(path));
  }

  delete(path: string): void {
    if (this.#last.delete(path)) return;
    for (const map of this.#full) {
      if (map.delete(path)) {
        this.#fullSize--;
        return;
      }
    }
  }

  /** In the order of adding. What is added or deleted meanwhile is seen or not seen accordingly. */
  *entries(): IterableIterator<[string, Znode]> {
    for (let i = 0; ; i++) {
      // What is the last map now may be a full one when the walk has come to its end.
      const map = this.#full[i] ?? this.#last;
      yield* map;
      if (map === this.#last) return;
    }
  }
}
