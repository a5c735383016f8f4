// The last record of each path that changes: a hash table whose chains go through the records themselves.
//
// A Map would do, but for the garbage collector. Where what is put in is soon taken out again, a Map gets itself a new table every
// few hundred changes; the old one knows the new one, and as soon as one of them has become old for the collector, so does
// every later one, with all that it had: records, strings, a tenth of what sets allocate. The whole heap was marked once a
// second for that, and requests waited up to ten milliseconds. Here nothing is allocated for a change.
//
// Strangers name the paths, so their hashes come from secret numbers (tree/path-key.ts): they are the tree's own, which is asked
// about the same paths.

import { mixed, type PathKey } from "../tree/path-key.js";
import type { ChangeRecord } from "./pending-tree.js";

const INITIAL_PLACES = 64;
/** More than these, which a burst had need of, are given back when the last record goes. */
const KEPT_PLACES = 4096;

export class LastRecords {
  #size = 0;
  /** By the last bits of the hash, the first record of each chain. */
  #places: (ChangeRecord | undefined)[] = emptyPlaces(INITIAL_PLACES);
  readonly #key: PathKey;

  /** `key` may be set by others in between. */
  constructor(key: PathKey) {
    this.#key = key;
  }

  get size(): number {
    return this.#size;
  }

  get(path: string): ChangeRecord | undefined {
    return this.#size === 0 ? undefined : this.#find(path, this.#hashOf(path));
  }

  /** In place of the one that was there for this path. */
  put(record: ChangeRecord): void {
    record.pathHash = this.#hashOf(record.path);
    const before = this.#find(record.path, record.pathHash);
    if (before !== undefined) this.delete(before);
    else if (this.#size >= this.#places.length) this.#grow();
    this.#add(record);
    this.#size++;
  }

  /** Does nothing where it is not there. */
  delete(record: ChangeRecord): void {
    const places = this.#places;
    const place = record.pathHash & (places.length - 1);
    let previous: ChangeRecord | undefined;
    let found = places[place];
    while (found !== undefined && found !== record) {
      previous = found;
      found = found.nextInPlace;
    }
    if (found === undefined) return;
    if (previous === undefined) places[place] = record.nextInPlace;
    else previous.nextInPlace = record.nextInPlace;
    record.nextInPlace = undefined;
    if (--this.#size === 0 && places.length > KEPT_PLACES) this.clear();
  }

  clear(): void {
    this.#places = emptyPlaces(INITIAL_PLACES);
    this.#size = 0;
  }

  #find(path: string, hash: number): ChangeRecord | undefined {
    const places = this.#places;
    let record = places[hash & (places.length - 1)];
    while (record !== undefined && (record.pathHash !== hash || record.path !== path)) {
      record = record.nextInPlace;
    }
    return record;
  }

  #add(record: ChangeRecord): void {
    const places = this.#places;
    const place = record.pathHash & (places.length - 1);
    record.nextInPlace = places[place];
    places[place] = record;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = emptyPlaces(2 * old.length);
    for (let record of old) {
      while (record !== undefined) {
        const next: ChangeRecord | undefined = record.nextInPlace;
        this.#add(record);
        record = next;
      }
    }
  }

  #hashOf(path: string): number {
    this.#key.set(path);
    return mixed(this.#key.hash);
  }
}

function emptyPlaces(count: number): (ChangeRecord | undefined)[] {
  return new Array<ChangeRecord | undefined>(count).fill(undefined);
}
