// multiRead (22): several getData and getChildren in one request, each with a result or an error of its own. Java:
// OpCode.multiRead in FinalRequestProcessor.
//
// All parts see the same tree. None leaves a watch, whatever it says. What Java's own code trips over in one part fails
// the whole.
//
// A request of a few kilobytes may ask for the same megabyte ten thousand times. Java gathers such an answer until its heap is
// full; here it fails once it is longer than any client can have meant (limits.ts).

import { MULTI_READ_REPLY_MAX_BYTES } from "../limits.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { writeMultiHeader } from "../wire/records.js";
import { getChildren } from "./get-children.js";
import { getData } from "./get-data.js";
import { decodeOps, type MultiOp, writeEnd, writeErrorPart } from "./multi.js";
import type { ReadOperation } from "./operation.js";

const PARTS: ReadonlyMap<number, ReadOperation<never>> = new Map(
  [getData, getChildren].map((operation) => [operation.type, operation as ReadOperation<never>]),
);

export const multiRead: ReadOperation<readonly MultiOp[]> = {
  kind: "read",
  type: OpCode.multiRead,
  shortName: "MLTR",
  decode: decodeOps,

  read(context, ops, out) {
    // Whoever raises jute.maxbuffer beyond it wants answers of that size.
    const maxBytes = Math.max(MULTI_READ_REPLY_MAX_BYTES, context.settings.txnSizeMaxBytes);
    const end = out.length + maxBytes;
    for (const { type, request } of ops) {
      if (out.length > end) return ErrorCode.marshallingError;
      const operation = PARTS.get(type) as ReadOperation<MultiOp["request"]> | undefined;
      if (operation === undefined) return ErrorCode.marshallingError;
      const start = out.length;
      writeMultiHeader(out, { type, done: false, err: 0 });
      const error = operation.read(context, request, out);
      if (error === ErrorCode.marshallingError) return error;
      if (error !== ErrorCode.ok) {
        out.truncate(start);
        writeErrorPart(out, error);
      }
    }
    writeEnd(out);
    return ErrorCode.ok;
  },
};
