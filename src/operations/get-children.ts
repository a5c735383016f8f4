// getChildren (8): the names alone. Java: FinalRequestProcessor.handleGetChildrenRequest, DataTree.getChildren.
//
// A watch left here is told when a child comes or goes, or the node itself goes.

import { Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type GetChildrenRequest, readGetChildrenRequest } from "../wire/records.js";
import { mayDo } from "./access.js";
import type { ReadOperation } from "./operation.js";

export const getChildren: ReadOperation<GetChildrenRequest> = {
  kind: "read",
  type: OpCode.getChildren,
  shortName: "GETC",
  decode: readGetChildrenRequest,

  read(context, { path, watch }, out) {
    const { tree, watcher } = context;
    if (path === null) return ErrorCode.marshallingError;
    const node = tree.look(path);
    if (node === undefined) return ErrorCode.noNode;
    if (!mayDo(context, tree.aclOf(node), Perms.read)) return ErrorCode.noAuth;
    if (watch) tree.watches.addChild(path, watcher);
    const bytes = tree.childNames.write(node, out);
    tree.observer?.read(path, bytes);
    return ErrorCode.ok;
  },
};
