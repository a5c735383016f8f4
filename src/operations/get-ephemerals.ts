// getEphemerals (103): the session's own ephemeral nodes whose path begins so. Java: OpCode.getEphemerals in
// FinalRequestProcessor.

import { inHashSetOrder } from "../auth/java-hash-order.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type GetEphemeralsRequest,
  readGetEphemeralsRequest,
  writeUstringVector,
} from "../wire/records.js";
import type { ReadOperation } from "./operation.js";

/** Nothing but what Java's trim takes away, and at most one slash in it. */
const EVERYTHING = /^[\0- ]*\/?[\0- ]*$/;

export const getEphemerals: ReadOperation<GetEphemeralsRequest> = {
  kind: "read",
  type: OpCode.getEphemerals,
  shortName: "GETE",
  decode: readGetEphemeralsRequest,

  read({ caller, tree }, { prefixPath }, out) {
    const all = tree.ephemeralsOf(caller.sessionId);
    const wantsAll = prefixPath === null || EVERYTHING.test(prefixPath);
    const isWanted = wantsAll ? undefined : (path: string) => path.startsWith(prefixPath);
    writeUstringVector(out, inHashSetOrder(all, isWanted));
    return ErrorCode.ok;
  },
};
