// A request whose reply is a promise.

import { ProtocolError } from "../../errors.js";
import type { JuteReader } from "../../jute/reader.js";
import { ErrorCode } from "../../wire/error-codes.js";
import type { PendingRequest } from "./pending-requests.js";
import type { WatchRegistration, WatchRegistry } from "./watch-registry.js";
import { ZooKeeperError } from "./zookeeper-error.js";

export class PromiseRequest<T> implements PendingRequest {
  xid = 0;
  submittedAtMs = 0;
  readonly #path: string | null;
  readonly #decode: (reader: JuteReader) => T;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  readonly #watches: WatchRegistry | undefined;
  readonly #registration: WatchRegistration | undefined;

  constructor(
    path: string | null,
    decode: (reader: JuteReader) => T,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
    watches?: WatchRegistry,
    registration?: WatchRegistration,
  ) {
    this.#path = path;
    this.#decode = decode;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#watches = watches;
    this.#registration = registration;
  }

  onReply(error: number, reader: JuteReader | undefined): void {
    if (this.#registration !== undefined) this.#watches?.onReply(this.#registration, error);
    if (reader === undefined) {
      this.#reject(new ZooKeeperError(error, this.#path));
      return;
    }
    let value: T;
    try {
      value = this.#decode(reader);
    } catch (problem) {
      // What was to be read cannot be: Java says the same of it, and the connection goes.
      this.#reject(new ZooKeeperError(ErrorCode.marshallingError, this.#path));
      throw problem instanceof ProtocolError ? problem : new ProtocolError(String(problem));
    }
    this.#resolve(value);
  }
}
