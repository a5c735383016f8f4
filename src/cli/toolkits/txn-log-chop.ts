// Copies a log up to a zxid, that one included. Java: LogChopper.
//
// Whatever goes wrong is said and leaves an exit code of 0, with the part that was copied until then: as with Java.

import type { LogFileWriter } from "./log-file-writer.js";
import type { Output } from "./output.js";
import { type RawLog, RECORD_END_BYTES, recordPrefix } from "./raw-log.js";
import { UncaughtEnd, uncaught } from "./toolkit-error.js";
import { hexLong, readTxn } from "./txn-text.js";

const COUNTER_BITS = 32n;

export interface Chop {
  readonly log: RawLog;
  readonly target: LogFileWriter;
  readonly zxid: bigint;
  readonly lengthLimit: number;
  readonly out: Output;
}

/** False when nothing was cut off. */
export function chopLog({ log, target, zxid, lengthLimit, out }: Chop): boolean {
  out.line(log.title);
  target.header(log.header());
  let hasZxid = false;
  let previous: bigint | undefined;
  for (;;) {
    const record = log.next();
    if (record === undefined) {
      out.line(`EOF reached after ${log.count} txns.`);
      return false;
    }
    const { checksum, wantedChecksum, payload } = record;
    if (checksum !== wantedChecksum) {
      throw uncaught("java.io.IOException", `CRC doesn't match ${checksum} vs ${wantedChecksum}`);
    }
    const current = readTxn(payload, lengthLimit).header.zxid;
    const count = log.count;
    readEnd(log, out);
    hasZxid ||= current === zxid;
    if (previous !== undefined) sayGap(previous, current, out);
    previous = current === -1n ? undefined : current;
    if (current > zxid) {
      if (count === 0 || !hasZxid) {
        out.line(`This log does not contain zxid ${hexLong(zxid)}`);
        return false;
      }
      out.line(`Chopping at ${hexLong(zxid)} new log has ${count} records`);
      return true;
    }
    target.write(recordPrefix(checksum, payload.length));
    target.write(payload);
    target.write(RECORD_END_BYTES);
  }
}

function readEnd(log: RawLog, out: Output): void {
  if (log.readEnd()) return;
  out.line("Last transaction was partial.");
  throw new UncaughtEnd("Last transaction was partial.");
}

/** A new epoch begins with 1; everything else follows what came before. */
function sayGap(previous: bigint, current: bigint, out: Output): void {
  if (current === previous + 1n) return;
  const isSameEpoch = current >> COUNTER_BITS === previous >> COUNTER_BITS;
  if (!isSameEpoch && BigInt.asUintN(Number(COUNTER_BITS), current) === 1n) return;
  const kind = isSameEpoch ? "intra" : "inter";
  out.line(`There is ${kind}-epoch gap between ${hexLong(previous)} and ${hexLong(current)}`);
}
