// setACL (7). Java: OpCode.setACL in PrepRequestProcessor, DataTree.setACL.
//
// The version that counts is the ACL's own, aversion; the node's mzxid and mtime stay.

import { fixAcl, Perms } from "../auth/access.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type ACL,
  readSetACLRequest,
  readSetACLTxn,
  type SetACLRequest,
  type SetACLTxn,
  writeSetACLTxn,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import { failed, type TxnKind, type WriteOperation } from "./operation.js";
import { isValidPath } from "./paths.js";
import { checkSession } from "./session-check.js";
import { isExpectedVersion, nextVersion } from "./versions.js";

export const setACL: WriteOperation<SetACLRequest, SetACLTxn> = {
  kind: "write",
  type: OpCode.setACL,
  shortName: "SETA",
  decode: readSetACLRequest,

  prepare(context, request) {
    const { caller, pending, settings, zxid } = context;
    const { path } = request;
    const refused = checkSession(context);
    if (refused !== ErrorCode.ok) return failed(refused);
    if (!isValidPath(path)) return failed(ErrorCode.badArguments);
    const acl = fixAcl(settings.schemes, caller.identities, request.acl);
    if (typeof acl === "number") return failed(acl);
    const before = pending.find(path);
    if (before === undefined) return failed(ErrorCode.noNode);
    if (!mayDo(context, pending.aclOf(before), Perms.admin)) return failed(ErrorCode.noAuth);
    if (!isExpectedVersion(before.aversion, request.version)) return failed(ErrorCode.badVersion);

    const version = nextVersion(before.aversion);
    const node = pending.duplicate(path, before, zxid);
    node.aversion = version;
    node.acl = acl;
    pending.add(node, before);
    return { ok: true, type: OpCode.setACL, txn: { path, acl: acl as ACL[], version } };
  },

  /** SetACLResponse: the Stat. */
  encode(out, { stat }) {
    stat?.writeTo(out);
  },
};

export const setACLTxn: TxnKind<SetACLTxn> = {
  type: OpCode.setACL,
  encodeTxn: writeSetACLTxn,
  decodeTxn: readSetACLTxn,
  apply(tree, _header, txn) {
    const path = txn.path ?? "";
    const error = tree.setAcl(path, txn.acl, txn.version);
    const stat = tree.get(path)?.statImage();
    return stat === undefined
      ? { error, type: OpCode.setACL, path }
      : { error, type: OpCode.setACL, path, stat };
  },
};
