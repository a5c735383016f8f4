// Replays log files after a snapshot, and proves while doing so that nothing is missing. The rules are those of recovery.ts.

import { ExitCode, FatalError } from "../errors.js";
import { LOG_SYNC_MAX_TXNS } from "../limits.js";
import { reached } from "../marks.js";
import type { Disk } from "../platform/platform.js";
import { counterOf, epochOf, hex, hex0x, type Zxid } from "../wire/ids.js";
import { truncateFile, writeFileAtomically } from "./disk-steps.js";
import type { LogFile } from "./file-names.js";
import { LogAhead } from "./log-ahead.js";
import { examineDamage, type LogDamage } from "./log-damage.js";
import { isErrorPayload, LOG_HEADER_BYTES } from "./log-format.js";
import type { LogPassing } from "./log-passing.js";
import { LogReader } from "./log-reader.js";
import type { ReadAhead } from "./read-ahead.js";
import type { RecoveryContext, Replay } from "./recovery.js";
import type { StorageSettings } from "./settings.js";
import { SyncMarks } from "./sync-marks.js";
import { follows } from "./txn-log.js";

type LogRecords = LogReader | LogAhead;

interface ReplayOptions {
  /** The log may begin anywhere (snapshot.trust.empty). */
  readonly anyStart: boolean;
  readonly withoutSnapshot: boolean;
  /** The zxids of damaged snapshots: what is found of them in the logs is removed from the set. */
  readonly uncovered: Set<Zxid>;
}

/** Where a file stopped making sense. */
interface BadEnd {
  readonly file: LogFile;
  readonly offset: number;
  readonly reason: string;
}

export class LogReplay {
  lastZxid: Zxid;
  txns = 0;
  bytes = 0;
  /** The zxids of damaged snapshots that no log contains. */
  readonly uncovered: Set<Zxid>;
  readonly filesRead: string[] = [];
  /** What of each a sync that failed may have been for, and where its records end. */
  readonly unsure = new Map<string, { readonly start: number; readonly end: number }>();

  readonly #context: RecoveryContext;
  readonly #disk: Disk;
  readonly #base: Zxid;
  readonly #options: ReplayOptions;
  #badEnd: BadEnd | undefined;
  #lastFile: LogFile | undefined;
  #duplicates = 0;
  #ahead: ReadAhead | undefined;
  #passing: LogPassing | undefined;

  constructor(context: RecoveryContext, base: Zxid, options: ReplayOptions) {
    this.#context = context;
    this.#disk = context.disk;
    this.#base = base;
    this.#options = options;
    this.uncovered = options.uncovered;
    this.lastZxid = base;
  }

