// Large requests under way on one connection, for largeRequestThreshold and largeRequestMaxBytes. Java: isLargeRequest,
// checkRequestSizeWhenMessageReceived and requestFinished of ZooKeeperServer.
//
// Their bytes are counted over all connections until they are answered. Requests of a connection are answered in the order
// in which they came, so it is enough to remember at which place a large one stands.

import { ProtocolError } from "../errors.js";
import type { DoorContext } from "./door-context.js";

export class LargeRequests {
  readonly #door: DoorContext;
  #added = 0;
  #answered = 0;
  /** Place and size, oldest first. */
  readonly #underWay: { readonly place: number; readonly bytes: number }[] = [];

  constructor(door: DoorContext) {
    this.#door = door;
  }

  /** Every request that goes to the server. Throws when it is large and there is no room for it. */
  add(bytes: number): void {
    const place = this.#added++;
    const { largeRequestThresholdBytes, largeRequestMaxBytes } = this.#door.settings;
    if (bytes <= largeRequestThresholdBytes) return;
    if (this.#door.largeRequestBytes + bytes > largeRequestMaxBytes) {
      this.#door.counters.largeRequestsRejected.add(1);
      throw new ProtocolError("Rejecting large request");
    }
    this.#door.largeRequestBytes += bytes;
    this.#underWay.push({ place, bytes });
  }

  /** The oldest one that was not. */
  answered(): void {
    const place = this.#answered++;
    if (this.#underWay[0]?.place !== place) return;
    this.#door.largeRequestBytes -= this.#underWay.shift()!.bytes;
  }

  /** The connection is gone. */
  forget(): void {
    for (const { bytes } of this.#underWay) this.#door.largeRequestBytes -= bytes;
    this.#underWay.length = 0;
  }
}
