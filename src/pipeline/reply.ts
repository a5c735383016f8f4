// Tells a client what became of its write. Answers to the write half of Java's FinalRequestProcessor.

import type { ApplyResult } from "../operations/operation.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { orderOf } from "./order.js";
import type { Origin } from "./proposal.js";

export function replyToWrite(
  { connection, operation, xid, receivedMs, audited }: Origin,
  result: ApplyResult,
  zxid: Zxid,
  nowMs: number,
): void {
  orderOf(connection).answered++;
  audited?.applied(result);
  if (!connection.isOpen) return;
  if (operation.type === OpCode.createSession) {
    connection.sessionOpened();
  } else if (result.error === ErrorCode.sessionMoved) {
    // The session lives on at another server: this connection has no right to an answer. Java: FinalRequestProcessor.
    connection.closeAfterReplies("unknown");
  } else {
    const out = connection.startReply(xid, zxid);
    if (result.error === ErrorCode.ok) operation.encode(out, result);
    connection.finishReply(operation.type, result.error, receivedMs, nowMs);
  }
}
