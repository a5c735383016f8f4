// Three kinds of trouble, three treatments.
//
//  - An expected outcome (NoNode, BadVersion) is a value: one of ErrorCode in wire/error-codes.ts. It is never thrown.
//  - A peer that breaks the protocol: ProtocolError, thrown by codecs, caught in one place per connection, which it costs.
//  - A fault of ours, or a machine that cannot be relied on: assert() and FatalError. The process ends with Java's exit code.

/** A peer sent what the protocol does not allow. Costs the peer its connection, nothing more. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Exit codes of Java's ExitCode and of the shell scripts that look at them. */
export const ExitCode = {
  finished: 0,
  unexpectedError: 1,
  invalidInvocation: 2,
  unableToAccessDatadir: 3,
  errorStartingAdminServer: 4,
  txnlogErrorTakingSnapshot: 10,
  unmatchedTxnCommit: 12,
  quorumPacketError: 13,
  unableToBindQuorumPort: 14,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The process cannot go on: said in one line, ended with that code. */
export class FatalError extends Error {
  override readonly name = "FatalError";
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** What must hold. Stays on in production: a server that is wrong about itself stops rather than guesses. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
