// Which server an observer connects to, where followers serve observers (observerMasterPort on every server). Java:
// QuorumPeer.updateObserverMasterList, nextObserverMaster.
//
// The followers, each once, in an order that each observer draws for itself; then the leader, who may be the only one there
// is, at its quorum port. Java tries the leader's observerMasterPort, where nobody listens, in its turn. Whoever did not take us
// before we were served counts as untried afterwards: it was not up yet, perhaps, and the leader is to be spared.

import type { HostPort, ServerSpec } from "../config/server-spec.js";
import type { Random } from "../platform/platform.js";
import type { Sid } from "../wire/ids.js";

export interface ObserverMasterAddress {
  readonly sid: Sid;
  readonly addresses: readonly HostPort[];
}

export class ObserverMasters {
  readonly #random: Random;
  readonly #port: number;
  readonly #tried = new Set<Sid>();

  constructor(random: Random, port: number) {
    this.#random = random;
    this.#port = port;
  }

  /** We are served by this one: when it is gone, all others are tried before it. */
  served(sid: Sid): void {
    this.#tried.clear();
    this.#tried.add(sid);
  }

  /** Undefined: the leader's turn. */
  next(voters: readonly ServerSpec[], leader: Sid): ObserverMasterAddress | undefined {
    const untried = voters.filter(({ sid }) => sid !== leader && !this.#tried.has(sid));
    if (untried.length === 0) {
      this.#tried.clear();
      return undefined;
    }
    const { sid, addresses } = untried[this.#random.integer(untried.length)]!;
    this.#tried.add(sid);
    return { sid, addresses: addresses.map(({ host }) => ({ host, port: this.#port })) };
  }
}
