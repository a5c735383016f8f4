// The log's records from some zxid on, for learners that are behind. Java: FileTxnLog.read.
//
// Within an epoch a hole shows: counters go up by one. Between epochs none does, however much is missing there: the end of one,
// or all of some. A server makes such a hole when others commit what it has not synced yet, and it stops with a snapshot of
// that on its disk: its log goes on behind the snapshot. So the step from one epoch to another counts only where this process
// has replayed it, or logged it. (Java takes any step, even one within an epoch.)

import type { Disk } from "../platform/platform.js";
import { epochOf, type Zxid } from "../wire/ids.js";
import { plainFiles } from "./disk-steps.js";
import { logFiles } from "./file-names.js";
import { LogReader } from "./log-reader.js";
import { fromSnapshotOn } from "./log-replay.js";
import { follows } from "./txn-log.js";

/**
 * Without a gap, and ends where there is one, or may be; undefined where the logs do not have the first. `wholeFrom`: the state
 * that replay began with, or that was adopted since.
 */
export function iterateLogs(
  disk: Disk,
  directory: string,
  fromZxid: Zxid,
  wholeFrom: Zxid,
): Generator<{ zxid: Zxid; record: Buffer }> | undefined {
  const logs = logFiles(directory, plainFiles(disk, directory));
  const files = fromSnapshotOn(logs, (fromZxid - 1) as Zxid);
  const first = files[0];
  if (first === undefined || first.zxid > fromZxid) return undefined;
  return records(
    disk,
    files.map((file) => file.path),
    fromZxid,
    wholeFrom,
  );
}

function* records(
  disk: Disk,
  paths: readonly string[],
  fromZxid: Zxid,
  wholeFrom: Zxid,
): Generator<{ zxid: Zxid; record: Buffer }> {
  let last: Zxid | undefined;
  for (const path of paths) {
    const reader = new LogReader(disk, path);
    try {
      while (reader.next()) {
        const zxid = reader.zxid;
        if (last !== undefined && zxid <= last) continue;
        if (zxid > fromZxid && (last === undefined || !joins(last, zxid, wholeFrom))) return;
        last = zxid;
        if (zxid < fromZxid) continue;
        yield { zxid, record: reader.payload() };
      }
    } finally {
      reader.close();
    }
  }
}

/** Whether there is certainly nothing between the two. */
function joins(last: Zxid, next: Zxid, wholeFrom: Zxid): boolean {
  return follows(last, next) && (epochOf(next) === epochOf(last) || last >= wholeFrom);
}
