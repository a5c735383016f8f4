// From the hash of a path to the nodes that have it: a hash table that grows without stopping the world.
//
// It is made of small tables (segments), each for the hashes that begin with certain bits; the directory says which. A segment
// that is full becomes two, one bit further on, which takes some twenty microseconds however large the whole is; two that
// are nearly empty become one again. (This is called extendible hashing.) In a segment, a node is at the slot that the
// last bits say, or in one of the next ones; slots are pairs of hash and node. The only segment of a small tree has few slots
// and doubles them until it has all.
//
// What is looked for again and again is found before that (recent-nodes.ts).

import { NONE } from "./none.js";
import { RecentNodes } from "./recent-nodes.js";

const FIRST_SLOTS = 64;
const SLOTS = 4096;
const FULL = 0.75;
/** How full segments should be on the average when many have come: few of them are FULL then. */
const ROOMY = 0.7;
const SPARSE = SLOTS * 0.25;

class Segment {
  slots: Int32Array;
  /** Of places in `slots`. */
  mask: number;
  /** With so many it becomes larger, or two. */
  full: number;
  count = 0;
  /** How many first bits of the hash all that is here has in common. */
  readonly depth: number;

  constructor(depth: number, slots = SLOTS) {
    this.depth = depth;
    this.slots = new Int32Array(2 * slots);
    this.mask = 2 * slots - 1;
    this.full = slots * FULL;
  }

  /** False: it has all that a segment may have. */
  grow(): boolean {
    const { slots } = this;
    if (slots.length === 2 * SLOTS) return false;
    this.slots = new Int32Array(2 * slots.length);
    this.mask = this.slots.length - 1;
    this.full *= 2;
    this.count = 0;
    this.addAll(slots);
    return true;
  }

  add(hash: number, id: number): void {
    const { slots, mask } = this;
    let at = (hash << 1) & mask;
    while (slots[at + 1] !== NONE) at = (at + 2) & mask;
    this.put(at, hash, id);
  }

  put(at: number, hash: number, id: number): void {
    this.slots[at] = hash;
    this.slots[at + 1] = id;
    this.count++;
  }

  addAll(slots: Int32Array): void {
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at + 1] !== NONE) this.add(slots[at]!, slots[at + 1]!);
    }
  }

  place(hash: number, id: number): number {
    const { slots, mask } = this;
    let at = (hash << 1) & mask;
    while (slots[at + 1] !== id) {
      if (slots[at + 1] === NONE) return -1;
      at = (at + 2) & mask;
    }
    return at;
  }

  /** What follows moves up where it would otherwise no longer be found. */
  clear(at: number): void {
    const { slots, mask } = this;
    for (let next = (at + 2) & mask; slots[next + 1] !== NONE; next = (next + 2) & mask) {
      const wanted = (slots[next]! << 1) & mask;
      if (((next - wanted) & mask) < ((next - at) & mask)) continue;
      slots[at] = slots[next]!;
      slots[at + 1] = slots[next + 1]!;
      at = next;
    }
    slots[at + 1] = NONE;
    this.count--;
  }
}

export class ZnodeIndex {
  /** By the first `#depth` bits of the hash. */
  #directory: Segment[];
  #depth = 0;
  #size = 0;
  readonly #recent = new RecentNodes();
  // What `first` and `next` are looking for, where, and whether all has been seen: then what is added next has its place there.
  #hash = 0;
  #segment: Segment;
  #at = 0;
  #isAtEnd = false;
  /** What was found has been found before, and the search not begun. */
  #isRecent = false;

  constructor() {
    const all = new Segment(0, FIRST_SLOTS);
    this.#directory = [all];
    this.#segment = all;
  }

  get size(): number {
    return this.#size;
  }

  /** How many segments there are. */
  get segmentCount(): number {
    return new Set(this.#directory).size;
  }

  /** What stands where the search for this hash begins: by then it is in the processor's cache. */
  peek(hash: number): number {
    const { slots, mask } = this.#directory[this.#place(hash)]!;
    return slots[(hash << 1) & mask]!;
  }

  /** A node with this hash, or NONE; `next` has the others, and it may have this one again. */
  first(hash: number): number {
    this.#hash = hash;
    const recent = this.#recent.get(hash);
    this.#isRecent = recent !== NONE;
    if (this.#isRecent) {
      this.#isAtEnd = false;
      return recent;
    }
    this.#begin(hash);
    const id = this.#nextInSegment();
    if (id !== NONE) this.#recent.set(hash, id);
    return id;
  }

  next(): number {
    if (this.#isRecent) {
      this.#isRecent = false;
      this.#begin(this.#hash);
    }
    return this.#nextInSegment();
  }

  #begin(hash: number): void {
    const segment = this.#directory[this.#place(hash)]!;
    this.#segment = segment;
    this.#at = (hash << 1) & segment.mask;
  }