  /** `ahead` has told all of the snapshot, and `passing` gone over what a log has of it. */
  async run(
    allLogs: readonly LogFile[],
    replay: Replay,
    ahead: ReadAhead | undefined,
    passing: LogPassing | undefined,
  ): Promise<void> {
    const logs = fromSnapshotOn(allLogs, this.#base);
    this.#ahead = ahead;
    if (passing?.path === logs[0]?.path) this.#passing = passing;
    ahead?.askForLogs({
      paths: logs.map(({ path }) => path),
      offset: this.#passing?.offset ?? 0,
      base: this.#base,
    });
    for (const [index, file] of logs.entries()) {
      await this.#replayFile(file, index === logs.length - 1, replay);
    }
    // The files after it have no record: it is the last one that has.
    if (this.#badEnd !== undefined) await this.#mendEnd(this.#badEnd);
    if (this.#duplicates > 0) {
      this.#context.log.warn(
        `${this.#duplicates} transactions are in the logs twice, with the same content; the second ones were ignored`,
      );
    }
  }

  async #replayFile(file: LogFile, isLast: boolean, replay: Replay): Promise<void> {
    const reader = this.#openLog(file.path);
    const passing = this.#passing?.path === file.path ? this.#passing : undefined;
    const marks = passing?.marks ?? new SyncMarks(syncTxnsMax(this.#context.settings));
    if (passing !== undefined && passing.offset > 0) reader.continueAt(passing.offset);
    try {
      this.filesRead.push(file.path);
      for (;;) {
        if (!reader.next()) {
          if (await reader.more()) continue;
          break;
        }
        const zxid = reader.zxid;
        marks.note(reader.recordOffset);
        if (zxid <= this.#base) continue;
        if (zxid <= this.lastZxid) {
          this.#skipDuplicate(file, reader);
          continue;
        }
        this.#checkNext(file, reader);
        this.#replayRecord(reader, replay);
        this.lastZxid = zxid;
        this.txns++;
        this.bytes += reader.payloadEnd - reader.payloadStart;
        if (this.uncovered.size > 0) this.uncovered.delete(zxid);
      }
    } finally {
      reader.close();
    }
    this.#lastFile = file;
    const end = reader.offset;
    this.unsure.set(file.path, { start: marks.startBefore(end), end });
    if (reader.end.kind === "end") return;
    const reason = reader.end.kind === "damage" ? reader.end.reason : "it has no header";
    const badEnd = { file, offset: reader.offset, reason };
    if (isLast) await this.#mendEnd(badEnd);
    else this.#badEnd = badEnd;
  }

  #openLog(path: string): LogRecords {
    const ahead = this.#ahead;
    if (ahead === undefined || ahead.isOver) return new LogReader(this.#disk, path);
    return new LogAhead(this.#disk, path, ahead);
  }

  #replayRecord(reader: LogRecords, replay: Replay): void {
    try {
      const { page, payloadStart, payloadEnd, zxid, known, knownAt } = reader;
      replay(page, payloadStart, payloadEnd, zxid, known, knownAt);
    } catch (error) {
      throw new FatalError(
        ExitCode.unexpectedError,
        `Cannot replay zxid ${hex0x(reader.zxid)}, in ${reader.path} at offset ${reader.recordOffset}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  /** Rule 1; at the first record also rule 2 and what a log without a snapshot may begin with. */
  #checkNext(file: LogFile, reader: LogRecords): void {
    const { zxid, recordOffset: offset } = reader;
    const isError = isErrorPayload(reader.page, reader.payloadStart);
    if (this.txns === 0) {
      if (this.#options.anyStart) return;
      if (this.#options.withoutSnapshot) {
        const counter = counterOf(zxid);
        if ((counter === 1 || (counter === 0 && isError)) && epochOf(zxid) <= 1) return;
        refuse(
          "No snapshot found, but there are log entries. Something is broken! " +
            `The oldest transaction, ${hex0x(zxid)} in ${file.path}, is not the first of a history. Restore the snapshots to ` +
            `${this.#context.directories.snapshots}; or, when upgrading from 3.4 where none was ever taken, start once with snapshot.trust.empty=true`,
        );
      }
    }
    // A new leader's zxid is (e,0) until it gives out the first: what it cannot decode before is logged under that.
    const isEarlyError = isError && counterOf(zxid) === 0 && epochOf(zxid) > epochOf(this.lastZxid);
    if (follows(this.lastZxid, zxid) || isEarlyError) {
      if (this.#badEnd !== undefined) this.#noteSuperseded(this.#badEnd, zxid);
      return;
    }
    if (this.#badEnd !== undefined) refuseDamage(this.#badEnd, this.lastZxid, undefined);
    reached("recovery: a hole is refused");
    const before =
      this.#lastFile === undefined || this.#lastFile === file
        ? `at offset ${offset}`
        : `at offset ${offset}, after ${this.#lastFile.path}`;
    refuse(
      `Transactions are missing: ${file.path} has zxid ${hex0x(zxid)} ${before}, where ${hex0x(this.lastZxid + 1)} must come next ` +
        `(last one before: ${hex0x(this.lastZxid)}). Restore the missing log file to ${this.#context.directories.logs}; or let the ensemble ` +
        `send the data anew to this member alone (mv ${this.#context.directories.logs} ${this.#context.directories.logs}.damaged)`,
    );
  }

  /** Rule 3. */
  #skipDuplicate(file: LogFile, reader: LogRecords): void {
    if (isErrorPayload(reader.page, reader.payloadStart)) return;
    const first = this.#findBefore(reader);
    if (first?.equals(reader.payload())) {
      this.#duplicates++;
      return;
    }
    refuse(
      `Transactions are out of order: ${file.path} has zxid ${hex0x(reader.zxid)} at offset ${reader.recordOffset} after ` +
        `${hex0x(this.lastZxid)}, and it is not the same as the one before. Restore the file, or let the ensemble send the data ` +
        `anew to this member alone (mv ${this.#context.directories.logs} ${this.#context.directories.logs}.damaged)`,
    );
  }

  /** The record of the same zxid that came before this one. */
  #findBefore(duplicate: LogRecords): Buffer | undefined {
    for (const path of this.filesRead) {
      const stop = path === duplicate.path ? duplicate.recordOffset : Number.POSITIVE_INFINITY;
      const reader = new LogReader(this.#disk, path);
      try {
        while (reader.next() && reader.recordOffset < stop) {
          if (reader.zxid === duplicate.zxid) return Buffer.from(reader.payload());
        }
      } finally {
        reader.close();
      }
    }
    return undefined;
  }

  /** Rule 4. */
  #noteSuperseded(end: BadEnd, next: Zxid): void {
    if (next !== this.lastZxid + 1) {
      const damage = examineDamage(this.#disk, end.file.path, end.offset);
      if (!damage.torn) refuseDamage(end, this.lastZxid, damage);
    }
    this.#badEnd = undefined;
    reached("recovery: a torn end that a later log continues");
    this.#context.log.warn(
      `${end.file.path} ends at offset ${end.offset} with what is no record (${end.reason}); the next log continues without ` +
        "a gap, so it was never acknowledged",
    );
  }

  /** Rule 5. */
  async #mendEnd(end: BadEnd): Promise<void> {
    const damage = examineDamage(this.#disk, end.file.path, end.offset);
    if (!damage.torn) refuseDamage(end, this.lastZxid, damage);
    const asideName = `torn.${end.file.name}.${hex(end.offset)}`;
    const directory = this.#context.directories.logs;
    this.#context.log.warn(
      `${end.file.path} ends at offset ${end.offset} with a write that was cut short (${end.reason}), after zxid ` +
        `${hex0x(this.lastZxid)}. It was never acknowledged; it is cut off and kept in ${directory}/${asideName}`,
    );
    if (end.offset <= LOG_HEADER_BYTES) {
      // No record is left in it.
      reached("recovery: a log is torn before its first record");
      await this.#disk.rename(end.file.path, `${directory}/${asideName}`);
      await this.#disk.syncDirectory(directory);
      this.filesRead.splice(this.filesRead.indexOf(end.file.path), 1);
      return;
    }
    reached("recovery: a log is torn");
    const bytes = readRange(this.#disk, end.file.path, end.offset, damage.dataEnd);
    await writeFileAtomically(this.#disk, directory, asideName, `tmp.${asideName}`, bytes);
    await truncateFile(this.#disk, end.file.path, end.offset);
  }
}

/** So many records may be in one sync. */
export function syncTxnsMax({ maxBatchSize }: StorageSettings): number {
  return Math.max(LOG_SYNC_MAX_TXNS, maxBatchSize);
}

/** Logs at the end that have no header have no records: a server was stopped as it began them. They are moved aside. */
export async function dropHeaderlessLogs(
  { disk, log, directories }: RecoveryContext,
  logs: readonly LogFile[],
): Promise<LogFile[]> {
  const kept = [...logs];
  for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
    const reader = new LogReader(disk, last.path);
    reader.close();
    if (!reader.isHeaderless) break;
    if (examineDamage(disk, last.path, 0).next !== undefined) break;
    const aside = `${directories.logs}/headerless.${last.name}`;
    log.warn(
      `${last.path} is the last log and has no header: it is empty, and is kept as ${aside}`,
    );
    reached("recovery: a log without a header");
    await disk.rename(last.path, aside);
    await disk.syncDirectory(directories.logs);
    kept.pop();
  }
  return kept;
}

/** The file that may contain what follows the snapshot, and all later ones. Java: FileTxnLog.getLogFiles. */
export function fromSnapshotOn(logs: readonly LogFile[], base: Zxid): readonly LogFile[] {
  // A file whose name is base+1 may begin with an error under that zxid, given out in the file before (rule 3).
  const first = logs.findLastIndex((file) => file.zxid <= base);
  return first <= 0 ? logs : logs.slice(first);
}

function refuseDamage(end: BadEnd, lastZxid: Zxid, damage: LogDamage | undefined): never {
  reached("recovery: a damaged log is refused");
  const after = damage?.next;
  const what =
    after === undefined
      ? "it was written whole and damaged later"
      : `the next whole one, zxid ${hex0x(after.zxid)}, is at offset ${after.offset}`;
  refuse(
    `Log ${end.file.path} is damaged at offset ${end.offset}, after zxid ${hex0x(lastZxid)}: ${end.reason}; ${what}. ` +
      `Restore the file, or let the ensemble send the data anew to this member alone; to go on without this and all later ` +
      `transactions: truncate -s ${end.offset} ${end.file.path}, and move later log files away`,
  );
}

function readRange(disk: Disk, path: string, start: number, end: number): Buffer {
  const file = disk.openForReading(path);
  try {
    const bytes = Buffer.allocUnsafe(end - start);
    return bytes.subarray(0, file.read(start, bytes));
  } finally {
    file.close();
  }
}

function refuse(message: string): never {
  throw new FatalError(ExitCode.unexpectedError, message);
}
