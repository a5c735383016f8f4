// getACL (6). Java: OpCode.getACL in FinalRequestProcessor.
//
// Who may read or administer may see the ACL; who may only read is not shown the hashes of passwords (ZOOKEEPER-1392,
// CVE-2019-0201).

import { maskDigests, Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { type GetACLRequest, readGetACLRequest, writeACLVector } from "../wire/records.js";
import { mayDo } from "./access.js";
import type { ReadOperation } from "./operation.js";

export const getACL: ReadOperation<GetACLRequest> = {
  kind: "read",
  type: OpCode.getACL,
  shortName: "GETA",
  decode: readGetACLRequest,

  read(context, { path }, out) {
    const { tree } = context;
    if (path === null) return ErrorCode.marshallingError;
    const node = tree.look(path);
    if (node === undefined) return ErrorCode.noNode;
    const acl = tree.aclOf(node);
    if (!mayDo(context, acl, Perms.read | Perms.admin)) return ErrorCode.noAuth;
    writeACLVector(out, mayDo(context, acl, Perms.admin) ? acl : maskDigests(acl));
    node.writeStat(out);
    return ErrorCode.ok;
  },
};
