// The text in quota nodes: `count=4,bytes=50`, with hard limits after a strange `=;` that keeps parsers of ZooKeeper 3.4
// happy: `count=-1,bytes=-1=;byteHardLimit=1000;countHardLimit=5`. Java: StatsTrack.
//
// Clients write these nodes, so anything may stand there. Java's server thread dies of what it cannot parse; here a pair
// that makes no sense is as if it were not there.

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;
const SEPARATORS = /[,;]+/;
const LONG = /^[+-]?[0-9]{1,64}$/;

export class StatsTrack {
  readonly #values = new Map<string, bigint>();

  constructor(text: string | Uint8Array | null = null) {
    if (text === null) return;
    if (typeof text !== "string") text = Buffer.from(text).toString("utf8");
    for (const pair of text.split(SEPARATORS)) {
      const [key, value] = pair.split("=");
      if (key === undefined || value === undefined) continue;
      const number = value === "" ? -1n : parseLong(value);
      if (number !== undefined) this.#values.set(key, number);
    }
  }

  /** -1 for no limit, and so on below. */
  get count(): number {
    return this.#get("count");
  }

  set count(value: number) {
    this.#values.set("count", BigInt(value));
  }

  get bytes(): number {
    return this.#get("bytes");
  }

  set bytes(value: number) {
    this.#values.set("bytes", BigInt(value));
  }

  get countHardLimit(): number {
    return this.#get("countHardLimit");
  }

  set countHardLimit(value: number) {
    this.#values.set("countHardLimit", BigInt(value));
  }

  get byteHardLimit(): number {
    return this.#get("byteHardLimit");
  }

  set byteHardLimit(value: number) {
    this.#values.set("byteHardLimit", BigInt(value));
  }

  toString(): string {
    let text = `count=${this.#values.get("count") ?? -1n},bytes=${this.#values.get("bytes") ?? -1n}`;
    const others = [...this.#values.keys()].filter((key) => key !== "count" && key !== "bytes");
    if (others.length > 0) text += "=";
    for (const key of others.sort()) text += `;${key}=${this.#values.get(key)}`;
    return text;
  }

  toBytes(): Buffer {
    return Buffer.from(this.toString(), "utf8");
  }

  #get(key: string): number {
    return Number(this.#values.get(key) ?? -1n);
  }
}

function parseLong(text: string): bigint | undefined {
  if (!LONG.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value >= LONG_MIN && value <= LONG_MAX ? value : undefined;
}
