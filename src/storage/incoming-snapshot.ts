// A snapshot that an operator sends: kept in a file, checked, and loaded from it, all while the server goes on.
//
// It may be longer than memory, and may end early or be no snapshot at all: nothing of it counts before its last seal has been
// read. Its file has a temporary name, which the next start removes.

import { SNAPSHOT_INCOMING_UNWRITTEN_MAX_BYTES } from "../limits.js";
import type { Clock, Disk, DiskError, WritableFile } from "../platform/platform.js";
import type { SnapshotSink } from "../tree/snapshot.js";
import type { Zxid } from "../wire/ids.js";
import { discardTemporary } from "./disk-steps.js";
import { type Compression, temporaryName } from "./file-names.js";
import { XERIAL_MAGIC } from "./snappy.js";
import { loadSnapshotInSteps } from "./snapshot-reader.js";

const NAME = "snapshot.restore";

export class IncomingSnapshot {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #opened: Promise<void>;
  #file: WritableFile | undefined;
  /** What came before the file was open. */
  #early: Buffer[] = [];
  #head = Buffer.alloc(0);
  #position = 0;
  #unwritten = 0;
  #failed: Error | undefined;
  #settled: (() => void) | undefined;
  /** Called when so much has been written that more may come. */
  onRoom: () => void = () => {};

  constructor(disk: Disk, clock: Clock, directory: string) {
    this.#disk = disk;
    this.#clock = clock;
    this.#path = `${directory}/${temporaryName(NAME)}`;
    this.#opened = this.#open().catch((error: Error) => {
      this.#failed = error;
      this.#early = [];
    });
  }

  /** The chunk is copied. False: no more before `onRoom`. */
  push(chunk: Buffer): boolean {
    if (this.#failed !== undefined) return true;
    const bytes = Buffer.from(chunk);
    if (this.#head.length < XERIAL_MAGIC.length) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, XERIAL_MAGIC.length)]);
    }
    this.#unwritten += bytes.length;
    if (this.#file === undefined) this.#early.push(bytes);
    else this.#write(this.#file, bytes);
    return this.#unwritten < SNAPSHOT_INCOMING_UNWRITTEN_MAX_BYTES;
  }

  /** All of it has come. Rejects with StorageDamage, SnapshotError or DiskError; `discard` must follow in any case. */
  async load(sink: SnapshotSink): Promise<Zxid> {
    await this.#settle();
    if (this.#failed !== undefined) throw this.#failed;
    const file = { path: this.#path, compression: compressionOf(this.#head) };
    const steps = loadSnapshotInSteps(this.#disk, file, sink);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await new Promise<void>((resume) => this.#clock.atTurnEnd(resume));
    }
  }

  async discard(): Promise<void> {
    await this.#settle();
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    await discardTemporary(this.#disk, file);
  }

  async #open(): Promise<void> {
    if (this.#disk.stat(this.#path) !== undefined) await this.#disk.remove(this.#path);
    const file = await this.#disk.openForWriting(this.#path, "create");
    this.#file = file;
    for (const bytes of this.#early.splice(0)) this.#write(file, bytes);
  }

  #write(file: WritableFile, bytes: Buffer): void {
    const position = this.#position;
    this.#position += bytes.length;
    file.write(position, bytes, (error?: DiskError) => {
      const wasFull = this.#unwritten >= SNAPSHOT_INCOMING_UNWRITTEN_MAX_BYTES;
      this.#unwritten -= bytes.length;
      if (error !== undefined) this.#failed ??= error;
      if (this.#unwritten === 0) this.#settled?.();
      if (wasFull && this.#unwritten < SNAPSHOT_INCOMING_UNWRITTEN_MAX_BYTES) this.onRoom();
    });
  }

  async #settle(): Promise<void> {
    await this.#opened;
    if (this.#unwritten === 0 || this.#file === undefined) return;
    await new Promise<void>((resume) => {
      this.#settled = resume;
    });
  }
}

function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gz";
  return head.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC) ? "snappy" : "";
}
