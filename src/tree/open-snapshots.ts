// The snapshots that are being written, as the tree sees them: whoever changes a node tells them first.
//
// There may be several, at different zxids: one for the disk, others for learners that are far behind.

import type { DataTree } from "./data-tree.js";
import { TreeTracker } from "./tree-changes.js";
import type { TreeSnapshot } from "./tree-snapshot.js";
import type { Znode } from "./znode.js";

export class OpenSnapshots {
  readonly #open = new Set<TreeSnapshot>();
  /** Who remembers what changes, for the next checkpoint. */
  #tracker: TreeTracker | undefined;

  get count(): number {
    return this.#open.size;
  }

  /** Nobody listens. */
  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#tracker === undefined;
  }

  /** Who goes by paths. */
  get isTracked(): boolean {
    return this.#tracker !== undefined;
  }

  track(tree: DataTree, maxPaths: number): TreeTracker {
    this.#tracker = new TreeTracker(tree, maxPaths);
    return this.#tracker;
  }

  add(snapshot: TreeSnapshot): void {
    this.#open.add(snapshot);
  }

  delete(snapshot: TreeSnapshot): void {
    this.#open.delete(snapshot);
  }

  /** A node of a new path. Snapshots do not have it, and know by its number. */
  beforeCreate(path: string): void {
    this.#tracker?.beforeChange(path, undefined);
  }

  beforeChange(path: string, node: Znode): void {
    this.#tracker?.beforeChange(path, node);
    this.keep(node);
  }

  /** As `beforeChange`, where nobody goes by paths. */
  keep({ id }: Znode): void {
    if (this.#open.size === 0) return;
    for (const snapshot of this.#open) snapshot.keep(id);
  }

  /** The node is about to go, or, where `newId` is not NONE, has another id from now on. */
  left(id: number, newId: number): void {
    if (this.#open.size === 0) return;
    for (const snapshot of this.#open) snapshot.left(id, newId);
  }
}
