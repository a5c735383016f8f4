// What belongs to a type of request or txn, found by its number without a Map: each request asks half a dozen times.

import { OpCode } from "./op-codes.js";

const LEAST: number = OpCode.closeSession;
const MOST: number = OpCode.whoAmI;

export class TypeTable<Entry> {
  /** From LEAST on. */
  readonly #entries: (Entry | undefined)[] = new Array(MOST - LEAST + 1).fill(undefined);

  constructor(entries: Iterable<readonly [type: number, entry: Entry]>) {
    for (const [type, entry] of entries) this.#entries[type - LEAST] = entry;
  }

  /** Undefined for a type that has none, whatever number it is. */
  get(type: number): Entry | undefined {
    return type >= LEAST && type <= MOST ? this.#entries[type - LEAST] : undefined;
  }
}
