// The disk as one simulated process sees it.

import type { Disk, FileStat, ReadableFile, WritableFile } from "../../../src/platform/platform.js";
import { DiskError } from "../../../src/platform/platform.js";
import type { DiskOperation } from "./disk-faults.js";
import { DirectoryNode, FileNode, type FsNode } from "./file-system.js";
import type { SimProcess } from "./process.js";
import { ProcessFile } from "./process-file.js";
import { diskError, parts, type SimDisk } from "./sim-disk.js";

export class ProcessDisk implements Disk {
  readonly #disk: SimDisk;
  readonly #process: SimProcess;
  readonly #wallMs: () => number;

  constructor(disk: SimDisk, process: SimProcess, wallMs: () => number) {
    this.#disk = disk;
    this.#process = process;
    this.#wallMs = wallMs;
  }

  readDirectory(path: string): string[] {
    this.#mayFail("readDirectory", "list", path);
    const node = this.#existing("list", path);
    if (node.kind !== "directory") throw diskError("ENOTDIR", "list", path);
    return [...node.cached.keys()].sort();
  }

  stat(path: string): FileStat | undefined {
    this.#mayFail("stat", "inspect", path);
    const node = this.#disk.lookUp(path);
    if (node === undefined) return undefined;
    const sizeBytes = node.kind === "file" ? node.cached.sizeBytes : 4096;
    return { kind: node.kind, sizeBytes, modifiedMs: node.modifiedMs };
  }

  readFile(path: string): Buffer {
    this.#mayFail("read", "read", path);
    return this.#existingFile("read", path).cached.toBuffer();
  }

  openForReading(path: string): ReadableFile {
    this.#mayFail("open", "open", path);
    const file = this.#existingFile("open", path);
    const mayFail = (): void => this.#mayFail("read", "read", path);
    return {
      sizeBytes: file.cached.sizeBytes,
      read: (position, target) => {
        mayFail();
        return file.cached.read(position, target);
      },
      ahead: () => undefined,
      close() {},
    };
  }

  makeDirectories(path: string): Promise<void> {
    return this.#promise("makeDirectories", "create directory", path, () => {
      let node: FsNode = this.#disk.root;
      for (const name of parts(path)) {
        if (node.kind !== "directory") throw diskError("ENOTDIR", "create directory", path);
        let next = node.cached.get(name);
        if (next === undefined) {
          next = new DirectoryNode(this.#wallMs());
          node.link(name, next);
        }
        node = next;
      }
      if (node.kind !== "directory") throw diskError("EEXIST", "create directory", path);
    });
  }

  openForWriting(path: string, mode: "create" | "open"): Promise<WritableFile> {
    return this.#promise(mode, mode, path, () => {
      const node = mode === "create" ? this.#create(path) : this.#existingFile(mode, path);
      return new ProcessFile(path, node, this.#disk, this.#process, this.#wallMs);
    });
  }

  alignedBuffer(bytes: number): Buffer {
    return Buffer.alloc(bytes);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#promise("rename", "rename", from, () => {
      const node = this.#existing("rename", from);
      const target = this.#disk.lookUp(to);
      if (target?.kind === "directory") {
        const code = node.kind === "file" ? "EISDIR" : "ENOTEMPTY";
        if (node.kind === "file" || target.cached.size > 0) throw diskError(code, "rename", from);
      }
      const source = this.#parent("rename", from);
      const destination = this.#parent("rename", to);
      source.directory.rename(source.name, destination.directory, destination.name);
    });
  }

  remove(path: string): Promise<void> {
    return this.#promise("remove", "remove", path, () => {
      const node = this.#existing("remove", path);
      if (node.kind === "directory" && node.cached.size > 0) {
        throw diskError("ENOTEMPTY", "remove", path);
      }
      const { directory, name } = this.#parent("remove", path);
      directory.unlink(name);
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#promise("syncDirectory", "sync directory", path, (effect) => {
      const node = this.#existing("sync directory", path);
      if (node.kind !== "directory") throw diskError("ENOTDIR", "sync directory", path);
      if (effect === "pages dropped") node.forgetUnsynced();
      else node.sync();
    });
  }

  freeBytes(_path: string): number | undefined {
    return Math.max(0, this.#disk.capacityBytes - this.#disk.usedBytes());
  }

  /** For trees that are larger than any simulated one. */
  imagined(): never {
    throw new Error("There is nothing to rehearse in a simulation");
  }

  #create(path: string): FileNode {
    const { directory, name } = this.#parent("create", path);
    if (directory.cached.has(name)) throw diskError("EEXIST", "create", path);
    if (this.#disk.usedBytesIfLimited() >= this.#disk.capacityBytes) {
      throw diskError("ENOSPC", "create", path);
    }
    const file = new FileNode(this.#wallMs());
    directory.link(name, file);
    return file;
  }

  #promise<T>(
    operation: DiskOperation,
    action: string,
    path: string,
    run: (effect: string) => T,
  ): Promise<T> {
    return new Promise((resolve, reject: (error: unknown) => void) => {
      if (!this.#process.isAlive) return;
      const fault = this.#disk.call(operation, path);
      const effect = fault?.effect ?? (fault?.code === undefined ? "all" : "nothing");
      const failure = fault?.code === undefined ? undefined : diskError(fault.code, action, path);
      let outcome: { readonly value?: T; readonly error?: unknown } = {};
      const takeEffect = (): void => {
        try {
          if (effect !== "nothing") outcome = { value: run(effect) };
          if (failure !== undefined) outcome = { error: failure };
        } catch (error) {
          if (!(error instanceof DiskError)) throw error;
          outcome = { error };
        }
      };
      const { settings, random } = this.#disk;
      const range = operation === "syncDirectory" ? settings.syncMs : settings.metadataMs;
      const delayMs = random.between(range) + (fault?.delayMs ?? 0);
      this.#disk.carryOut(delayMs, takeEffect, () => {
        this.#process.post(() => {
          if ("error" in outcome) reject(outcome.error);
          else resolve(outcome.value as T);
        });
      });
    });
  }

  #mayFail(operation: DiskOperation, action: string, path: string): void {
    const fault = this.#disk.call(operation, path);
    if (fault?.code !== undefined) throw diskError(fault.code, action, path);
  }

  #existing(action: string, path: string): FsNode {
    const node = this.#disk.lookUp(path);
    if (node === undefined) throw diskError("ENOENT", action, path);
    return node;
  }

  #existingFile(action: string, path: string): FileNode {
    const node = this.#existing(action, path);
    if (node.kind === "directory") throw diskError("EISDIR", action, path);
    return node;
  }

  #parent(action: string, path: string): { directory: DirectoryNode; name: string } {
    const name = parts(path).at(-1);
    const directory = this.#disk.lookUp(`${path}/..`);
    if (name === undefined || directory === undefined) throw diskError("ENOENT", action, path);
    if (directory.kind !== "directory") throw diskError("ENOTDIR", action, path);
    return { directory, name };
  }
}
