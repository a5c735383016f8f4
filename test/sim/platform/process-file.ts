// A file that a simulated process writes: its calls are carried out one after the other, as in platform/node/file.ts.

import type { DiskDone, DiskError, WritableFile } from "../../../src/platform/platform.js";
import type { DiskFault } from "./disk-faults.js";
import type { FileNode } from "./file-system.js";
import type { SimProcess } from "./process.js";
import type { Range } from "./random.js";
import { diskError, type SimDisk } from "./sim-disk.js";

type Call =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array; done: DiskDone }
  | { readonly kind: "sync"; done: DiskDone }
  | { readonly kind: "truncate"; readonly sizeBytes: number; done: DiskDone }
  | { readonly kind: "close"; done: DiskDone };

type Effect = NonNullable<DiskFault["effect"]>;

export class ProcessFile implements WritableFile {
  path: string;
  readonly #node: FileNode;
  readonly #disk: SimDisk;
  readonly #process: SimProcess;
  readonly #wallMs: () => number;
  readonly #calls: Call[] = [];
  #isBusy = false;
  #isClosed = false;

  constructor(
    path: string,
    node: FileNode,
    disk: SimDisk,
    process: SimProcess,
    wallMs: () => number,
  ) {
    this.path = path;
    this.#node = node;
    this.#disk = disk;
    this.#process = process;
    this.#wallMs = wallMs;
  }

  write(position: number, bytes: Uint8Array, done: DiskDone): void {
    this.#add({ kind: "write", at: position, bytes, done });
  }

  sync(done: DiskDone): void {
    this.#add({ kind: "sync", done });
  }

  truncate(sizeBytes: number, done: DiskDone): void {
    this.#add({ kind: "truncate", sizeBytes, done });
  }

  close(done: DiskDone = () => {}): void {
    this.#add({ kind: "close", done });
    this.#isClosed = true;
  }

  #add(call: Call): void {
    if (this.#isClosed) throw new Error(`Cannot ${call.kind} "${this.path}": it has been closed`);
    this.#calls.push(call);
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const call = this.#calls.shift();
    this.#isBusy = call !== undefined;
    if (call === undefined || !this.#process.isAlive) return;
    const fault = this.#disk.call(call.kind, this.path);
    const effect = fault?.effect ?? (fault?.code === undefined ? "all" : "nothing");
    let error = fault?.code === undefined ? undefined : diskError(fault.code, call.kind, this.path);
    const takeEffect = (): void => {
      const own = this.#takeEffect(call, effect);
      error ??= own;
    };
    const delayMs = this.#disk.random.between(this.#range(call)) + (fault?.delayMs ?? 0);
    this.#disk.carryOut(delayMs, takeEffect, () => {
      this.#process.post(() => {
        call.done(error);
        this.#next();
      });
    });
  }

  #takeEffect(call: Call, effect: Effect): DiskError | undefined {
    if (call.kind === "sync") {
      if (effect === "all") this.#node.sync();
      else if (effect === "pages dropped") this.#node.forgetUnsynced();
      return undefined;
    }
    if (effect === "nothing" || call.kind === "close") return undefined;
    this.#node.modifiedMs = this.#wallMs();
    if (call.kind === "truncate") {
      this.#node.truncate(call.sizeBytes);
      return undefined;
    }
    const isPart = effect === "part";
    const wanted = isPart ? this.#disk.random.integer(call.bytes.length + 1) : call.bytes.length;
    return this.#write(call.at, call.bytes.subarray(0, wanted));
  }

  /** A nearly full disk takes what fits. */
  #write(at: number, bytes: Uint8Array): DiskError | undefined {
    const room = this.#disk.capacityBytes - this.#disk.usedBytesIfLimited();
    if (bytes.length <= room) {
      this.#node.write(at, bytes);
      return undefined;
    }
    this.#node.write(at, bytes.subarray(0, Math.max(0, room)));
    return diskError("ENOSPC", "write", this.path);
  }

  #range(call: Call): Range {
    const { settings } = this.#disk;
    if (call.kind === "sync") return settings.syncMs;
    return call.kind === "write" ? settings.writeMs : settings.metadataMs;
  }
}
