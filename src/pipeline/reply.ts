// Tells a client what became of its write. Answers to the write half of Java's FinalRequestProcessor.

import type { ApplyResult } from "../operations/operation.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { orderOf } from "./order.js";
import type { Origin } from "./proposal.js";

/**
 * At once, or behind the reads before it that are not answered yet: whoever runs what waits does it then. But a client that has
 * closed its session need not take them: nobody expires that session any more, who would close the connection.
 */
export function replyToWrite(
  origin: Origin,
  result: ApplyResult,
  zxid: Zxid,
  monotonicMs: () => number,
): void {
  const { connection, operation, audited } = origin;
  const order = orderOf(connection);
  audited?.applied(result);
  if (connection.isOpen && order.isHeldUp && operation.type !== OpCode.closeSession) {
    order.hold((nowMs) => reply(origin, result, zxid, nowMs));
  } else reply(origin, result, zxid, monotonicMs());
}

function reply(
  { connection, operation, xid, receivedMs }: Origin,
  result: ApplyResult,
  zxid: Zxid,
  nowMs: number,
): void {
  orderOf(connection).answered++;
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
