// The tree at one zxid, written in slices while it changes. Java: DataTree.serialize, without the fuzz.
//
// The tree's Map keeps the order in which nodes came, and every node has its number in that order. So one number says what
// has been written (up to `#written`), and another what belongs to this snapshot at all (up to `#last`). A node that is
// about to change or go and lies between the two has its image taken first; images are written before the walk goes on.
//
// Parents before children: where an image is taken, those of its ancestors are taken before it, so that neither the walk
// nor the images ever put a child before its parent. A node deleted and created again has a new number and is not looked
// at. The cost of a snapshot for a write in the meantime is one copy of each node it touches, once.

import { JuteWriter } from "../jute/writer.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { DataTree } from "./data-tree.js";
import { DIGEST_VERSION } from "./digest.js";
import type { PathMap } from "./path-map.js";
import { parentOf } from "./paths.js";
import type { Slab } from "./slab.js";
import type { SnapshotSource, ZxidDigest } from "./snapshot.js";
import type { Znode } from "./znode.js";

export class TreeSnapshot implements SnapshotSource {
  readonly lastZxid: Zxid;
  readonly digest: ZxidDigest | undefined;
  readonly tree: DataTree;
  readonly #slab: Slab;
  readonly #nodes: Iterator<[string, Znode]>;
  readonly #sessions: readonly (readonly [SessionId, number])[];
  readonly #acls: readonly (readonly [number, readonly ACL[]])[];
  readonly #released: () => void;
  /** Images of nodes that changed before the walk came to them, ready to be written. */
  #kept = new JuteWriter(4096);
  /** Whose image was taken and that the walk has not passed yet. */
  readonly #keptNodes = new Set<Znode>();
  #written = 0;
  #last: number;
  #more = true;

  constructor(tree: DataTree, nodes: PathMap, slab: Slab, lastOrder: number, released: () => void) {
    this.tree = tree;
    this.#nodes = nodes.entries();
    this.#slab = slab;
    this.#last = lastOrder;
    this.#released = released;
    this.lastZxid = tree.lastProcessedZxid;
    this.#sessions = [...tree.sessions];
    this.#acls = [...tree.acls.entries()];
    // Java's loader takes a digest with zxid 0 for none, which is right for a tree without transactions.
    this.digest = tree.settings.digestEnabled
      ? { zxid: this.lastZxid, version: DIGEST_VERSION, digest: tree.digest.toBigInt() }
      : undefined;
  }

  get sessionCount(): number {
    return this.#sessions.length;
  }

  sessions(): Iterable<readonly [SessionId, number]> {
    return this.#sessions;
  }

  get aclCount(): number {
    return this.#acls.length;
  }

  acls(): Iterable<readonly [number, readonly ACL[]]> {
    return this.#acls;
  }

  writeNodes(out: JuteWriter, untilLength: number): boolean {
    // All of them: the walk must not pass a child whose parent's image is still here.
    if (this.#kept.length > 0) out.raw(this.#kept.take());
    while (this.#more && out.length < untilLength) this.#step(out);
    return this.#more;
  }

  release(): void {
    this.#more = false;
    this.#kept = new JuteWriter();
    this.#keptNodes.clear();
    this.#released();
  }

  /** The node is about to change or to go. */
  keep(path: string, node: Znode): void {
    if (!this.#awaits(node)) return;
    if (path !== "" && path !== "/") {
      const parentPath = parentOf(path);
      const parent = this.tree.get(parentPath);
      if (parent !== undefined) this.keep(parentPath, parent);
    }
    this.#keptNodes.add(node);
    write(this.#kept, path === "/" ? "" : path, node);
  }

  #awaits(node: Znode): boolean {
    const { order } = node;
    return this.#more && order > this.#written && order <= this.#last && !this.#keptNodes.has(node);
  }

  #step(out: JuteWriter): void {
    const next = this.#nodes.next();
    if (next.done === true || next.value[1].order > this.#last) {
      this.#more = false;
      return;
    }
    const [path, node] = next.value;
    // The root's second name.
    if (path === "/") return;
    this.#written = node.order;
    if (!this.#keptNodes.delete(node)) write(out, path, node);
    // The one walk over all nodes that there is: memory is tidied on the way.
    node.settle(this.#slab);
  }

  // --------------------------------------------------------------------------------------------------------- renumbering

  #oldWritten = 0;
  #oldLast = 0;

  renumberingBegins(): void {
    this.#oldWritten = this.#written;
    this.#oldLast = this.#last;
    this.#written = 0;
    this.#last = 0;
  }

  renumbered(old: number, order: number): void {
    if (old <= this.#oldWritten) this.#written = order;
    if (old <= this.#oldLast) this.#last = order;
  }
}

function write(out: JuteWriter, path: string, node: Znode): void {
  out.string(path);
  node.writeSnapshot(out);
}
