// The log's records from some zxid on, for learners that are behind. Java: FileTxnLog.read.

import type { Disk } from "../platform/platform.js";
import type { Zxid } from "../wire/ids.js";
import { plainFiles } from "./disk-steps.js";
import { logFiles } from "./file-names.js";
import { LogReader } from "./log-reader.js";
import { fromSnapshotOn } from "./log-replay.js";
import { follows } from "./txn-log.js";

/** Without a gap, and ends where there is one; undefined where the logs do not have the first. */
export function iterateLogs(
  disk: Disk,
  directory: string,
  fromZxid: Zxid,
): Generator<{ zxid: Zxid; record: Buffer }> | undefined {
  const logs = logFiles(directory, plainFiles(disk, directory));
  const files = fromSnapshotOn(logs, (fromZxid - 1) as Zxid);
  const first = files[0];
  if (first === undefined || first.zxid > fromZxid) return undefined;
  return records(
    disk,
    files.map((file) => file.path),
    fromZxid,
  );
}

function* records(
  disk: Disk,
  paths: readonly string[],
  fromZxid: Zxid,
): Generator<{ zxid: Zxid; record: Buffer }> {
  let last: Zxid | undefined;
  for (const path of paths) {
    const reader = new LogReader(disk, path);
    try {
      while (reader.next()) {
        const zxid = reader.zxid;
        if (zxid < fromZxid || (last !== undefined && zxid <= last)) continue;
        if (last !== undefined && !follows(last, zxid)) return;
        last = zxid;
        yield { zxid, record: reader.payload() };
      }
    } finally {
      reader.close();
    }
  }
}
