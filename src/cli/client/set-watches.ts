// Sets the client's watches again on a new connection. Java: ClientCnxn.SendThread.primeConnection.
//
// One request could be larger than the server takes, so the paths go in batches. As long as there are no persistent watches
// the old request is used, which servers before 3.6 understand.

import type { JuteWriter } from "../../jute/writer.js";
import type { Zxid } from "../../wire/ids.js";
import { OpCode, SpecialXid } from "../../wire/op-codes.js";
import { writeRequestHeader, writeSetWatches, writeSetWatches2 } from "../../wire/records.js";
import type { Chroot } from "./client-path.js";
import { WatchKind, type WatchLists } from "./watch-registry.js";

/** Of path characters. The last path may go beyond it. */
export const SET_WATCHES_MAX_LENGTH = 128 * 1024;

/** Writes the requests as frames. Returns how many answers there will be. */
export function writeSetWatchesFrames(
  out: JuteWriter,
  lists: WatchLists,
  chroot: Chroot,
  lastZxid: Zxid,
): number {
  const all = lists.flatMap((paths, kind) =>
    paths.map((path) => ({ kind, path: chroot.toServer(path) })),
  );
  let batches = 0;
  for (let at = 0; at < all.length; batches++) {
    const batch: string[][] = [[], [], [], [], []];
    let length = 0;
    while (at < all.length && length < SET_WATCHES_MAX_LENGTH) {
      const { kind, path } = all[at++]!;
      batch[kind]!.push(path);
      length += path.length;
    }
    writeFrame(out, batch, lastZxid);
  }
  return batches;
}

function writeFrame(out: JuteWriter, batch: readonly string[][], lastZxid: Zxid): void {
  const persistent = batch[WatchKind.persistent]!;
  const recursive = batch[WatchKind.persistentRecursive]!;
  const isOld = persistent.length === 0 && recursive.length === 0;
  const record = {
    relativeZxid: BigInt(lastZxid),
    dataWatches: batch[WatchKind.data]!,
    existWatches: batch[WatchKind.exists]!,
    childWatches: batch[WatchKind.children]!,
    persistentWatches: persistent,
    persistentRecursiveWatches: recursive,
  };
  const start = out.reserve(4);
  writeRequestHeader(out, {
    xid: SpecialXid.setWatches,
    type: isOld ? OpCode.setWatches : OpCode.setWatches2,
  });
  if (isOld) writeSetWatches(out, record);
  else writeSetWatches2(out, record);
  out.patchInt(start, out.length - start - 4);
}
