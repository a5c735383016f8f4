// The scheme `ensemble`: the client says which ensemble it means to talk to, and is sent away when it is another one. Java:
// EnsembleAuthenticationProvider. It gives no identities and means nothing in ACLs.

import { decodeUtf8 } from "../jute/utf8.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { AuthenticatingClient, AuthenticationOutcome, AuthScheme } from "./scheme.js";

/** For the metrics: skip where nothing was asked or said. */
export type EnsembleVerdict = "success" | "fail" | "skip";

const NOBODY: AuthenticationOutcome = { ok: true, identities: [] };

export class EnsembleScheme implements AuthScheme {
  readonly name = "ensemble";
  readonly identifiesCreators = false;
  /** Undefined: every name will do. */
  readonly #names: ReadonlySet<string> | undefined;

  /** Told of each packet. */
  onVerdict: (verdict: EnsembleVerdict) => void = () => {};

  /** `ensembleAuthName`; none: every name will do. */
  constructor(names: readonly string[]) {
    this.#names = names.length === 0 ? undefined : new Set(names.map((name) => name.trim()));
  }

  isValid(): boolean {
    return false;
  }

  matches(): boolean {
    return false;
  }

  userName(identity: string): string {
    return identity;
  }

  authenticate(_client: AuthenticatingClient, data: Buffer | null): AuthenticationOutcome {
    if (this.#names === undefined || data === null || data.length === 0) {
      this.onVerdict("skip");
      return NOBODY;
    }
    const name = decodeUtf8(data, 0, data.length);
    if (this.#names.has(name)) {
      this.onVerdict("success");
      return NOBODY;
    }
    this.onVerdict("fail");
    // Not an answer: a client that is told of a failure gives up, one whose connection ends looks for another server.
    const reason = `Unexpected ensemble name: ensemble name: ${name}`;
    return { ok: false, error: ErrorCode.badArguments, silent: true, reason };
  }
}
