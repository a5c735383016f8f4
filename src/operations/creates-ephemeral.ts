// Whether a request makes a node that goes with its session, so that the session must be known to all. Java:
// QuorumZooKeeperServer.checkUpgradeSession.

import { OpCode } from "../wire/op-codes.js";
import { type CreateWish, createModeOf } from "./create.js";
import type { MultiOp } from "./multi.js";

/** Whether requests of this type need be looked into at all. */
export function mayCreateEphemeral(type: number): boolean {
  return type === OpCode.create || type === OpCode.create2 || type === OpCode.multi;
}

/** `request` is what the operation of this type has decoded. */
export function createsEphemeral(type: number, request: unknown): boolean {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return createModeOf((request as CreateWish).flags)?.ephemeral === true;
    case OpCode.multi:
      return (request as MultiOp[]).some((op) => createsEphemeral(op.type, op.request));
    default:
      return false;
  }
}