  #nextInSegment(): number {
    const { slots, mask } = this.#segment;
    const hash = this.#hash;
    let at = this.#at;
    for (;;) {
      const id = slots[at + 1]!;
      if (id === NONE) break;
      const found = slots[at] === hash;
      at = (at + 2) & mask;
      if (!found) continue;
      this.#at = at;
      this.#isAtEnd = false;
      return id;
    }
    this.#at = at;
    this.#isAtEnd = true;
    return NONE;
  }

  add(hash: number, id: number): void {
    this.#size++;
    if (this.#isAtEnd && this.#hash === hash && this.#segment.count < this.#segment.full) {
      this.#isAtEnd = false;
      this.#segment.put(this.#at, hash, id);
      return;
    }
    this.#isAtEnd = false;
    let segment = this.#directory[this.#place(hash)]!;
    while (segment.count >= segment.full) {
      if (segment.grow()) break;
      this.#split(segment, this.#place(hash));
      segment = this.#directory[this.#place(hash)]!;
    }
    segment.add(hash, id);
  }

  /**
   * Many, as pairs of hash and node. Returns the last that was there already, as `areTwins` says, or NONE; it is there twice
   * then.
   */
  addMany(pairs: Int32Array, areTwins: (id: number, other: number) => boolean): number {
    this.#makeRoom(pairs.length / 2);
    const ordered = this.#inOrder(pairs);
    let twin = NONE;
    for (let at = 0; at < ordered.length; at += 2) {
      const hash = ordered[at]!;
      const id = ordered[at + 1]!;
      for (let other = this.first(hash); other !== NONE; other = this.next()) {
        if (areTwins(id, other)) twin = id;
      }
      this.add(hash, id);
    }
    return twin;
  }

  /** At once what would be split one after the other while so many come. Who has more than that already goes on as ever. */
  #makeRoom(count: number): void {
    if (this.#size > count) return;
    const depth = Math.ceil(Math.log2((this.#size + count) / (SLOTS * ROOMY)));
    if (depth <= this.#depth) return;
    this.#isAtEnd = false;
    const segments = new Set(this.#directory);
    this.#directory = Array.from({ length: 2 ** depth }, () => new Segment(depth));
    this.#depth = depth;
    for (const { slots } of segments) {
      for (let at = 0; at < slots.length; at += 2) {
        const hash = slots[at]!;
        const id = slots[at + 1]!;
        if (id !== NONE) this.#directory[this.#place(hash)]!.add(hash, id);
      }
    }
  }

  /** One segment's after the other's. */
  #inOrder(pairs: Int32Array): Int32Array {
    const next = new Int32Array(this.#directory.length + 1);
    for (let at = 0; at < pairs.length; at += 2) next[this.#place(pairs[at]!) + 1]! += 2;
    for (let place = 1; place < next.length; place++) next[place]! += next[place - 1]!;
    const ordered = new Int32Array(pairs.length);
    for (let at = 0; at < pairs.length; at += 2) {
      const place = this.#place(pairs[at]!);
      ordered[next[place]!] = pairs[at]!;
      ordered[next[place]! + 1] = pairs[at + 1]!;
      next[place]! += 2;
    }
    return ordered;
  }

  delete(hash: number, id: number): void {
    const place = this.#place(hash);
    const segment = this.#directory[place]!;
    const at = segment.place(hash, id);
    if (at < 0) return;
    this.#isAtEnd = false;
    this.#recent.forget(hash, id);
    segment.clear(at);
    this.#size--;
    if (segment.count < SPARSE / 2 && segment.depth > 0) this.#merge(segment, place);
  }

  /** The node has another number from now on. */
  replace(hash: number, id: number, newId: number): void {
    const segment = this.#directory[this.#place(hash)]!;
    this.#recent.forget(hash, id);
    segment.slots[segment.place(hash, id) + 1] = newId;
  }

  #place(hash: number): number {
    // In two steps: a shift by 32 is none.
    return (hash >>> 1) >>> (31 - this.#depth);
  }

  #split(segment: Segment, place: number): void {
    if (segment.depth === this.#depth) {
      this.#directory = this.#directory.flatMap((each) => [each, each]);
      this.#depth++;
      place *= 2;
    }
    const depth = segment.depth + 1;
    const zeros = new Segment(depth);
    const ones = new Segment(depth);
    const { slots } = segment;
    for (let at = 0; at < 2 * SLOTS; at += 2) {
      if (slots[at + 1] === NONE) continue;
      const half = ((slots[at]! >>> (32 - depth)) & 1) === 0 ? zeros : ones;
      half.add(slots[at]!, slots[at + 1]!);
    }
    const span = 1 << (this.#depth - depth);
    const start = place & ~(2 * span - 1);
    this.#directory.fill(zeros, start, start + span);
    this.#directory.fill(ones, start + span, start + 2 * span);
  }

  /** With the one that it was split from, or which was split from it. */
  #merge(segment: Segment, place: number): void {
    const span = 1 << (this.#depth - segment.depth);
    const start = place & ~(2 * span - 1);
    const other = this.#directory[(place & span) === 0 ? start + span : start]!;
    if (other.depth !== segment.depth || other.count + segment.count > SPARSE) return;
    const both = new Segment(segment.depth - 1);
    both.addAll(segment.slots);
    both.addAll(other.slots);
    this.#directory.fill(both, start, start + 2 * span);
  }
}
