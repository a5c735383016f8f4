// What a command is: names, what it needs, and what it answers. Java: Command, GetCommand, PostCommand, CommandResponse.

import type { AdminContext } from "../admin-context.js";
import type { HttpBody, HttpClient } from "../http/response.js";
import { type JsonEntry, JsonList, JsonObject } from "../json.js";

export interface Command {
  /** The first one is what answers call it; any of them can be asked for. */
  readonly names: readonly [string, ...string[]];
  readonly method: "GET" | "POST";
  /** Answered only while requests are served. */
  readonly needsServer: boolean;
  /** Only for those who may do everything to the root. */
  readonly isProtected: boolean;
  /** Calls `answer` once, at once or later. Whoever wants the request's body takes it before it returns. */
  run(
    context: AdminContext,
    query: ReadonlyMap<string, string>,
    answer: Answer,
    client: HttpClient,
  ): void;
}

export type Answer = (answer: CommandAnswer) => void;

export interface CommandAnswer {
  /** 200 where it is not said. */
  readonly status?: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly entries?: Iterable<JsonEntry>;
  /** Instead of JSON. */
  readonly bytes?: HttpBody;
  /** Java puts what a command itself has to complain of before the command's name. */
  readonly error?: string;
  /** Why it was not carried out at all: after the command's name. */
  readonly refused?: string;
}

export type Entries = (
  context: AdminContext,
  query: ReadonlyMap<string, string>,
) => Iterable<JsonEntry>;

/** A command that only tells. */
export function telling(
  names: readonly [string, ...string[]],
  entries: Entries,
  options: { readonly needsServer?: boolean } = {},
): Command {
  return {
    names,
    method: "GET",
    needsServer: options.needsServer ?? true,
    isProtected: false,
    run: (context, query, answer) => answer({ entries: entries(context, query) }),
  };
}

/** The JSON of an answer: what it tells, `command`, `error`. Java: CommandResponse.toMap. */
export function answerJson(command: string, answer: CommandAnswer): JsonObject {
  const { entries = [], error, refused = null } = answer;
  return new JsonObject(
    (function* (): Generator<JsonEntry> {
      yield* entries;
      if (error !== undefined) yield ["error", error];
      yield ["command", command];
      if (error === undefined) yield ["error", refused];
    })(),
  );
}

export const NOTHING = new JsonObject([]);
export const EMPTY_LIST = new JsonList([]);
