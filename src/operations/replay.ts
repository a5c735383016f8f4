// Replays a log's records into a tree that nobody looks at yet. Java: FileTxnSnapLog.processTransaction.
//
// It is what applyTxn(decodeTxnRecord(…)) does, without objects for what there is most of: plain creates. Their records are
// looked at where they lie; whatever is not as such a record mostly is goes the long way.

import { JuteReader } from "../jute/reader.js";
import type { DataTree } from "../tree/data-tree.js";
import { DIGEST_VERSION } from "../tree/digest.js";
import { ReplayedCreates } from "../tree/replayed-creates.js";
import type { Zxid } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import { type ACL, readACLVector } from "../wire/records.js";
import { applyTxn, compareDigest, decodeTxnRecord } from "./transactions.js";
import { TXN_DIGEST_BYTES, TXN_HEADER_BYTES } from "./txn-record.js";

// Where in a TxnHeader they are.
const ZXID = 12;
const TIME = 20;
const TYPE = 28;

/** The byte that says whether it is ephemeral, and the parent's cversion. */
const CREATE_END_BYTES = 5;

const NOTHING = Buffer.alloc(0);

export class TxnReplay {
  readonly #tree: DataTree;
  readonly #creates: ReplayedCreates;
  readonly #reader = new JuteReader(NOTHING);
  readonly #txn = { zxidAt: 0, timeAt: 0 };
  /** What is being read, and a view of it. */
  #page: Buffer = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  /** The last ACL, and its bytes: most creates have the same. */
  #acl: readonly ACL[] | null = null;
  #aclBytes: Buffer = NOTHING;

  constructor(tree: DataTree) {
    this.#tree = tree;
    this.#creates = new ReplayedCreates(tree);
  }

  /** The record is `page[start, end)`, which is valid during the call. */
  apply(page: Buffer, start: number, end: number, zxid: Zxid): void {
    if (page !== this.#page) {
      this.#page = page;
      this.#view = new DataView(page.buffer, page.byteOffset, page.length);
    }
    const type = this.#view.getInt32(start + TYPE);
    const isCreate = type === OpCode.create || type === OpCode.create2;
    if (isCreate && this.#create(start, end, zxid)) return;
    this.#creates.forget();
    applyTxn(this.#tree, decodeTxnRecord(page.subarray(start, end)), false);
  }

  /**
   * CreateTxn: ustring path, buffer data, vector<ACL> acl, boolean ephemeral, int parentCVersion. False: nothing has been
   * done.
   */
  #create(start: number, end: number, zxid: Zxid): boolean {
    const page = this.#page;
    const view = this.#view;
    const pathStart = start + TXN_HEADER_BYTES + 4;
    if (pathStart > end) return false;
    const pathEnd = pathStart + view.getInt32(pathStart - 4);
    const dataStart = pathEnd + 4;
    if (pathEnd < pathStart || dataStart > end) return false;
    const dataLength = view.getInt32(pathEnd);
    const aclStart = dataStart + Math.max(0, dataLength);
    if (dataLength < -1 || aclStart > end) return false;
    const at = this.#readAcl(aclStart, end);
    if (at + CREATE_END_BYTES > end) return false;
    const parentCversion = view.getInt32(at + 1);
    if (page[at] !== 0 || parentCversion === -1) return false;

    const tree = this.#tree;
    const txn = this.#txn;
    txn.zxidAt = start + ZXID;
    txn.timeAt = start + TIME;
    const acl = this.#acl;
    const isDone = this.#creates.create(
      page,
      view,
      pathStart,
      pathEnd,
      dataStart,
      dataLength,
      acl,
      parentCversion,
      zxid,
      txn,
    );
    if (!isDone) return false;
    tree.txnApplied(zxid);
    const digestAt = at + CREATE_END_BYTES;
    if (digestAt + TXN_DIGEST_BYTES > end) return true;
    const version = view.getInt32(digestAt);
    const high = view.getInt32(digestAt + 4);
    const low = view.getInt32(digestAt + 8);
    const { digest } = tree;
    const isAsTold = version === DIGEST_VERSION && high === digest.high && low === digest.low;
    if (!isAsTold) compareDigest(tree, zxid, { version, high, low });
    return true;
  }

  /** Into #acl; where it ends. Throws ProtocolError, as the long way would. */
  #readAcl(start: number, end: number): number {
    const page = this.#page;
    const known = this.#aclBytes;
    const { length } = known;
    let same = 0;
    if (start + length <= end) while (same < length && page[start + same] === known[same]) same++;
    if (same === length && length > 0) return start + length;
    const reader = this.#reader.read(page, start, end);
    this.#acl = readACLVector(reader);
    this.#aclBytes = Buffer.from(page.subarray(start, reader.position));
    return reader.position;
  }
}
