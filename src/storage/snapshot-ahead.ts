// A snapshot, read ahead (read-ahead.ts): its nodes come with the hashes of their paths and with their digests, and memory that
// they will need has been touched.

import { READ_AHEAD_MIN_BYTES } from "../limits.js";
import type { Clock, Disk } from "../platform/platform.js";
import type { Threads } from "../platform/threads.js";
import type { NodeNotes } from "../tree/node-notes.js";
import type { SnapshotSink } from "../tree/snapshot.js";
import type { SessionId } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { SnapshotFile } from "./file-names.js";
import { type PageSender, ReadAhead, type Told } from "./read-ahead.js";
import { SnapshotInput } from "./snapshot-input.js";
import { readSnapshotEnd, snapshotBodyInSteps } from "./snapshot-reader.js";

/** The thread's part. `notes` has the order's hashSeed. Throws what reading throws. */
export async function sendSnapshot(
  disk: Disk,
  file: SnapshotFile,
  sender: PageSender,
  notes: NodeNotes,
): Promise<void> {
  const sink = new SendingSink(sender, notes);
  sender.take = (page, unused) => {
    sink.sendHead();
    return { kind: "nodes", noted: notes.take(page, unused) };
  };
  const input = new SnapshotInput(disk, file.path, file.compression, sender);
  try {
    for (const _ of snapshotBodyInSteps(input, sink)) {
      await sender.untilTaken();
      await input.ahead();
    }
    const digest = readSnapshotEnd(input);
    sender.left(input.page);
    sender.post({ kind: "whole", digest });
  } finally {
    input.close();
  }
}

class SendingSink implements SnapshotSink {
  readonly #sender: PageSender;
  readonly #notes: NodeNotes;
  #sessions: [SessionId, number][] = [];
  #acls: [number, readonly ACL[]][] = [];

  constructor(sender: PageSender, notes: NodeNotes) {
    this.#sender = sender;
    this.#notes = notes;
  }

  begin(): void {}

  session(id: SessionId, timeoutMs: number): void {
    this.#sessions.push([id, timeoutMs]);
  }

  acl(id: number, acl: readonly ACL[]): void {
    this.#acls.push([id, acl]);
  }

  node(
    _paths: Buffer,
    pathStart: number,
    pathEnd: number,
    page: Buffer,
    dataStart: number,
    dataLength: number,
    aclId: number,
    statStart: number,
  ): void {
    this.#notes.add(page, pathStart, pathEnd, dataStart, dataLength, aclId, statStart);
  }

  finish(): void {}

  /** What stands before the nodes. */
  sendHead(): void {
    const [sessions, acls] = [this.#sessions, this.#acls];
    if (sessions.length > 0) this.#sender.post({ kind: "sessions", sessions });
    if (acls.length > 0) this.#sender.post({ kind: "acls", acls });
    this.#sessions = [];
    this.#acls = [];
  }
}

/**
 * The server's part: fills the sink. Undefined: it has not been read, for whatever reason, and what the sink was given is void.
 * Otherwise logs may be asked for next; whoever has it stops it. `meanwhile` is done while nothing has been told; false: no more of it.
 */
export async function readSnapshotAhead(
  { threads, disk, clock }: { threads: Threads | undefined; disk: Disk; clock: Clock },
  file: SnapshotFile,
  sink: SnapshotSink,
  meanwhile: () => boolean = () => false,
): Promise<ReadAhead | undefined> {
  const { hashSeed } = sink;
  const isWorthIt = (disk.stat(file.path)?.sizeBytes ?? 0) >= READ_AHEAD_MIN_BYTES;
  if (threads === undefined || hashSeed === undefined || !isWorthIt) return undefined;
  sink.begin();
  const ahead = new ReadAhead({ threads, clock }, { file, hashSeed }, meanwhile);
  try {
    for (let told = await ahead.next(); told !== undefined; told = await ahead.next()) {
      if (told.kind === "whole") {
        sink.finish(file.zxid, told.digest);
        return ahead;
      }
      take(told, sink, ahead);
    }
  } catch {
    // Whatever it is: it is found again.
  }
  ahead.stop();
  return undefined;
}

function take(told: Told, sink: SnapshotSink, ahead: ReadAhead): void {
  if (told.kind === "sessions") for (const [id, ms] of told.sessions) sink.session(id, ms);
  if (told.kind === "acls") for (const [id, acl] of told.acls) sink.acl(id, acl);
  if (told.kind !== "nodes") return;
  const { page } = told.noted;
  const noted = { ...told.noted, page: Buffer.from(page.buffer, page.byteOffset, page.length) };
  sink.nodes?.(noted);
  ahead.giveBack(noted);
}
