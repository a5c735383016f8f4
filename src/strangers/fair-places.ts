// Places for those who have not said who they are: so many, and when all are taken, whoever comes next gets the one that has
// been held longest by the address that holds most.
//
// Turning away the newcomer would let a crowd of silent connections keep everybody out for as long as each of them may be
// silent. This way the crowd makes room for others, and one that comes from everywhere must come anew as fast as the honest
// introduce themselves, which takes milliseconds. Java has nothing of the kind: each connection has a thread.
//
// Invariant: each in a place was taken in and has neither left nor been sent away.

export class FairPlaces<One> {
  readonly #most: number;
  readonly #sendAway: (one: One) => void;
  /** In the order of coming. */
  readonly #addresses = new Map<One, string>();
  readonly #counts = new Map<string, number>();

  /** `sendAway` is called when `one` has lost its place already. */
  constructor(most: number, sendAway: (one: One) => void) {
    this.#most = most;
    this.#sendAway = sendAway;
  }

  get size(): number {
    return this.#addresses.size;
  }

  take(one: One, address: string): void {
    if (this.#addresses.size >= this.#most) this.#makeRoom();
    this.#addresses.set(one, address);
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
  }

  /** Harmless for whoever has no place. */
  leave(one: One): void {
    const address = this.#addresses.get(one);
    if (address === undefined) return;
    this.#addresses.delete(one);
    const left = (this.#counts.get(address) ?? 0) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }

  /** All lose their places. */
  clear(): void {
    const all = [...this.#addresses.keys()];
    this.#addresses.clear();
    this.#counts.clear();
    for (const one of all) this.#sendAway(one);
  }

  #makeRoom(): void {
    const most = Math.max(...this.#counts.values());
    for (const [one, address] of this.#addresses) {
      if (this.#counts.get(address) !== most) continue;
      this.leave(one);
      this.#sendAway(one);
      return;
    }
  }
}
