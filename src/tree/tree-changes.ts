// What has changed in a tree since a checkpoint: paths while it goes on, their nodes as of one zxid when the next is taken.
//
// A tracker remembers the path of each node that came, changed or went: a set that is bounded, and given up where there are
// more (the next checkpoint is then written whole). TreeChanges shows these nodes as they were when it was begun, however
// long that takes: whoever changes a node tells the tracker first, as for snapshots (open-snapshots.ts), and an image is kept
// of what has not been written yet: of the node, or of there being none.

import { JuteWriter } from "../jute/writer.js";
import { Queue } from "../queue.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { DataTree } from "./data-tree.js";
import { DIGEST_VERSION } from "./digest.js";
import type { ChangeSource, ChangeTracker, ZxidDigest } from "./snapshot.js";
import type { Znode } from "./znode.js";

export class TreeTracker implements ChangeTracker {
  readonly #tree: DataTree;
  readonly #max: number;
  #paths = new Set<string>();
  #isComplete = true;
  #open: TreeChanges | undefined;

  constructor(tree: DataTree, maxPaths: number) {
    this.#tree = tree;
    this.#max = maxPaths;
  }

  get count(): number {
    return this.#paths.size;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The node is about to change, to go or (undefined) to come. The root goes by "" here. */
  beforeChange(path: string, node: Znode | undefined): void {
    const name = path === "/" ? "" : path;
    this.#open?.keep(name, node);
    this.#add(name);
  }

  begin(): ChangeSource {
    const paths = this.#paths;
    this.#paths = new Set();
    this.#open = new TreeChanges(this.#tree, paths, (isDone) => {
      this.#open = undefined;
      if (!isDone) this.#giveUp();
    });
    return this.#open;
  }

  #add(path: string): void {
    if (!this.#isComplete) return;
    this.#paths.add(path);
    if (this.#paths.size > this.#max) this.#giveUp();
  }

  #giveUp(): void {
    this.#isComplete = false;
    this.#paths = new Set();
  }
}

interface Image {
  readonly bytes: Buffer;
  readonly isThere: boolean;
}

class TreeChanges implements ChangeSource {
  readonly lastZxid: Zxid;
  readonly digest: ZxidDigest | undefined;
  readonly nodeCount: number;
  readonly #tree: DataTree;
  readonly #sessions: readonly (readonly [SessionId, number])[];
  readonly #acls: readonly (readonly [number, readonly ACL[]])[];
  readonly #released: (isDone: boolean) => void;
  /** Neither given out nor kept. */
  readonly #pending: Set<string>;
  readonly #walk: Iterator<string>;
  readonly #kept = new Queue<Image>();

  constructor(tree: DataTree, paths: Set<string>, released: (isDone: boolean) => void) {
    this.#tree = tree;
    this.#pending = paths;
    this.#walk = this.#pending.values();
    this.#released = released;
    this.lastZxid = tree.lastProcessedZxid;
    // The root has two names.
    this.nodeCount = tree.nodeCount - 1;
    this.#sessions = [...tree.sessions];
    this.#acls = [...tree.acls.entries()];
    this.digest = tree.settings.digestEnabled
      ? { zxid: this.lastZxid, version: DIGEST_VERSION, digest: tree.digest.toBigInt() }
      : undefined;
  }

  sessions(): Iterable<readonly [SessionId, number]> {
    return this.#sessions;
  }

  acls(): Iterable<readonly [number, readonly ACL[]]> {
    return this.#acls;
  }

  next(out: JuteWriter): "node" | "gone" | undefined {
    const image = this.#kept.take();
    if (image !== undefined) {
      out.raw(image.bytes);
      return image.isThere ? "node" : "gone";
    }
    const step = this.#walk.next();
    if (step.done === true) return undefined;
    const path = step.value;
    this.#pending.delete(path);
    return write(out, path, this.#tree.get(path)) ? "node" : "gone";
  }

  release(isDone: boolean): void {
    this.#pending.clear();
    this.#released(isDone);
  }

  keep(path: string, node: Znode | undefined): void {
    if (!this.#pending.delete(path)) return;
    const out = new JuteWriter(128);
    const isThere = write(out, path, node);
    this.#kept.push({ bytes: out.take(), isThere });
  }
}

function write(out: JuteWriter, path: string, node: Znode | undefined): boolean {
  out.string(path);
  node?.writeSnapshot(out);
  return node !== undefined;
}
