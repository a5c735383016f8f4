// checkWatches (17): whether this connection has such a watch. Java: OpCode.checkWatches in FinalRequestProcessor.

import { WatcherType } from "../tree/tree-watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type CheckWatchesRequest, readCheckWatchesRequest } from "../wire/records.js";
import type { ReadOperation } from "./operation.js";

const TYPES: ReadonlySet<number> = new Set(Object.values(WatcherType));

export function isWatcherType(type: number): type is WatcherType {
  return TYPES.has(type);
}

export const checkWatches: ReadOperation<CheckWatchesRequest> = {
  kind: "read",
  type: OpCode.checkWatches,
  shortName: "CHKW",
  decode: readCheckWatchesRequest,

  read({ tree, watcher }, { path, type }) {
    if (!isWatcherType(type)) return ErrorCode.marshallingError;
    const found = path !== null && tree.watches.contains(path, type, watcher);
    return found ? ErrorCode.ok : ErrorCode.noWatcher;
  },
};
