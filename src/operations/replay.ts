// Replays a log's records into a tree that nobody looks at yet. Java: FileTxnSnapLog.processTransaction.
//
// It is what applyTxn(decodeTxnRecord(…)) does, without objects for what there is most of: plain creates and sets. Their
// records are looked at where they lie; whatever is not as such a record mostly is goes the long way.

import { PageView } from "../jute/page-view.js";
import { type KnownRecords, know, PATH_HASH } from "../tree/create-notes.js";
import type { DataTree } from "../tree/data-tree.js";
import { DIGEST_VERSION } from "../tree/digest.js";
import { FORESEEN } from "../tree/foresight.js";
import { PlainCreate } from "../tree/plain-create.js";
import { PlainSet } from "../tree/plain-set.js";
import { ReplayedCreates } from "../tree/replayed-creates.js";
import type { Zxid } from "../wire/ids.js";
import { applyTxn, compareDigest, decodeTxnRecord } from "./transactions.js";
import { TXN_DIGEST_BYTES } from "./txn-record.js";

export class TxnReplay {
  readonly #tree: DataTree;
  readonly #creates: ReplayedCreates;
  readonly #create = new PlainCreate();
  readonly #set = new PlainSet();
  readonly #view = new PageView();
  /** What is known of the records in it, and up to where the tree has been told what comes. */
  #known: KnownRecords | undefined;
  #foreseenTo = 0;

  constructor(tree: DataTree) {
    this.#tree = tree;
    this.#creates = new ReplayedCreates(tree);
  }

  /** The record is `page[start, end)`, which is valid during the call; what is known of it is in the notes, from `at` on. */
  apply(page: Buffer, start: number, end: number, zxid: Zxid, known?: KnownRecords, at = 0): void {
    if (known !== undefined) this.#foresee(known, at);
    const create = this.#create;
    const view = this.#view.of(page);
    if (create.read(page, view, start, end)) {
      if (known !== undefined) know(create, known.notes, at);
      if (this.#applyCreate(page, view, end, zxid)) return;
    }
    this.#creates.forget();
    if (this.#set.read(page, view, start, end) && this.#applySet(view, end, zxid)) return;
    applyTxn(this.#tree, decodeTxnRecord(page.subarray(start, end)), false);
  }

  #foresee(known: KnownRecords, at: number): void {
    if (known === this.#known && at < this.#foreseenTo) return;
    const { notes, stride, touched } = known;
    const { nodes } = this.#tree;
    if (known !== this.#known) nodes.supply(touched);
    this.#known = known;
    this.#foreseenTo = at + FORESEEN * stride;
    nodes.foresight.look(notes, at + PATH_HASH, stride);
  }

  /** There is nothing more to come. */
  end(): void {
    this.#tree.nodes.endSupply();
  }

  /** False: nothing has been done. */
  #applyCreate(page: Buffer, view: DataView, end: number, zxid: Zxid): boolean {
    const create = this.#create;
    if (!this.#creates.create(page, view, create)) return false;
    this.#applied(view, create.end, end, zxid);
    return true;
  }

  /** The same. */
  #applySet(view: DataView, end: number, zxid: Zxid): boolean {
    const set = this.#set;
    if (!this.#tree.setter.setInPlace(set, zxid, set.timeMs)) return false;
    this.#applied(view, set.end, end, zxid);
    return true;
  }

  /** The digest that the record carries, if it does, begins at `digestAt`. */
  #applied(view: DataView, digestAt: number, end: number, zxid: Zxid): void {
    const tree = this.#tree;
    tree.txnApplied(zxid);
    if (digestAt + TXN_DIGEST_BYTES > end) return;
    const version = view.getInt32(digestAt);
    const high = view.getInt32(digestAt + 4);
    const low = view.getInt32(digestAt + 8);
    const { digest } = tree;
    const isAsTold = version === DIGEST_VERSION && high === digest.high && low === digest.low;
    if (!isAsTold) compareDigest(tree, zxid, { version, high, low });
  }
}
