// reconfig (16), as a server answers that does not do it. Java: OpCode.reconfig in PrepRequestProcessor.
//
// Without reconfigEnabled nobody is asked who they are: -123. With it, a server on its own does not know how: -6. Changing
// the members of an ensemble is still to be built, and comes between. The txn it leaves in a log, a setData of
// /zookeeper/config under its own type, is understood already: a log from a Java ensemble may have it.

import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type ReconfigRequest,
  readReconfigRequest,
  readSetDataTxn,
  type SetDataTxn,
  writeSetDataTxn,
} from "../wire/records.js";
import { failed, type TxnKind, type WriteOperation } from "./operation.js";
import { checkSession } from "./session-check.js";
import { applySetData } from "./set-data.js";

export const reconfig: WriteOperation<ReconfigRequest, SetDataTxn> = {
  kind: "write",
  type: OpCode.reconfig,
  shortName: "RECO",
  decode: readReconfigRequest,

  prepare(context) {
    if (!context.settings.reconfigEnabled) return failed(ErrorCode.reconfigDisabled);
    const refused = checkSession(context);
    return failed(refused === ErrorCode.ok ? ErrorCode.unimplemented : refused);
  },

  encode() {},
};

export const reconfigTxn: TxnKind<SetDataTxn> = {
  type: OpCode.reconfig,
  encodeTxn: writeSetDataTxn,
  decodeTxn: readSetDataTxn,
  apply: (tree, header, txn) => applySetData(tree, header, OpCode.reconfig, txn),
};
