// A part of the platform (platform.ts, whose rules hold): Kerberos, for SASL GSSAPI.

/** GSS-API by Kerberos 5 (RFC 2743, 4121), from the system's library, which is loaded when it is first asked for. */
export interface Kerberos {
  /**
   * Throws KerberosError where the library is missing, and to those who accept where the key table has no key of theirs.
   * Whoever calls need not have a ticket yet: it is fetched with the first context.
   */
  open(login: KerberosLogin): GssCredential;
}

export interface KerberosLogin {
  readonly usage: "accept" | "initiate";
  /** krb5.conf; undefined: the system's. The first that is named holds for the process. */
  readonly configurationFile: string | undefined;
  /** With its realm; undefined: whoever the ticket cache belongs to. */
  readonly principal: string | undefined;
  /** The library's own default: `true`; not from there: undefined. */
  readonly keyTable: string | true | undefined;
  readonly ticketCache: string | true | undefined;
}

export interface GssCredential {
  /** `target`: the principal to call; only for those who initiate. What is wrong with it the first step tells. */
  newContext(target?: string): GssContext;
}

/** One exchange. One call at a time, whose `done` is called once, unless the context is released before. */
export interface GssContext {
  /** Initiators begin with an empty token. */
  step(token: Buffer, done: GssDone<GssStep>): void;
  /** Protected against change, not hidden. */
  wrap(message: Buffer, done: GssDone<Buffer>): void;
  unwrap(token: Buffer, done: GssDone<Buffer>): void;
  release(): void;
}

export interface GssStep {
  /** Empty: nothing is to be sent. */
  readonly token: Buffer;
  /** Both sides' principals, once each has seen enough. */
  readonly established: { readonly peer: string; readonly self: string } | undefined;
}

export type GssDone<T> = (error: KerberosError | undefined, result?: T) => void;

export class KerberosError extends Error {
  override readonly name = "KerberosError";
}
