// Creates that a log has, straight from its bytes into a tree that nobody looks at yet: half a million of them may be what a
// start waits for. Java: DataTree.createNode.
//
// What is here is what DataTree.createNode does for a node without an owner, to the last bit of the digest, in the order in which
// it does it, for the plain case: the parent is there and the node is not, nothing below /zookeeper, no quotas, nobody who must be
// told of paths. Every other one is refused before anything has changed, and is DataTree's.

import { crc32Range } from "../crc32.js";
import type { DataTree } from "./data-tree.js";
import { contentDigestViewed } from "./digest.js";
import { NodePlace } from "./node-place.js";
import { PlainNodes } from "./plain-nodes.js";
import { createdDigest } from "./stat-digest.js";
import type { CreatePlaces } from "./txn-places.js";
import type { Znode } from "./znode.js";
import { pathOf } from "./znode-paths.js";
import { NONE } from "./znode-table.js";

export class ReplayedCreates {
  readonly #tree: DataTree;
  readonly #place: NodePlace;
  readonly #nodes: PlainNodes;
  #parent: Znode | undefined;
  #parentPath = "";

  constructor(tree: DataTree) {
    this.#tree = tree;
    this.#nodes = new PlainNodes(tree.nodes);
    this.#place = new NodePlace(tree.nodes);
  }

  /** Nodes may have gone. */
  forget(): void {
    this.#place.forget();
    this.#parent = undefined;
  }

  /** `view` is of the page's bytes. False: nothing has been done. */
  create(page: Buffer, view: DataView, txn: CreatePlaces): boolean {
    const tree = this.#tree;
    const { pathStart, pathEnd, dataStart, dataLength, isKnown } = txn;
    const { nodes } = tree;
    const place = this.#place;
    if (!tree.isUntold || !tree.settings.digestEnabled) return false;
    if (isKnown) place.locateKnown(page, view, txn);
    else place.locate(page, pathStart, pathEnd);
    const { parent, bytes, slash, end, hash, units } = place;
    if (parent === undefined || parent.id === nodes.root) return false;
    if (!nodes.areChildrenDigested(parent.id)) return false;
    if (nodes.child(parent.id, hash, bytes, slash + 1, end) !== NONE) return false;

    const aclId = tree.acls.add(txn.acl);
    let { pathCrc, nodeCrc } = txn;
    if (!isKnown) {
      pathCrc = crc32Range(bytes, slash, end, parent.pathDigest);
      const content = contentDigestViewed(pathCrc, view, dataStart, dataLength);
      nodeCrc = createdDigest(content, view, txn.zxidAt, txn.timeAt);
    }
    this.#nodes.add(parent, place, view, txn, aclId, pathCrc, nodeCrc);
    tree.plainNodeLoaded(units, Math.max(0, dataLength), nodeCrc);
    const { digest } = tree;
    digest.subtract(parent.digest);
    const zxidLow = view.getInt32(txn.zxidAt + 4);
    parent.childCreated(txn.parentCversion, view.getInt32(txn.zxidAt), zxidLow);
    digest.add(parent.digest);
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
}
