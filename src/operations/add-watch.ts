// addWatch (106): a watch that stays, on the node or on all below as well. Java: OpCode.addWatch in FinalRequestProcessor.
//
// Nobody is asked for permission, and the node need not exist: what the watch is told is filtered, event by event
// (ZOOKEEPER-4799). The reply has a body, an ErrorResponse that says 0, which clients insist on.

import { AddWatchMode } from "../tree/tree-watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type AddWatchRequest, readAddWatchRequest, writeErrorResponse } from "../wire/records.js";
import type { ReadOperation } from "./operation.js";

export const addWatch: ReadOperation<AddWatchRequest> = {
  kind: "read",
  type: OpCode.addWatch,
  shortName: "ADDW",
  decode: readAddWatchRequest,

  read({ tree, watcher }, { path, mode }, out) {
    if (mode !== AddWatchMode.persistent && mode !== AddWatchMode.persistentRecursive) {
      return ErrorCode.marshallingError;
    }
    // Java takes even this. Nothing ever happens to it.
    if (path !== null) tree.watches.addPersistent(path, watcher, mode);
    writeErrorResponse(out, { err: ErrorCode.ok });
    return ErrorCode.ok;
  },
};
