// A SASL exchange, from either side. Java: javax.security.sasl.SaslServer and SaslClient.
//
// Tokens go back and forth until the mechanism is satisfied. A mechanism may have to ask somebody else (GSSAPI does), so what
// it makes of a token comes by callback, perhaps during the call. One token at a time.

export type SaslOutcome =
  /** More is to come from the other side. */
  | { readonly kind: "challenge"; readonly token: Buffer }
  /** The other side is who it says it is. Null: nothing more is to be sent. */
  | { readonly kind: "complete"; readonly token: Buffer | null; readonly authorizationId: string }
  /** `isFaulty`: not refused, but nothing that the mechanism could even read. Java's throws what nobody catches. */
  | { readonly kind: "failed"; readonly reason: string; readonly isFaulty: boolean };

export interface SaslExchange {
  /** A client that speaks first: what it makes of an empty token is what it sends. */
  readonly hasInitialResponse?: boolean;
  evaluate(token: Buffer, done: (outcome: SaslOutcome) => void): void;
  dispose(): void;
}

/** Makes the exchange of one connection. */
export type SaslAcceptor = () => SaslExchange;

/** Why an exchange failed: for the log, never for the other side. */
export class SaslError extends Error {
  override readonly name = "SaslError";
  readonly isFaulty: boolean;
  constructor(message: string, isFaulty = false) {
    super(message);
    this.isFaulty = isFaulty;
  }
}

/** The outcome of a step that threw. What is no SaslError is a fault of ours, and goes on. */
export function failedBy(error: unknown): SaslOutcome {
  if (!(error instanceof SaslError)) throw error;
  return { kind: "failed", reason: error.message, isFaulty: error.isFaulty };
}
