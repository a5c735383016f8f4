// getData (4). Java: FinalRequestProcessor.handleGetDataRequest, DataTree.getData.

import { Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type GetDataRequest, readGetDataRequest } from "../wire/records.js";
import { mayDo } from "./access.js";
import type { ReadOperation } from "./operation.js";

export const getData: ReadOperation<GetDataRequest> = {
  kind: "read",
  type: OpCode.getData,
  shortName: "GETD",
  decode: readGetDataRequest,

  read(context, { path, watch }, out) {
    const { tree, watcher } = context;
    if (path === null) return ErrorCode.marshallingError;
    const node = tree.look(path);
    if (node === undefined) return ErrorCode.noNode;
    if (!mayDo(context, tree.aclOf(node), Perms.read)) return ErrorCode.noAuth;
    if (watch) tree.watches.addData(path, watcher);
    node.writeDataAndStat(out);
    tree.observer?.read(path, node.dataLength);
    return ErrorCode.ok;
  },
};
