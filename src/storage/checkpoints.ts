// The checkpoint of a directory (snapshot.store=lmdb): taken, brought forward, loaded.
//
// It is opened for as long as it is read or written, and closed: in between nothing of it is in memory but which ACLs and
// sessions it has. It can be brought forward while the tree that it was made from, or made of, remembers what has changed
// since; otherwise the next one is whole, beside the old one, and takes its name when it is complete. After anything that
// fails the next one is whole, too: what is on disk is then one of two states, and both are good to start from, but not to
// build upon.

import { ExitCode, FatalError } from "../errors.js";
import { CHECKPOINT_CHANGES_MAX } from "../limits.js";
import { reached } from "../marks.js";
import { type Clock, type Disk, DiskError, type Logger } from "../platform/platform.js";
import type { Stores } from "../platform/stores.js";
import type { ChangeTracker, SnapshotSink, SnapshotTree } from "../tree/snapshot.js";
import { hex0x, type Zxid } from "../wire/ids.js";
import {
  ADOPTED_NAME,
  becomeCheckpoints,
  CHECKPOINT_NAME,
  checkpointPath,
  finishAdoption,
  removeLock,
} from "./checkpoint-directory.js";
import type { CheckpointHead } from "./checkpoint-format.js";
import { type CheckpointContent, readCheckpoint, readHead } from "./checkpoint-reader.js";
import { type WrittenCheckpoint, writeChanges, writeWhole } from "./checkpoint-writer.js";
import type { DataDirectories } from "./data-directories.js";
import { temporaryName } from "./file-names.js";
import type { WrittenSnapshot } from "./snapshot-writer.js";
import { StorageDamage } from "./storage-damage.js";

export interface CheckpointContext {
  readonly disk: Disk;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is on disk, and who knows what has changed since. */
interface Base {
  readonly content: CheckpointContent;
  readonly tree: SnapshotTree;
  readonly tracker: ChangeTracker;
}

const TEMPORARY_NAME = temporaryName(CHECKPOINT_NAME);

export class Checkpoints {
  readonly #context: CheckpointContext;
  readonly #directories: DataDirectories;
  #base: Base | undefined;

  constructor(context: CheckpointContext, directories: DataDirectories) {
    this.#context = context;
    this.#directories = directories;
  }

  /** Of the checkpoint on disk; undefined where it is not known. */
  get zxid(): Zxid | undefined {
    return this.#base?.content.head.zxid;
  }

