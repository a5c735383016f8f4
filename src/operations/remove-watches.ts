// removeWatches (18): this connection's watches of one kind on a path go. Java: OpCode.removeWatches in
// FinalRequestProcessor.

import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type RemoveWatchesRequest, readRemoveWatchesRequest } from "../wire/records.js";
import { isWatcherType } from "./check-watches.js";
import type { ReadOperation } from "./operation.js";

export const removeWatches: ReadOperation<RemoveWatchesRequest> = {
  kind: "read",
  type: OpCode.removeWatches,
  shortName: "REMW",
  decode: readRemoveWatchesRequest,

  read({ tree, watcher }, { path, type }) {
    if (!isWatcherType(type)) return ErrorCode.marshallingError;
    const removed = path !== null && tree.watches.remove(path, type, watcher);
    return removed ? ErrorCode.ok : ErrorCode.noWatcher;
  },
};
