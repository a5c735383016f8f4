// What a client did and what it was told: the raw material of the checkers.

import type { Stat } from "../../src/wire/records.js";

export type Operation =
  | {
      readonly kind: "create";
      readonly path: string;
      readonly data: string;
      readonly ephemeral: boolean;
      readonly sequential: boolean;
    }
  | { readonly kind: "delete"; readonly path: string; readonly version: number }
  | { readonly kind: "set"; readonly path: string; readonly data: string; readonly version: number }
  | { readonly kind: "multi"; readonly parts: readonly MultiPart[] }
  | { readonly kind: "get"; readonly path: string; readonly watch: boolean }
  | { readonly kind: "exists"; readonly path: string; readonly watch: boolean }
  | { readonly kind: "children"; readonly path: string; readonly watch: boolean }
  | { readonly kind: "sync"; readonly path: string }
  | {
      readonly kind: "reconfig";
      readonly joining: string | null;
      readonly leaving: string | null;
      /** All of them, instead. */
      readonly members: string | null;
      /** -1: whatever is in force. */
      readonly fromVersion: number;
    };

export type MultiPart =
  | { readonly kind: "create"; readonly path: string; readonly data: string }
  | { readonly kind: "delete"; readonly path: string; readonly version: number }
  | { readonly kind: "set"; readonly path: string; readonly data: string; readonly version: number }
  | { readonly kind: "check"; readonly path: string; readonly version: number };

export interface Reply {
  readonly error: number;
  /** Of the header: what the server had applied. */
  readonly zxid: number;
  /** Of a server without a quorum: what it has applied may not be committed. */
  readonly isReadOnly: boolean;
  readonly path?: string;
  readonly data?: string | null;
  readonly stat?: Stat;
  readonly children?: readonly string[];
  /** Of a multi: the error code of each part. */
  readonly parts?: readonly number[];
}

export interface OperationRecord {
  readonly client: string;
  /** Known when there is a reply: a session may be new when it is asked. */
  session: bigint;
  readonly operation: Operation;
  xid: number;
  readonly invokedMs: number;
  readonly invokedAt: number;
  /** Undefined: never answered. */
  completedMs: number | undefined;
  /** Places in the order of all invocations and completions of the run: real time, without ties. */
  completedAt: number | undefined;
  /** Undefined where the connection or the session was lost. */
  reply: Reply | undefined;
}

/** A watch event as a client was told of it, in its place among the replies. */
export interface EventRecord {
  readonly client: string;
  readonly session: bigint;
  readonly type: number;
  readonly path: string;
  readonly zxid: number;
  readonly at: number;
}

export interface SessionRecord {
  readonly client: string;
  id: bigint;
  readonly timeoutMs: number;
  /** Replies, events and losses of connection, in the order in which they came. */
  readonly told: (
    | { readonly kind: "reply"; readonly record: OperationRecord }
    | { readonly kind: "event"; readonly event: EventRecord }
    | { readonly kind: "lost"; readonly records: readonly OperationRecord[] }
    | { readonly kind: "disconnected" }
  )[];
}

export const WRITES: ReadonlySet<Operation["kind"]> = new Set([
  "create",
  "delete",
  "set",
  "multi",
  "reconfig",
]);
