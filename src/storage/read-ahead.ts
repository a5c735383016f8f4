// Large files of a start are read in two threads: one reads them, checks their seals, finds what is in them, and computes of it what
// needs no tree; the other, the server's own, makes the tree. Java does all that in one.
//
// The thread (src/reader-thread.ts) runs the readers that there are, and hands over each page of a file with notes of what it has
// found in it: the snapshot first (snapshot-ahead.ts), then the logs after it (log-ahead.ts). Whatever goes wrong there, damage
// too, is no verdict: what has not been told is read here, and what that says counts.
//
// No more than a few pages are on their way at a time. Their buffers come back, and are used again.

import { READ_AHEAD_MAX_PAGES, READ_AHEAD_PAGE_BYTES } from "../limits.js";
import type { Clock } from "../platform/platform.js";
import type { Thread, ThreadPort, Threads } from "../platform/threads.js";
import { Queue } from "../queue.js";
import type { NotedNodes } from "../tree/node-notes.js";
import type { ZxidDigest } from "../tree/snapshot.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { SnapshotFile } from "./file-names.js";
import type { NotedRecords } from "./log-notes.js";
import type { Pages } from "./pages.js";

/** What the thread is started with. */
export interface ReadAheadOrder {
  readonly file: SnapshotFile;
  readonly hashSeed: number;
}

/** And what it is asked for afterwards. */
export interface LogsOrder {
  readonly paths: readonly string[];
  /** Where in the first of them it begins; 0: where its records begin. */
  readonly offset: number;
  /** The snapshot's zxid. */
  readonly base: Zxid;
}

/** What it tells. */
export type Told =
  | { readonly kind: "sessions"; readonly sessions: readonly (readonly [SessionId, number])[] }
  | { readonly kind: "acls"; readonly acls: readonly (readonly [number, readonly ACL[]])[] }
  | { readonly kind: "nodes"; readonly noted: NotedNodes }
  | { readonly kind: "whole"; readonly digest: ZxidDigest | undefined }
  | { readonly kind: "records"; readonly noted: NotedRecords }
  /** Its records end there, and nothing but zeros follows. */
  | { readonly kind: "logEnd"; readonly offset: number };

interface Returned {
  readonly page: ArrayBuffer;
  readonly notes: ArrayBuffer;
}

type Noted = { readonly page: Buffer; readonly notes: Int32Array };

type Telling = Noted & { readonly touched: readonly ArrayBuffer[] };

/** The thread's end. */
export class PageSender implements Pages {
  /** Makes of a page that is left what is told of it; the notes of another are `unused`. */
  take: ((page: Buffer, unused: ArrayBuffer | undefined) => Told & { noted: Telling }) | undefined;
  readonly #port: ThreadPort;
  readonly #pages: Buffer[] = [];
  readonly #notes: ArrayBuffer[] = [];
  #underway = 0;

  constructor(port: ThreadPort) {
    this.#port = port;
  }

  next(leastBytes: number): Buffer {
    const page = this.#pages.pop();
    if (page !== undefined && page.length >= leastBytes) return page;
    return Buffer.allocUnsafeSlow(Math.max(READ_AHEAD_PAGE_BYTES, leastBytes));
  }

  left(page: Buffer): void {
    const told = this.take?.(page, this.#notes.pop());
    if (told === undefined) return;
    this.#underway++;
    const { notes, touched } = told.noted;
    this.#port.post(told, [page.buffer, notes.buffer, ...touched] as ArrayBuffer[]);
  }

  post(told: Told): void {
    this.#port.post(told, []);
  }

  /** There are not too many pages on their way. */
  async untilTaken(): Promise<void> {
    while (this.#underway >= READ_AHEAD_MAX_PAGES) this.#comesBack(await this.#port.next());
  }

  async untilAsked(): Promise<LogsOrder> {
    for (;;) {
      const message = await this.#port.next();
      if ("paths" in (message as object)) return message as LogsOrder;
      this.#comesBack(message);
    }
  }

  #comesBack(message: unknown): void {
    const { page, notes } = message as Returned;
    this.#pages.push(Buffer.from(page));
    this.#notes.push(notes);
    this.#underway--;
  }
}

/** The server's end. */
export class ReadAhead {
  readonly #told = new Queue<Told>();
  readonly #thread: Thread;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #clock: Clock;
  /** What there is to do here while nothing has been told; false: nothing more. */
  readonly #meanwhile: () => boolean;

  constructor(
    { threads, clock }: { threads: Threads; clock: Clock },
    order: ReadAheadOrder,
    meanwhile: () => boolean,
  ) {
    this.#clock = clock;
    this.#meanwhile = meanwhile;
    const told = (message: unknown) => {
      this.#told.push(message as Told);
      this.#wake?.();
    };
    this.#thread = threads.start(order, told, () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  askForLogs(order: LogsOrder): void {
    this.#thread.post(order, []);
  }

  /** What is told next; undefined: nothing more will be. */
  async next(): Promise<Told | undefined> {
    while (this.#told.length === 0 && !this.#ended) {
      const isBusy = this.#meanwhile();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (isBusy) this.#clock.atTurnEnd(resolve);
      });
    }
    return this.#told.take();
  }

  /** What is in the page is not needed any more. */
  giveBack({ page, notes }: Noted): void {
    const buffers = { page: page.buffer, notes: notes.buffer } as Returned;
    this.#thread.post(buffers, [buffers.page, buffers.notes]);
  }

  /** There is nothing more to come, and nothing left of what came. */
  get isOver(): boolean {
    return this.#ended && this.#told.length === 0;
  }

  stop(): void {
    this.#ended = true;
    this.#told.clear();
    this.#thread.stop();
  }
}