  /** So much has changed that the next one should not wait. */
  get isPressing(): boolean {
    return (this.#base?.tracker.count ?? 0) > CHECKPOINT_CHANGES_MAX / 2;
  }

  /** Fills the sink. FatalError: it cannot be read, or is not what was written. */
  async load(sink: SnapshotSink): Promise<Zxid> {
    const path = checkpointPath(this.#directories);
    this.#context.log.info(`Reading checkpoint ${path}`);
    const content = await refusing(path, this.#directories, async () => {
      const store = await this.#context.stores.open(path, "open");
      try {
        return readCheckpoint(store, sink);
      } finally {
        await store.close();
      }
    });
    this.#follow(content, sink.tree);
    reached("recovery: a checkpoint is loaded");
    return content.head.zxid;
  }

  /** The tree's state as of now. Rejects with DiskError. */
  async take(tree: SnapshotTree): Promise<WrittenSnapshot> {
    const base = this.#base;
    this.#base = undefined;
    const written =
      base?.tree === tree && base.tracker.isComplete
        ? await this.#bringForward(base)
        : await this.#writeWhole(tree, CHECKPOINT_NAME);
    await becomeCheckpoints(this.#context.disk, this.#directories);
    return written;
  }

  /** The tree's state becomes all there is. Rejects with DiskError where everything is as it was, otherwise with FatalError. */
  async adopt(tree: SnapshotTree): Promise<WrittenSnapshot> {
    const base = this.#base;
    this.#base = undefined;
    try {
      const written = await this.#writeWhole(tree, ADOPTED_NAME);
      await finishAdoption(this.#context.disk, this.#directories);
      return written;
    } catch (error) {
      const { snapshots } = this.#directories;
      if (this.#context.disk.stat(`${snapshots}/${ADOPTED_NAME}`) !== undefined) {
        const text = `Cannot make the new state the only one: ${(error as Error).message}`;
        throw new FatalError(ExitCode.unexpectedError, text, { cause: error });
      }
      // As if it had not been tried.
      this.#base = base;
      throw error;
    }
  }

  async #bringForward({ content, tree, tracker }: Base): Promise<WrittenSnapshot> {
    const { clock, stores, log } = this.#context;
    const source = tracker.begin();
    const { lastZxid } = source;
    const path = checkpointPath(this.#directories);
    log.info(`Bringing ${path} from ${hex0x(content.head.zxid)} to ${hex0x(lastZxid)}`);
    reached("checkpoint: brought forward");
    let isDone = false;
    try {
      const store = await stores.open(path, "open");
      try {
        const written = await writeChanges(store, clock, content, source);
        isDone = true;
        this.#base = { content: written.content, tree, tracker };
        return this.#written(CHECKPOINT_NAME, written);
      } finally {
        await store.close();
      }
    } finally {
      source.release(isDone);
    }
  }

  /** Under this name when it is complete and durable. */
  async #writeWhole(tree: SnapshotTree, name: string): Promise<WrittenSnapshot> {
    const { disk, clock, stores, log } = this.#context;
    const directory = this.#directories.snapshots;
    const temporary = `${directory}/${TEMPORARY_NAME}`;
    reached("checkpoint: a whole one");
    const tracker = tree.trackChanges(CHECKPOINT_CHANGES_MAX);
    const source = tree.beginSnapshot();
    log.info(`Writing the whole checkpoint ${hex0x(source.lastZxid)} to ${directory}/${name}`);
    try {
      if (disk.stat(temporary) !== undefined) await disk.remove(temporary);
      const store = await stores.open(temporary, "create");
      let written: WrittenCheckpoint;
      try {
        written = await writeWhole(store, clock, source);
      } finally {
        await store.close();
      }
      await removeLock(disk, temporary);
      await disk.rename(temporary, `${directory}/${name}`);
      await disk.syncDirectory(directory);
      this.#base = { content: written.content, tree, tracker };
      return this.#written(name, written);
    } catch (error) {
      await disk.remove(temporary).catch(() => {
        // The next start removes it.
      });
      throw error;
    } finally {
      source.release();
    }
  }

  /** Its size is what was written: that is what decides how soon the next one is worth it. */
  #written(name: string, { content, writtenBytes }: WrittenCheckpoint): WrittenSnapshot {
    const path = `${this.#directories.snapshots}/${name}`;
    const { zxid } = content.head;
    return { name, path, zxid, compression: "", sizeBytes: writtenBytes };
  }

  #follow(content: CheckpointContent, tree: SnapshotTree | undefined): void {
    const tracker = tree?.trackChanges(CHECKPOINT_CHANGES_MAX);
    this.#base = tree && tracker && { content, tree, tracker };
  }
}

/** How far the checkpoint of a directory goes, for whoever only looks. Rejects with FatalError. */
export function checkpointHead(
  stores: Stores,
  directories: DataDirectories,
): Promise<CheckpointHead> {
  const path = checkpointPath(directories);
  return refusing(path, directories, async () => {
    const store = await stores.open(path, "open");
    try {
      return readHead(store);
    } finally {
      await store.close();
    }
  });
}

async function refusing<T>(
  path: string,
  { snapshots }: DataDirectories,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FatalError) throw error;
    const isOurs = error instanceof DiskError;
    if (isOurs && error.code === "ENOTSUP") {
      throw new FatalError(ExitCode.unexpectedError, error.message, { cause: error });
    }
    reached("recovery: the checkpoint is damaged");
    const why = error instanceof StorageDamage || isOurs ? error.message : String(error);
    throw new FatalError(
      ExitCode.unexpectedError,
      `Cannot read the checkpoint ${path}: ${why}. Restore the file and the logs that were there with it; or let the ensemble send the data ` +
        `anew to this member alone (mv ${snapshots} ${snapshots}.damaged)`,
      { cause: error },
    );
  }
}
