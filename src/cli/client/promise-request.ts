// A request whose reply is a promise, settled when the reply is read: whoever awaits it goes on before anything is told that
// the server said later.

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
  readonly #ifAbsent: T | undefined;

  /** `ifAbsent`: the answer where there is no such node, for those who do not take that for a failure. */
  constructor(
    path: string | null,
    decode: (reader: JuteReader) => T,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
    watches?: WatchRegistry,
    registration?: WatchRegistration,
    ifAbsent?: T,
  ) {
    this.#path = path;
    this.#decode = decode;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#watches = watches;
    this.#registration = registration;
    this.#ifAbsent = ifAbsent;
  }

  onReply(error: number, reader: JuteReader | undefined): void {
    if (this.#registration !== undefined) this.#watches?.onReply(this.#registration, error);
    if (reader === undefined) {
      if (error === ErrorCode.noNode && this.#ifAbsent !== undefined) this.#resolve(this.#ifAbsent);
      else this.#reject(new ZooKeeperError(error, this.#path));
      return;
    }
    let value: T;
    try {
      value = this.#decode(reader);
    } catch (problem) {
      if (problem instanceof ZooKeeperError) {
        this.#reject(problem); // a refusal that stands in the body: a multi's
        return;
      }
      // What was to be read cannot be: Java says the same of it, and the connection goes.
      this.#reject(new ZooKeeperError(ErrorCode.marshallingError, this.#path));
      throw problem instanceof ProtocolError ? problem : new ProtocolError(String(problem));
    }
    this.#resolve(value);
  }
}
