// The frames that a session sends on its own behalf: they have xids of their own and nobody waits for their replies.

import type { JuteWriter } from "../../jute/writer.js";
import { OpCode, SpecialXid } from "../../wire/op-codes.js";
import {
  type ConnectRequest,
  writeAuthPacket,
  writeConnectRequest,
  writeRequestHeader,
} from "../../wire/records.js";

export interface Auth {
  readonly scheme: string;
  readonly auth: Buffer | null;
}

export function writeConnectFrame(out: JuteWriter, request: ConnectRequest): void {
  const start = out.reserve(4);
  writeConnectRequest(out, request);
  out.patchInt(start, out.length - start - 4);
}

export function writeAuthFrame(out: JuteWriter, { scheme, auth }: Auth): void {
  const start = out.reserve(4);
  writeRequestHeader(out, { xid: SpecialXid.auth, type: OpCode.auth });
  writeAuthPacket(out, { type: 0, scheme, auth });
  out.patchInt(start, out.length - start - 4);
}

export function writePingFrame(out: JuteWriter): void {
  out.int(8);
  writeRequestHeader(out, { xid: SpecialXid.ping, type: OpCode.ping });
}
