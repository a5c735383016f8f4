// getEphemerals (103): the session's own ephemeral nodes whose path begins so. Java: OpCode.getEphemerals in
// FinalRequestProcessor.

import { inHashSetOrder } from "../auth/java-hash-order.js";
import { javaTrim } from "../java-text.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type GetEphemeralsRequest,
  readGetEphemeralsRequest,
  writeUstringVector,
} from "../wire/records.js";
import type { ReadOperation } from "./operation.js";

export const getEphemerals: ReadOperation<GetEphemeralsRequest> = {
  kind: "read",
  type: OpCode.getEphemerals,
  shortName: "GETE",
  decode: readGetEphemeralsRequest,

  read({ caller, tree }, { prefixPath }, out) {
    const all = tree.ephemeralsOf(caller.sessionId);
    const wantsAll = prefixPath === null || isEverything(javaTrim(prefixPath));
    const isWanted = wantsAll ? undefined : (path: string) => path.startsWith(prefixPath);
    writeUstringVector(out, inHashSetOrder(all, isWanted));
    return ErrorCode.ok;
  },
};

const isEverything = (prefix: string): boolean => prefix === "" || prefix === "/";
