// Prints a log record by record, and in recovery mode writes it anew with checksums that are right. Java: TxnLogToolkit.dump.

import { basename } from "node:path";
import { ExitCode } from "../../errors.js";
import type { Answers } from "./answers.js";
import { LogFileWriter } from "./log-file-writer.js";
import type { Output } from "./output.js";
import { RawLog, type RawRecord, RECORD_END_BYTES, recordPrefix } from "./raw-log.js";
import { ToolkitError, uncaught } from "./toolkit-error.js";
import { txnLine } from "./txn-text.js";

export interface DumpSettings {
  readonly path: string;
  /** Undefined: only print. */
  readonly recoveryPath: string | undefined;
  readonly isVerbose: boolean;
  /** Mends without asking. */
  readonly isForced: boolean;
  readonly lengthLimit: number;
  readonly preAllocBytes: number;
}

/** Returns how many checksums were mended. */
export function dumpLog(settings: DumpSettings, out: Output, answers: Answers): number {
  const { path, recoveryPath, preAllocBytes } = settings;
  const target =
    recoveryPath === undefined ? undefined : new LogFileWriter(recoveryPath, preAllocBytes);
  try {
    const log = new RawLog(path, settings.lengthLimit);
    try {
      return new Dump(settings, out, answers, target).run(log);
    } finally {
      log.close();
    }
  } finally {
    target?.close();
  }
}

class Dump {
  readonly #settings: DumpSettings;
  readonly #out: Output;
  readonly #answers: Answers;
  readonly #target: LogFileWriter | undefined;
  #mended = 0;

  constructor(
    settings: DumpSettings,
    out: Output,
    answers: Answers,
    target: LogFileWriter | undefined,
  ) {
    this.#settings = settings;
    this.#out = out;
    this.#answers = answers;
    this.#target = target;
  }

  run(log: RawLog): number {
    log.readHeader();
    if (!log.isLog) {
      const name = basename(this.#settings.path);
      throw new ToolkitError(ExitCode.invalidInvocation, `Invalid magic number for ${name}`);
    }
    this.#out.line(log.title);
    this.#target?.header(log.header());
    for (let record = log.next(); record !== undefined; record = log.next()) {
      this.#take(record, log);
    }
    this.#out.line(`EOF reached after ${log.count} txns.`);
    return this.#mended;
  }

  #take(record: RawRecord, log: RawLog): void {
    const target = this.#target;
    const { checksum, wantedChecksum, payload } = record;
    const mended = checksum === wantedChecksum ? checksum : this.#mend(record);
    if (target === undefined || this.#settings.isVerbose) this.#print("", payload);
    if (!log.readEnd()) {
      throw new ToolkitError(ExitCode.unexpectedError, "Last transaction was partial.");
    }
    if (target === undefined) return;
    target.pad();
    target.write(recordPrefix(mended, payload.length));
    target.write(payload);
    target.write(RECORD_END_BYTES);
  }

  /** The checksum that the record gets. */
  #mend({ checksum, wantedChecksum, payload }: RawRecord): bigint {
    const isForced = this.#target !== undefined && this.#settings.isForced;
    this.#print(isForced ? "CRC FIXED - " : "CRC ERROR - ", payload);
    if (this.#target === undefined) return checksum;
    if (!isForced && !this.#askForFix()) return checksum;
    this.#mended++;
    return wantedChecksum;
  }

  #print(prefix: string, payload: Buffer): void {
    this.#out.print(prefix + txnLine(payload, this.#settings.lengthLimit));
  }

  #askForFix(): boolean {
    for (;;) {
      this.#out.print("Would you like to fix it (Yes/No/Abort) ? ");
      this.#out.flush();
      const answer = this.#answers.word();
      if (answer === undefined) throw uncaught("java.util.NoSuchElementException");
      const letter = answer[0]!.toUpperCase();
      if (letter === "Y") return true;
      if (letter === "N") return false;
      if (letter === "A") throw new ToolkitError(ExitCode.finished, "Recovery aborted.");
    }
  }
}
