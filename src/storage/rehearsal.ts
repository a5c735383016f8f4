// A snapshot and a log that nobody keeps, made before a server with a large tree serves anybody.
//
// The engine compiles what has run for a while, and what it compiled before a branch was ever taken it throws away when it is.
// In a process' first snapshot, and at its first new log, all of that happens at once, on the processors that clients wait for.
// Here it happens first: the same code does the same things, and only the disk is missing. Nothing of it is told or counted.
// What it is worth is in docs/PERFORMANCE.md.

import {
  REHEARSAL_BYTES,
  SNAPSHOT_COMPRESSED_SLICE_BYTES,
  SNAPSHOT_SLICE_BYTES,
} from "../limits.js";
import type { Clock, DiskDone, WritableFile } from "../platform/platform.js";
import { SILENT_LOG } from "../platform/silent-log.js";
import type { SnapshotSource } from "../tree/snapshot.js";
import { ZXID_ZERO, type Zxid } from "../wire/ids.js";
import { step, type WritingDisk } from "./disk-steps.js";
import { ZXID_OFFSET } from "./log-format.js";
import { NO_OBSERVER, type StorageSettings } from "./settings.js";
import { SnapshotWriter } from "./snapshot-writer.js";
import { TxnLog } from "./txn-log.js";

const LOGS = 5;
const BATCHES_IN_A_LOG = 50;
const TXNS_IN_A_BATCH = 20;
const RECORD_BYTES = 180;

/** The source is released. */
export async function rehearse(
  { disk, clock }: { readonly disk: WritingDisk; readonly clock: Clock },
  settings: StorageSettings,
  source: SnapshotSource,
): Promise<void> {
  const context = { disk: noDisk(disk, clock), clock, log: SILENT_LOG, observer: NO_OBSERVER };
  await new SnapshotWriter(context, "", settings).write(beginningOf(source, settings));
  await writeLogs(new TxnLog(context, "", settings, () => {}));
}

/** The whole of it where it is smaller. As many slices where they are compressed, which takes many times as long. */
function beginningOf(
  source: SnapshotSource,
  { snapshotCompression }: StorageSettings,
): SnapshotSource {
  const mostBytes =
    snapshotCompression === ""
      ? REHEARSAL_BYTES
      : (REHEARSAL_BYTES / SNAPSHOT_SLICE_BYTES) * SNAPSHOT_COMPRESSED_SLICE_BYTES;
  let bytes = 0;
  return {
    lastZxid: source.lastZxid,
    digest: source.digest,
    sessionCount: source.sessionCount,
    sessions: () => source.sessions(),
    aclCount: source.aclCount,
    acls: () => source.acls(),
    writeNodes(out, untilLength) {
      const more = source.writeNodes(out, untilLength);
      bytes += out.length;
      return more && bytes < mostBytes;
    },
    release: () => source.release(),
  };
}

async function writeLogs(log: TxnLog): Promise<void> {
  const record = Buffer.alloc(RECORD_BYTES);
  let zxid = ZXID_ZERO;
  log.continueAfter(zxid);
  for (let batch = 1; batch <= LOGS * BATCHES_IN_A_LOG; batch++) {
    for (let i = 0; i < TXNS_IN_A_BATCH; i++) {
      zxid = (zxid + 1) as Zxid;
      record.writeUInt32BE(zxid, ZXID_OFFSET + 4);
      log.append(record, zxid);
    }
    await step((done) => log.flush(done));
    if (batch % BATCHES_IN_A_LOG === 0) log.roll();
  }
  await new Promise<void>((resume) => log.close(resume));
}

/** Memory is as on the disk that is meant. */
function noDisk(disk: WritingDisk, clock: Clock): WritingDisk {
  return {
    alignedBuffer: (bytes) => disk.alignedBuffer(bytes),
    openForWriting: async () => new NoFile(clock),
    stat: () => undefined,
    async rename() {},
    async remove() {},
    async syncDirectory() {},
  };
}

/** Takes everything at the end of the turn, and keeps nothing. */
class NoFile implements WritableFile {
  readonly path = "";
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  write(_position: number, _bytes: Uint8Array, done: DiskDone): void {
    this.#clock.atTurnEnd(done);
  }

  sync(done: DiskDone): void {
    this.#clock.atTurnEnd(done);
  }

  truncate(_sizeBytes: number, done: DiskDone): void {
    this.#clock.atTurnEnd(done);
  }

  close(done?: DiskDone): void {
    if (done !== undefined) this.#clock.atTurnEnd(done);
  }
}
