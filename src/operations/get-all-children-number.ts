// getAllChildrenNumber (104): how many nodes there are below. Java: DataTree.getAllChildrenNumber.
//
// Java counts the paths that begin with the node's and a slash. That makes "" (which is the root, too) one more than "/":
// there the root counts itself, under its other name.

import { Perms } from "../auth/access.js";
import { allChildrenNumber } from "../tree/subtree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type GetAllChildrenNumberRequest,
  readGetAllChildrenNumberRequest,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import type { ReadOperation } from "./operation.js";

export const getAllChildrenNumber: ReadOperation<GetAllChildrenNumberRequest> = {
  kind: "read",
  type: OpCode.getAllChildrenNumber,
  shortName: "GETACN",
  decode: readGetAllChildrenNumberRequest,

  read(context, { path }, out) {
    const { tree } = context;
    if (path === null) return ErrorCode.marshallingError;
    const node = tree.look(path);
    if (node === undefined) return ErrorCode.noNode;
    if (!mayDo(context, tree.aclOf(node), Perms.read)) return ErrorCode.noAuth;
    out.int(path === "" ? tree.nodeCount - 1 : allChildrenNumber(tree, path));
    return ErrorCode.ok;
  },
};
