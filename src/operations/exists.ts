// exists (3). Java: OpCode.exists in FinalRequestProcessor, DataTree.statNode.
//
// The one watch that may be left on what is not there: it is told of the creation. Since 3.9.2 a node that is there must
// permit READ (ZOOKEEPER-2590); one that does not leaves no watch either.

import { Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type ExistsRequest, readExistsRequest } from "../wire/records.js";
import { mayDo } from "./access.js";
import type { ReadOperation } from "./operation.js";

export const exists: ReadOperation<ExistsRequest> = {
  kind: "read",
  type: OpCode.exists,
  shortName: "EXIS",
  decode: readExistsRequest,

  read(context, { path, watch }, out) {
    const { tree, watcher } = context;
    if (path === null) return ErrorCode.marshallingError;
    if (path.includes("\0")) return ErrorCode.badArguments;
    const node = tree.look(path);
    if (node !== undefined && !mayDo(context, tree.aclOf(node), Perms.read)) {
      return ErrorCode.noAuth;
    }
    if (watch) tree.watches.addData(path, watcher);
    if (node === undefined) return ErrorCode.noNode;
    node.writeStat(out);
    tree.observer?.read(path, 0);
    return ErrorCode.ok;
  },
};
