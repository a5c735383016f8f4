// What the door knows of operations: which types a client may send, which of them are writes, and what `cons` calls them.
//
// Java: Request.isValid, FinalRequestProcessor (lastOp). The table of src/operations says what they do; the door must only
// tell a known type from an unknown one, which is answered with UNIMPLEMENTED and costs the connection.

import { OpCode } from "../wire/op-codes.js";
import { TypeTable } from "../wire/type-table.js";

interface DoorOp {
  readonly inCons: string;
  readonly isUpdate: boolean;
}

const READ = false;
const UPDATE = true;

/** By type. */
const ops = new TypeTable<DoorOp>(
  (
    [
      [OpCode.ping, "PING", READ],
      [OpCode.multi, "MULT", UPDATE],
      [OpCode.multiRead, "MLTR", READ],
      [OpCode.create, "CREA", UPDATE],
      [OpCode.create2, "CREA", UPDATE],
      [OpCode.createTTL, "CREA", UPDATE],
      [OpCode.createContainer, "CREA", UPDATE],
      [OpCode.delete, "DELE", UPDATE],
      [OpCode.setData, "SETD", UPDATE],
      [OpCode.reconfig, "RECO", UPDATE],
      [OpCode.setACL, "SETA", UPDATE],
      [OpCode.closeSession, "CLOS", UPDATE],
      [OpCode.sync, "SYNC", READ],
      [OpCode.exists, "EXIS", READ],
      [OpCode.getData, "GETD", READ],
      [OpCode.setWatches, "SETW", READ],
      [OpCode.setWatches2, "STW2", READ],
      [OpCode.addWatch, "ADDW", READ],
      [OpCode.getACL, "GETA", READ],
      [OpCode.getChildren, "GETC", READ],
      [OpCode.getChildren2, "GETC", READ],
      [OpCode.getAllChildrenNumber, "GETACN", READ],
      [OpCode.checkWatches, "CHKW", READ],
      [OpCode.removeWatches, "REMW", READ],
      [OpCode.whoAmI, "HOMI", READ],
      [OpCode.getEphemerals, "GETE", READ],
      [OpCode.deleteContainer, "DELE", UPDATE],
    ] as const
  ).map(([type, inCons, isUpdate]) => [type, { inCons, isUpdate }]),
);

/** Whether a client may send requests of this type through the pipeline. */
export function isRequestType(type: number): boolean {
  return ops.get(type) !== undefined || isOfSession(type);
}

/**
 * Requests that only servers make. Java lets clients send them and then stumbles over what they bring, which is answered
 * with MARSHALLINGERROR; here they always are.
 */
export function isServersOwn(type: number): boolean {
  return type === OpCode.deleteContainer || type === OpCode.createSession;
}

export function isUpdate(type: number): boolean {
  return ops.get(type)?.isUpdate ?? isOfSession(type);
}

function isOfSession(type: number): boolean {
  return type === OpCode.closeSession || type === OpCode.createSession;
}

/** Of which one request may cost as much as thousands of others. */
const long = new TypeTable<true>(
  [
    OpCode.getChildren,
    OpCode.getChildren2,
    OpCode.getACL,
    OpCode.getEphemerals,
    OpCode.getAllChildrenNumber,
    OpCode.setWatches,
    OpCode.setWatches2,
    OpCode.multi,
    OpCode.multiRead,
  ].map((type) => [type, true]),
);

export function mayTakeLong(type: number): boolean {
  return long.get(type) === true;
}

/** As `cons` names it in lop=. */
export function opNameInCons(type: number): string {
  if (type === OpCode.createSession) return "SESS";
  return ops.get(type)?.inCons ?? "NA";
}
