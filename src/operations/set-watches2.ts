// setWatches2 (105): setWatches with persistent and recursive watches. These are only set again: what they would have been
// told meanwhile is lost (ZOOKEEPER-4698). Java: DataTree.setWatches.

import { OpCode } from "../wire/op-codes.js";
import { readSetWatches2, type SetWatches2 } from "../wire/records.js";
import type { ReadOperation } from "./operation.js";
import { resetWatches } from "./set-watches.js";

export const setWatches2: ReadOperation<SetWatches2> = {
  kind: "read",
  type: OpCode.setWatches2,
  shortName: "STW2",
  decode: readSetWatches2,

  read(context, request) {
    return resetWatches(context, request.relativeZxid, [
      request.dataWatches,
      request.existWatches,
      request.childWatches,
      request.persistentWatches,
      request.persistentRecursiveWatches,
    ]);
  },
};
