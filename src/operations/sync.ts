// sync (9): the reads that follow see every write that was acknowledged before this was asked. Java: OpCode.sync in
// FinalRequestProcessor; Leader.processSync for the way there.
//
// Nothing is done here: what it promises, it promises by when it is answered, in the order of its session and, in an
// ensemble, after the leader has sent its answer behind all it had committed. That is the pipeline's part. The path is
// given back as it came, whatever it is.

import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { readSyncRequest, type SyncRequest, writeSyncResponse } from "../wire/records.js";
import type { ReadOperation } from "./operation.js";

export const sync: ReadOperation<SyncRequest> = {
  kind: "read",
  type: OpCode.sync,
  shortName: "SYNC",
  decode: readSyncRequest,

  read(_context, request, out) {
    writeSyncResponse(out, request);
    return ErrorCode.ok;
  },
};
