// A large snapshot is read in two threads: one reads the file, checks its seals, finds the nodes, computes their hashes and
// digests and touches memory for them; the other, the server's own, makes the tree of it. Java does all that in one.
//
// The thread runs the reader that there is (snapshot-reader.ts), and hands over each page of the file with what it has found in
// it. Whatever goes wrong there, damage too, is no verdict: the file is read again, here, and what that says counts.
//
// No more than a few pages are on their way at a time.

import { READ_AHEAD_MAX_PAGES, READ_AHEAD_MIN_BYTES, READ_AHEAD_PAGE_BYTES } from "../limits.js";
import type { Disk } from "../platform/platform.js";
import type { Thread, ThreadPort, Threads } from "../platform/threads.js";
import type { NodeNotes, NotedNodes } from "../tree/node-notes.js";
import type { SnapshotSink, ZxidDigest } from "../tree/snapshot.js";
import type { SessionId } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { SnapshotFile } from "./file-names.js";
import { SnapshotInput, type SnapshotPages } from "./snapshot-input.js";
import { readSnapshotEnd, snapshotBodyInSteps } from "./snapshot-reader.js";

/** What the thread is started with. */
export interface ReadAheadOrder {
  readonly file: SnapshotFile;
  readonly hashSeed: number;
}

type Message =
  | { readonly kind: "sessions"; readonly sessions: readonly (readonly [SessionId, number])[] }
  | { readonly kind: "acls"; readonly acls: readonly (readonly [number, readonly ACL[]])[] }
  | { readonly kind: "nodes"; readonly noted: NotedNodes }
  | { readonly kind: "whole"; readonly digest: ZxidDigest | undefined };

/** The same buffers, for the next pages. */
interface Returned {
  readonly page: ArrayBuffer;
  readonly notes: ArrayBuffer;
}

// ----------------------------------------------------------------------------------------------------------- the other thread

/** `notes` has the order's hashSeed. Throws what reading throws. */
export async function readAhead(
  disk: Disk,
  { file }: ReadAheadOrder,
  port: ThreadPort,
  notes: NodeNotes,
): Promise<void> {
  const sink = new PostingSink(port, notes);
  const input = new SnapshotInput(disk, file.path, file.compression, sink);
  try {
    for (const _ of snapshotBodyInSteps(input, sink)) await sink.untilTaken();
    const digest = readSnapshotEnd(input);
    sink.left(input.page);
    sink.post({ kind: "whole", digest });
  } finally {
    input.close();
  }
}

class PostingSink implements SnapshotSink, SnapshotPages {
  readonly #port: ThreadPort;
  readonly #notes: NodeNotes;
  /** What has come back. */
  readonly #pages: Buffer[] = [];
  #sessions: [SessionId, number][] = [];
  #acls: [number, readonly ACL[]][] = [];
  /** Pages that the other side has not answered for. */
  #underway = 0;

  constructor(port: ThreadPort, notes: NodeNotes) {
    this.#port = port;
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

  next(leastBytes: number): Buffer {
    const page = this.#pages.pop();
    if (page !== undefined && page.length >= leastBytes) return page;
    return Buffer.allocUnsafeSlow(Math.max(READ_AHEAD_PAGE_BYTES, leastBytes));
  }

  /** The nodes that are in this page, which is handed over. */
  left(page: Buffer): void {
    this.#postHead();
    const noted = this.#notes.take(page);
    this.#underway++;
    const { notes, touched } = noted;
    const buffers = [page.buffer, notes.buffer, ...touched] as ArrayBuffer[];
    this.#port.post({ kind: "nodes", noted }, buffers);
  }

  async untilTaken(): Promise<void> {
    for (; this.#underway >= READ_AHEAD_MAX_PAGES; this.#underway--) {
      const { page, notes } = (await this.#port.next()) as Returned;
      this.#pages.push(Buffer.from(page));
      this.#notes.giveBack(notes);
    }
  }

  post(message: Message): void {
    this.#port.post(message, []);
  }

  #postHead(): void {
    if (this.#sessions.length > 0) this.post({ kind: "sessions", sessions: this.#sessions });
    if (this.#acls.length > 0) this.post({ kind: "acls", acls: this.#acls });
    this.#sessions = [];
    this.#acls = [];
  }
}

// --------------------------------------------------------------------------------------------------------- the server's thread

/** False: it has not been read, for whatever reason. What the sink was given until then is void. */
export function readSnapshotAhead(
  threads: Threads | undefined,
  disk: Disk,
  file: SnapshotFile,
  sink: SnapshotSink,
): Promise<boolean> {
  const { hashSeed } = sink;
  const isWorthIt = (disk.stat(file.path)?.sizeBytes ?? 0) >= READ_AHEAD_MIN_BYTES;
  if (threads === undefined || hashSeed === undefined || !isWorthIt) return Promise.resolve(false);
  return new Promise((resolve) => {
    let thread: Thread | undefined;
    const end = (isRead: boolean) => {
      thread?.stop();
      resolve(isRead);
    };
    sink.begin();
    const order: ReadAheadOrder = { file, hashSeed };
    const told = (message: unknown) => {
      try {
        if (take(message as Message, file, sink)) end(true);
        else giveBack(message as Message, thread);
      } catch {
        end(false);
      }
    };
    thread = threads.start(order, told, () => end(false));
  });
}

/** For the next page that is read. */
function giveBack(message: Message, thread: Thread | undefined): void {
  if (message.kind !== "nodes") return;
  const { page, notes } = message.noted;
  const buffers = { page: page.buffer, notes: notes.buffer } as Returned;
  thread?.post(buffers, [buffers.page, buffers.notes]);
}

/** True: that was all. */
function take(message: Message, file: SnapshotFile, sink: SnapshotSink): boolean {
  switch (message.kind) {
    case "sessions":
      for (const [id, timeoutMs] of message.sessions) sink.session(id, timeoutMs);
      return false;
    case "acls":
      for (const [id, acl] of message.acls) sink.acl(id, acl);
      return false;
    case "nodes": {
      const { noted } = message;
      const { buffer, byteOffset, length } = noted.page;
      sink.nodes?.({ ...noted, page: Buffer.from(buffer, byteOffset, length) });
      return false;
    }
    case "whole":
      sink.finish(file.zxid, message.digest);
      return true;
  }
}
