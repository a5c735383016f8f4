// A watch event as a frame. One change may be told to thousands of connections: the frame is made once and kept with the
// event. Java: NIOServerCnxn.process.
//
//   int length, ReplyHeader {int xid = -1, long zxid, int err = 0}, WatcherEvent {int type, int state, ustring path}
//
// The zxid is that of the change, as of 3.9; -1 where no change caused the event.

import { JuteWriter } from "../jute/writer.js";
import type { WatchEvent } from "../tree/watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import { SpecialXid } from "../wire/op-codes.js";
import { writeReplyHeader, writeWatcherEvent } from "../wire/records.js";

export function notificationFrame(event: WatchEvent): Buffer {
  if (event.encoded !== null) return event.encoded;
  const out = new JuteWriter(64);
  out.int(0);
  writeReplyHeader(out, { xid: SpecialXid.notification, zxid: event.zxid, err: ErrorCode.ok });
  writeWatcherEvent(out, { type: event.type, state: event.state, path: event.path });
  out.patchInt(0, out.length - 4);
  event.encoded = out.take();
  return event.encoded;
}
