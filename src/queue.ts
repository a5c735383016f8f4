// First in, first out, for what is always on its way: proposals, changes, requests that wait.
//
// A ring in one array. A place that was taken is cleared at once, and nothing is ever cut off or copied but when the ring
// grows. This matters more than it seems to: under steady load these queues are never empty, and an array that is only cut
// when it is would keep everything that ever went through it.

/** With the first item: most connections never have one that waits. */
const INITIAL_PLACES = 16;
/** A ring that a burst made larger than this is given back when it is empty. */
const KEPT_PLACES = 4096;

/** Of one kind with arrays of objects to the engine, whose code for the one would not do for the other. */
const NO_PLACES: undefined[] = [undefined];
NO_PLACES.pop();

export class Queue<Item> {
  #places: (Item | undefined)[] = NO_PLACES;
  /** Of the oldest item. */
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The oldest item. */
  get first(): Item | undefined {
    return this.#places[this.#head];
  }

  /** The newest item. */
  get last(): Item | undefined {
    return this.#length === 0 ? undefined : this.#places[this.#at(this.#length - 1)];
  }

  push(item: Item): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[this.#at(this.#length)] = item;
    this.#length++;
  }

  /** Takes the oldest item out. */
  take(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#places[this.#head];
    this.#places[this.#head] = undefined;
    this.#head = this.#at(1);
    if (--this.#length === 0 && this.#places.length > KEPT_PLACES) this.clear();
    return item;
  }

  /** Takes the newest item out. */
  takeLast(): Item | undefined {
    if (this.#length === 0) return undefined;
    const at = this.#at(--this.#length);
    const item = this.#places[at];
    this.#places[at] = undefined;
    return item;
  }

  clear(): void {
    this.#places = NO_PLACES;
    this.#head = 0;
    this.#length = 0;
  }

  /** Oldest first. */
  toArray(): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < this.#length; i++) items.push(this.#places[this.#at(i)] as Item);
    return items;
  }

  /** Where the item that has `index` others before it is: the number of places is a power of two. */
  #at(index: number): number {
    return (this.#head + index) & (this.#places.length - 1);
  }

  #grow(): void {
    const items = this.toArray();
    const added = Math.max(items.length, INITIAL_PLACES);
    this.#places = items.concat(new Array(added).fill(undefined));
    this.#head = 0;
  }
}
