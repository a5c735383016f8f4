// Files to try the toolkits on: those of test/golden/storage, damaged copies of them, and some that no server has written.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { gapLog, oddLog } from "./odd-logs.js";
import { MANY_SESSIONS, QUOTAS, snapshotOf, wideTree } from "./odd-snapshots.js";

const GOLDEN = "test/golden/storage";
const LOG = "java39/version-2/log.1";
const SNAPSHOT = "java39/version-2/snapshot.36";
const HEADER_BYTES = 16;

/** Fills a directory; the goldens' own folders are `java34`, `java39` and so on in it. */
export function writeFiles(directory: string): void {
  cpSync(GOLDEN, directory, { recursive: true });
  const write = (name: string, bytes: Buffer): void => {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  };
  writeDamagedLogs(readFileSync(join(directory, LOG)), write);
  write("odd/log.1", oddLog());
  write("odd/log.gaps", gapLog());
  writeSnapshots(readFileSync(join(directory, SNAPSHOT)), write);
}

type Write = (name: string, bytes: Buffer) => void;

/** Where records begin. */
function recordOffsets(log: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = HEADER_BYTES; log.readInt32BE(at + 8) > 0; at += log.readInt32BE(at + 8) + 13) {
    offsets.push(at);
  }
  return offsets;
}

function writeDamagedLogs(log: Buffer, write: Write): void {
  const offsets = recordOffsets(log);
  const changed = (change: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(log);
    change(copy);
    return copy;
  };
  const lengthAt = (n: number): number => offsets[n]! + 8;
  const endOf = (n: number): number => offsets[n + 1]! - 1;
  write(
    "crc/log.1",
    changed((copy) => {
      // The client's id, the cxid and the zxid of three records.
      for (const [n, field] of [
        [3, 19],
        [5, 23],
        [9, 31],
      ] as const) {
        const at = offsets[n]! + field;
        copy[at] = copy[at]! ^ 0x55;
      }
    }),
  );
  write(
    "crc-high/log.1",
    changed((copy) => copy.writeInt32BE(1, offsets[2]!)),
  );
  write(
    "end/log.1",
    changed((copy) => copy.writeUInt8(0x43, endOf(4))),
  );
  write(
    "length-huge/log.1",
    changed((copy) => copy.writeInt32BE(0x7fffffff, lengthAt(4))),
  );
  write(
    "length-large/log.1",
    changed((copy) => copy.writeInt32BE(2_097_150, lengthAt(4))),
  );
  write(
    "length-null/log.1",
    changed((copy) => copy.writeInt32BE(-1, lengthAt(4))),
  );
  write(
    "length-negative/log.1",
    changed((copy) => copy.writeInt32BE(-5, lengthAt(4))),
  );
  write(
    "length-zero/log.1",
    changed((copy) => copy.writeInt32BE(0, lengthAt(4))),
  );
  write(
    "length-short/log.1",
    changed((copy) => copy.writeInt32BE(40, lengthAt(4))),
  );
  write(
    "type/log.1",
    changed((copy) => copy.writeInt32BE(77, offsets[4]! + 12 + 28)),
  );
  write(
    "path/log.1",
    changed((copy) => copy.writeInt32BE(0x7000_0000, offsets[3]! + 12 + 32)),
  );
  write("cut-record/log.1", log.subarray(0, offsets[6]! + 30));
  write("cut-end/log.1", log.subarray(0, endOf(6)));
  write("cut-prefix/log.1", log.subarray(0, offsets[6]! + 9));
  write("cut-header/log.1", log.subarray(0, 10));
  write("empty/log.1", Buffer.alloc(0));
}

function writeSnapshots(snapshot: Buffer, write: Write): void {
  const change = (name: string, at: number, value: number): void => {
    const copy = Buffer.from(snapshot);
    copy[at] = copy[at]! ^ value;
    write(name, copy);
  };
  change("magic/snapshot.36", 0, 1);
  // A timeout: nothing but the checksum tells.
  change("crc/snapshot.36", 30, 0x10);
  write("cut/snapshot.36", snapshot.subarray(0, snapshot.length / 2));
  write("cut-seal/snapshot.36", snapshot.subarray(0, -60));
  write("empty/snapshot.36", Buffer.alloc(0));
  write("named/snapshot.ffffffffffffff.gz", gzipSync(snapshot));
  write("named/backup.GZ", gzipSync(snapshot));
  write("named/snapshot", snapshot);
  write("gz/snapshot.36.gz", snapshot);
  write("gz-cut/snapshot.36.gz", gzipSync(snapshot).subarray(0, 300));
  write("snappy/snapshot.36.snappy", snapshot);
  write("orphan/snapshot.5", snapshotOf([], [{ path: "" }, { path: "/a/b" }]));
  write("wide/snapshot.100", snapshotOf(MANY_SESSIONS, wideTree(0)));
  write("wide/snapshot.200", snapshotOf([], wideTree(1)));
  write("quota/snapshot.9", snapshotOf([], QUOTAS));
}
