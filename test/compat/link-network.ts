// A network of its own for the members of an ensemble: each in a network namespace, all on one bridge, so that links can be
// black-holed as on real machines: nothing is refused and nothing reset, packets just do not arrive. Needs root and iproute2.
//
// Test files run side by side: two bridges with one subnet would be one network to who calls from this machine. So each takes
// a subnet of its own, by the bridge that has its number, of which there can be but one.

import { execFileSync } from "node:child_process";

/** The second half of 10.231.0.0/16. */
const SUBNETS = { first: 128, count: 100 };
const NOWHERE = "02:00:00:00:00:01";

export class LinkNetwork {
  readonly #number: number;
  readonly #sids: readonly number[];

  constructor(sids: readonly number[]) {
    this.#sids = sids;
    this.#number = takeSubnet();
    try {
      ip("address", "add", this.#addressOf(254), "dev", this.#bridge);
      ip("link", "set", this.#bridge, "up");
      for (const sid of sids) this.#addMember(sid);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  get #bridge(): string {
    return bridgeOf(this.#number);
  }

  hostOf(sid: number): string {
    return `10.231.${this.#number}.${sid}`;
  }

  /** What a member's process is run under. */
  under(sid: number): readonly string[] {
    return ["ip", "netns", "exec", this.#space(sid)];
  }

  /** Nothing reaches it, and nothing that it sends reaches anybody. */
  cutOff(sid: number): void {
    ip("link", "set", this.#link(sid), "nomaster");
  }

  /** What it sends reaches nobody; it hears all the others. */
  muffle(sid: number): void {
    for (const host of this.#hostsBut(sid)) {
      const way = ["to", host, "lladdr", NOWHERE, "nud", "permanent", "dev", "eth0"];
      ip("-n", this.#space(sid), "neighbour", "replace", ...way);
    }
  }

  /** These two do not reach each other; everybody else reaches both. */
  separate(a: number, b: number): void {
    for (const sid of [a, b]) bridge("link", "set", "dev", this.#link(sid), "isolated", "on");
  }

  heal(sid: number): void {
    ip("link", "set", this.#link(sid), "master", this.#bridge);
    bridge("link", "set", "dev", this.#link(sid), "isolated", "off");
    ip("-n", this.#space(sid), "neighbour", "flush", "dev", "eth0", "nud", "permanent");
  }

  discard(): void {
    for (const sid of this.#sids) quietly(() => ip("netns", "delete", this.#space(sid)));
    for (const sid of this.#sids) quietly(() => ip("link", "delete", this.#link(sid)));
    quietly(() => ip("link", "delete", this.#bridge));
  }

  #addMember(sid: number): void {
    const space = this.#space(sid);
    ip("netns", "add", space);
    ip("link", "add", this.#link(sid), "type", "veth", "peer", "name", "eth0", "netns", space);
    ip("link", "set", this.#link(sid), "master", this.#bridge, "up");
    ip("-n", space, "address", "add", this.#addressOf(sid), "dev", "eth0");
    ip("-n", space, "link", "set", "eth0", "up");
    ip("-n", space, "link", "set", "lo", "up");
  }

  #addressOf(sid: number): string {
    return `${this.hostOf(sid)}/24`;
  }

  #hostsBut(sid: number): string[] {
    return [...this.#sids, 254].filter((other) => other !== sid).map((other) => this.hostOf(other));
  }

  #space(sid: number): string {
    return `zooid-${this.#number}-${sid}`;
  }

  #link(sid: number): string {
    return `zv${this.#number}-${sid}`;
  }
}

const bridgeOf = (number: number) => `zb${number}`;

/** Adds the first bridge that is not there yet. */
function takeSubnet(): number {
  let problem: unknown;
  for (let number = SUBNETS.first; number < SUBNETS.first + SUBNETS.count; number++) {
    try {
      ip("link", "add", bridgeOf(number), "type", "bridge");
      return number;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}

function bridge(...args: string[]): void {
  execFileSync("bridge", args, { stdio: "pipe" });
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}
