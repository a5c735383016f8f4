// setWatches (101): a client that has moved here says what it watches and up to which zxid it knows the tree; what it
// missed it is told at once, before this is answered. Java: DataTree.setWatches.
//
// The reply has no body. setWatches2 (105) is the same with watches that stay.

import type { WatchesToSet } from "../tree/tree-watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { readSetWatches, type SetWatches } from "../wire/records.js";
import type { ReadContext, ReadOperation } from "./operation.js";

export const setWatches: ReadOperation<SetWatches> = {
  kind: "read",
  type: OpCode.setWatches,
  shortName: "SETW",
  decode: readSetWatches,

  read(context, { relativeZxid, dataWatches, existWatches, childWatches }) {
    return resetWatches(context, relativeZxid, [dataWatches, existWatches, childWatches, [], []]);
  },
};

type Paths = readonly (string | null)[] | null;

/** The lists in the order of the record. One that is null, or has null in it, is refused before anything is done. */
export function resetWatches(
  { tree, watcher }: ReadContext,
  relativeZxid: bigint,
  lists: readonly [data: Paths, exist: Paths, child: Paths, persistent: Paths, recursive: Paths],
): ErrorCode {
  const [data, exist, child, persistent, persistentRecursive] = lists;
  const watches = { data, exist, child, persistent, persistentRecursive };
  if (!isComplete(watches)) return ErrorCode.marshallingError;
  tree.watches.set(relativeZxid, watches, watcher, (path) => tree.get(path));
  return ErrorCode.ok;
}

function isComplete(watches: Readonly<Record<keyof WatchesToSet, Paths>>): watches is WatchesToSet {
  return Object.values(watches).every((paths) => paths !== null && !paths.includes(null));
}
