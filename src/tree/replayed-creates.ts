// Creates that a log has, straight from its bytes into a tree that nobody looks at yet: half a million of them may be what a
// start waits for. Java: DataTree.createNode.
//
// What is here is what DataTree.createNode does for a node without an owner, to the last bit of the digest, in the order in which
// it does it, for the plain case: the parent is there and the node is not, nothing below /zookeeper, no quotas, nobody who must be
// told of paths. Every other one is refused before anything has changed, and is DataTree's.

import type { Zxid } from "../wire/ids.js";
import type { ACL } from "../wire/records.js";
import type { DataTree } from "./data-tree.js";
import { NodeKind } from "./ephemeral-type.js";
import { NodePlace } from "./node-place.js";
import type { TxnPlaces } from "./txn-places.js";
import { Znode } from "./znode.js";
import { pathOf } from "./znode-paths.js";
import { NONE } from "./znode-table.js";

export class ReplayedCreates {
  readonly #tree: DataTree;
  readonly #place: NodePlace;
  /** What is shown of nodes that come: one view for all. */
  #node: Znode | undefined;
  #parent: Znode | undefined;
  #parentPath = "";

  constructor(tree: DataTree) {
    this.#tree = tree;
    this.#place = new NodePlace(tree.nodes);
  }

  /** Nodes may have gone. */
  forget(): void {
    this.#place.forget();
    this.#parent = undefined;
  }

  /**
   * The path is `page[pathStart, pathEnd)`, the data `page[dataStart, dataStart + dataLength)`, null where dataLength is -1;
   * `view` is of the same bytes. False: nothing has been done.
   */
  create(
    page: Buffer,
    view: DataView,
    pathStart: number,
    pathEnd: number,
    dataStart: number,
    dataLength: number,
    acl: readonly ACL[] | null,
    parentCversion: number,
    zxid: Zxid,
    txn: TxnPlaces,
  ): boolean {
    const tree = this.#tree;
    const { nodes } = tree;
    const place = this.#place;
    if (!tree.isUntold || !tree.settings.digestEnabled) return false;
    place.locate(page, pathStart, pathEnd);
    const { parent, bytes, slash, end, hash, units } = place;
    if (parent === undefined || parent.id === nodes.root) return false;
    if (!nodes.areChildrenDigested(parent.id)) return false;
    if (nodes.child(parent.id, hash, bytes, slash + 1, end) !== NONE) return false;

    const aclId = tree.acls.add(acl);
    const id = nodes.add(parent.id, hash, bytes, slash + 1, end, NodeKind.persistent);
    if (this.#node === undefined) this.#node = new Znode(nodes, id);
    const node = this.#node.show(id);
    node.replay(view, dataStart, dataLength, aclId, txn);
    const digest = node.putDigests(node.contentDigestIn(page, dataStart, dataLength));
    tree.nodeLoaded(node, units, 0n, digest);
    this.#changeParent(parent, parentCversion, zxid);
    // The observer counts by length and first part.
    const { observer } = tree;
    if (observer === undefined) return true;
    if (parent !== this.#parent) {
      this.#parent = parent;
      this.#parentPath = pathOf(nodes, parent.id);
    }
    observer.written(this.#parentPath, units - this.#parentPath.length + Math.max(0, dataLength));
    return true;
  }

  #changeParent(parent: Znode, cversion: number, zxid: Zxid): void {
    const { digest } = this.#tree;
    parent.countChild(1);
    if (cversion > parent.cversion) {
      parent.putPzxid(zxid);
      parent.putCversion(cversion);
    }
    digest.subtract(parent.digest);
    digest.add(parent.putDigests(parent.contentDigest));
  }
}
