// The language of a differential session: a table of steps that is played to a server.
//
//   connect("a")                         a new connection and session
//   ["a", create("/x"), exists("/x")]    requests, sent in one go; then their answers
//   bytes("a", "half a frame", …)        anything at all
//   word("srvr")                         a four-letter word, on a connection of its own
//
// After each step every connection is asked for whatever it has been sent meanwhile (watch events), so that a transcript
// is the same each time. Names of connections are what a transcript calls their sessions.

import type { Handshake } from "../raw/connection.js";
import type { Request } from "../raw/requests.js";

export type RequestStep = readonly [connection: string, ...requests: Request[]];

export interface ConnectStep {
  readonly do: "connect";
  readonly connection: string;
  readonly handshake: Handshake;
  /** Renews this connection's session: its id and password. */
  readonly renew?: string;
}

export interface BytesStep {
  readonly do: "bytes";
  readonly connection: string;
  readonly label: string;
  readonly bytes: Buffer;
  /** How many frames to wait for; the step also ends when the server closes. */
  readonly answers: number;
}

export interface WordStep {
  readonly do: "word";
  readonly word: string | Buffer;
  readonly label: string;
  /** Replaces what differs from run to run. */
  readonly mask: readonly (readonly [RegExp, string])[];
  /** Neighbouring lines that match come in an order that Java does not promise: they are sorted. */
  readonly sorted: RegExp | undefined;
}

export type Step =
  | RequestStep
  | ConnectStep
  | BytesStep
  | WordStep
  /** A TCP connection without a handshake. */
  | { readonly do: "dial"; readonly connection: string }
  /** Cuts the connection; the session stays. */
  | { readonly do: "drop"; readonly connection: string }
  /** Waits until the server has closed the connection: a session that nobody keeps alive. */
  | { readonly do: "untilClosed"; readonly connection: string }
  /** Asks again and again until the answer has this error (0: none), and shows only the last: reapers. */
  | {
      readonly do: "until";
      readonly connection: string;
      readonly request: Request;
      readonly error: number;
    }
  /** Stops the server and starts it again on the same data. Every connection is cut. */
  | { readonly do: "restart"; readonly how: "SIGTERM" | "SIGKILL" };

export interface Script {
  readonly name: string;
  readonly cfg?: Readonly<Record<string, string | number>>;
  readonly properties?: Readonly<Record<string, string | number>>;
  readonly steps: readonly Step[];
  /** Where Zooid does otherwise on purpose: the first line of the step's block, and why. */
  readonly otherwise?: Readonly<Record<string, string>>;
}

export const connect = (connection: string, handshake: Handshake = {}): Step => ({
  do: "connect",
  connection,
  handshake,
});
export const renew = (connection: string, from: string, handshake: Handshake = {}): Step => ({
  do: "connect",
  connection,
  handshake,
  renew: from,
});
export const dial = (connection: string): Step => ({ do: "dial", connection });
export const drop = (connection: string): Step => ({ do: "drop", connection });
export const untilClosed = (connection: string): Step => ({ do: "untilClosed", connection });
export const until = (connection: string, request: Request, error: number): Step => ({
  do: "until",
  connection,
  request,
  error,
});
export const restart = (how: "SIGTERM" | "SIGKILL"): Step => ({ do: "restart", how });
export const bytes = (connection: string, label: string, what: Buffer, answers = 1): Step => ({
  do: "bytes",
  connection,
  label,
  bytes: what,
  answers,
});
export const word = (
  what: string | Buffer,
  mask: readonly (readonly [RegExp, string])[] = [],
  sorted?: RegExp,
): Step => ({
  do: "word",
  word: what,
  label: JSON.stringify(typeof what === "string" ? what : what.toString("latin1")),
  mask,
  sorted,
});
