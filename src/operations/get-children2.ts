// getChildren2 (12): the names and the Stat. Java: OpCode.getChildren2 in FinalRequestProcessor.

import { Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type GetChildren2Request, readGetChildren2Request } from "../wire/records.js";
import { mayDo } from "./access.js";
import type { ReadOperation } from "./operation.js";

export const getChildren2: ReadOperation<GetChildren2Request> = {
  kind: "read",
  type: OpCode.getChildren2,
  shortName: "GETC",
  decode: readGetChildren2Request,

  read(context, { path, watch }, out) {
    const { tree, watcher } = context;
    if (path === null) return ErrorCode.marshallingError;
    const node = tree.look(path);
    if (node === undefined) return ErrorCode.noNode;
    if (!mayDo(context, tree.aclOf(node), Perms.read)) return ErrorCode.noAuth;
    if (watch) tree.watches.addChild(path, watcher);
    const bytes = tree.childNames.write(node, out);
    tree.observer?.read(path, bytes);
    node.writeStat(out);
    return ErrorCode.ok;
  },
};
