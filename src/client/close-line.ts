// Why a connection was closed, in the words of Java's log.

import type { ProtocolError } from "../errors.js";
import { FrameLengthError } from "../wire/framing.js";

/** What a client did that the protocol does not allow. */
export function explainProtocolError(
  error: ProtocolError,
  remoteName: string,
  juteMaxBufferBytes: number,
): string {
  if (!(error instanceof FrameLengthError)) return error.message;
  return `Len error. A message from ${remoteName} with advertised length of ${error.advertisedLength} is either a malformed message or too large to process (length is greater than jute.maxbuffer=${juteMaxBufferBytes})`;
}
