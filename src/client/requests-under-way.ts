// What one connection has asked and has not been answered, counted in the three ways that limits go by.
//
//   outstanding   requests with a positive xid: by these Java decides whether a connection waits (globalOutstandingLimit)
//   in process    requests that the server has
//   large         bytes of requests above largeRequestThreshold, limited over all connections (largeRequestMaxBytes)
//
// Java: ServerCnxn.outstandingCount, ZooKeeperServer.requestsInProcess and currentLargeRequestBytes. The sums over all
// connections are the door's; when a connection goes, what it still had is taken off them.

import { ProtocolError } from "../errors.js";
import type { DoorContext } from "./door-context.js";

/** A large request: how many requests of the connection came before it, and its bytes. */
type Large = { readonly place: number; readonly bytes: number };

/** Most connections never have one. */
const NONE: readonly Large[] = [];

export class RequestsUnderWay {
  readonly #door: DoorContext;
  #outstanding = 0;
  #inProcess = 0;
  readonly #largeThresholdBytes: number;
  // Requests of a connection are answered in the order in which they came: it is enough to know where a large one stands.
  #added = 0;
  #finished = 0;
  #large = NONE;

  constructor(door: DoorContext) {
    this.#door = door;
    this.#largeThresholdBytes = door.settings.largeRequestThresholdBytes;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  get inProcess(): number {
    return this.#inProcess;
  }

  /** One more was read. True when the connection should wait with the next. */
  received(xid: number): boolean {
    if (xid <= 0) return false;
    return this.#door.shouldThrottle(++this.#outstanding);
  }

  /** One was answered. True when the connection need not wait. */
  answered(xid: number): boolean {
    if (xid <= 0) return false;
    return !this.#door.shouldThrottle(--this.#outstanding);
  }

  /** One is for the server. Throws when it is large and there is no room for it. */
  admit(bytes: number): void {
    if (this.#largeThresholdBytes === -1) return;
    const place = this.#added++;
    if (bytes <= this.#largeThresholdBytes) return;
    if (this.#door.largeRequestBytes + bytes > this.#door.settings.largeRequestMaxBytes) {
      this.#door.counters.largeRequestsRejected.add(1);
      throw new ProtocolError("Rejecting large request");
    }
    this.#door.largeRequestBytes += bytes;
    this.#large = [...this.#large, { place, bytes }];
  }

  issued(): void {
    this.#inProcess++;
    this.#door.inProcess++;
  }

  finished(): void {
    if (this.#inProcess === 0) return;
    this.#inProcess--;
    this.#door.hasAnswered();
    if (this.#largeThresholdBytes === -1) return;
    const place = this.#finished++;
    const oldest = this.#large[0];
    if (oldest?.place !== place) return;
    this.#door.largeRequestBytes -= oldest.bytes;
    this.#large = this.#large.slice(1);
  }

  /** The connection is gone. */
  forget(): void {
    this.#door.inProcess -= this.#inProcess;
    this.#inProcess = 0;
    for (const { bytes } of this.#large) this.#door.largeRequestBytes -= bytes;
    this.#large = NONE;
  }
}
