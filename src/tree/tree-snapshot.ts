// The tree at one zxid, written in slices while it changes. Java: DataTree.serialize, without the fuzz.
//
// The tree's table keeps the order in which nodes came, and every node has its number in that order. So one number says what
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
import { NodeWriter } from "./node-writer.js";
import type { SnapshotSource, ZxidDigest } from "./snapshot.js";
import { Znode } from "./znode.js";
import { PathWriter } from "./znode-paths.js";
import { DATA_PAGE, NEXT, NONE, PARENT, type ZnodeTable } from "./znode-table.js";

export class TreeSnapshot implements SnapshotSource {
  readonly lastZxid: Zxid;
  readonly digest: ZxidDigest | undefined;
  readonly tree: DataTree;
  readonly #table: ZnodeTable;
  readonly #paths: PathWriter;
  readonly #sessions: readonly (readonly [SessionId, number])[];
  readonly #acls: readonly (readonly [number, readonly ACL[]])[];
  readonly #released: () => void;
  readonly #moved: (id: number, newId: number) => void;
  /** Images of nodes that changed before the walk came to them, ready to be written. */
  #kept = new JuteWriter(4096);
  /** Whose image was taken and that the walk has not passed yet. */
  readonly #keptNodes = new Set<number>();
  readonly #nodes: NodeWriter;
  /** Where the walk goes on. */
  #next: number;
  /** The number of the node that was written last, and that of the last one that belongs to this snapshot. */
  #written = 0;
  readonly #last: number;
  #more = true;

  /** `moved`: a node that the walk has passed has another id. */
  constructor(
    tree: DataTree,
    table: ZnodeTable,
    moved: (id: number, newId: number) => void,
    released: () => void,
  ) {
    this.tree = tree;
    this.#table = table;
    this.#nodes = new NodeWriter(table);
    this.#paths = new PathWriter(table);
    this.#next = table.first;
    this.#last = table.lastOrder;
    this.#moved = moved;
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
    this.#paths.reset();
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
  keep(id: number): void {
    if (!this.#awaits(id)) return;
    const table = this.#table;
    // Without recursion: paths may be as deep as they are long.
    const open: number[] = [];
    for (let at = id; this.#awaits(at); at = table.get(at, PARENT)) {
      open.push(at);
      if (at === table.root) break;
    }
    for (let at = open.pop(); at !== undefined; at = open.pop()) this.#keep(at);
  }

  #keep(id: number): void {
    this.#keptNodes.add(id);
    this.#paths.reset();
    this.#paths.write(id, this.#kept);
    new Znode(this.#table, id).writeSnapshot(this.#kept);
  }

  /** The node is about to go, and what follows it takes its place (`newId` NONE), or it has this new id. */
  left(id: number, newId: number): void {
    if (this.#next === id) this.#next = newId === NONE ? this.#table.get(id, NEXT) : newId;
    if (this.#keptNodes.delete(id) && newId !== NONE) this.#keptNodes.add(newId);
  }

  #awaits(id: number): boolean {
    if (!this.#more) return false;
    const order = this.#table.order(id);
    return order > this.#written && order <= this.#last && !this.#keptNodes.has(id);
  }

  #step(out: JuteWriter): void {
    const table = this.#table;
    const id = this.#next;
    const order = id === NONE ? Number.POSITIVE_INFINITY : table.order(id);
    if (order > this.#last) {
      this.#more = false;
      return;
    }
    this.#written = order;
    this.#next = table.get(id, NEXT);
    if (this.#keptNodes.size === 0 || !this.#keptNodes.delete(id)) {
      this.#paths.write(id, out);
      this.#nodes.write(id, out);
    }
    // The one walk over all nodes that there is: memory is tidied on the way.
    const { blocks } = table;
    if (blocks.isSparse(blocks.page(table.get(id, DATA_PAGE)))) new Znode(table, id).settle();
    const newId = table.settle(id);
    if (newId !== id) this.#moved(id, newId);
  }
}
