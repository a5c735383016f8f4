// A create in a log, looked at where it lies: CreateTxn, plain as most are. No node with an owner (a container's and a TTL node's
// have types of their own), no log of ZooKeeper before 3.4.

import { KnownBytes } from "../jute/known-bytes.js";
import { JuteReader } from "../jute/reader.js";
import { OpCode } from "../wire/op-codes.js";
import { type ACL, readACLVector } from "../wire/records.js";
import type { CreatePlaces } from "./txn-places.js";

// Where in a TxnHeader they are.
const ZXID = 12;
const TIME = 20;
const TYPE = 28;
const HEADER_BYTES = 32;

/** The byte that says whether it is ephemeral, and the parent's cversion. */
const CREATE_END_BYTES = 5;

const NOTHING = Buffer.alloc(0);

export class PlainCreate implements CreatePlaces {
  zxidAt = 0;
  timeAt = 0;
  pathStart = 0;
  pathEnd = 0;
  dataStart = 0;
  dataLength = 0;
  acl: readonly ACL[] | null = null;
  parentCversion = 0;
  isKnown = false;
  slash = 0;
  pathHash = 0;
  pathCrc = 0;
  nodeCrc = 0;
  /** Where the txn ends: its digest follows. */
  end = 0;
  readonly #reader = new JuteReader(NOTHING);
  /** Bytes of the last ACL: most creates have the same. */
  readonly #aclBytes = new KnownBytes();

  /**
   * CreateTxn: ustring path, buffer data, vector<ACL> acl, boolean ephemeral, int parentCVersion. The record is
   * `page[start, end)`; `view` is of the same bytes. False: it is none. Throws ProtocolError, as the long way would.
   */
  read(page: Buffer, view: DataView, start: number, end: number): boolean {
    const type = view.getInt32(start + TYPE);
    if (type !== OpCode.create && type !== OpCode.create2) return false;
    const pathStart = start + HEADER_BYTES + 4;
    if (pathStart > end) return false;
    const pathEnd = pathStart + view.getInt32(pathStart - 4);
    const dataStart = pathEnd + 4;
    if (pathEnd < pathStart || dataStart > end) return false;
    const dataLength = view.getInt32(pathEnd);
    const aclStart = dataStart + Math.max(0, dataLength);
    if (dataLength < -1 || aclStart > end) return false;
    const at = this.#readAcl(page, view, aclStart, end);
    if (at + CREATE_END_BYTES > end) return false;
    const parentCversion = view.getInt32(at + 1);
    if (page[at] !== 0 || parentCversion === -1) return false;
    this.isKnown = false;
    this.zxidAt = start + ZXID;
    this.timeAt = start + TIME;
    this.pathStart = pathStart;
    this.pathEnd = pathEnd;
    this.dataStart = dataStart;
    this.dataLength = dataLength;
    this.parentCversion = parentCversion;
    this.end = at + CREATE_END_BYTES;
    return true;
  }

  /** Where it ends. */
  #readAcl(page: Buffer, view: DataView, start: number, end: number): number {
    const known = this.#aclBytes;
    if (known.length > 0 && start + known.length <= end && known.areAt(view, start)) {
      return start + known.length;
    }
    const reader = this.#reader.read(page, start, end);
    this.acl = readACLVector(reader);
    known.keep(page, start, reader.position);
    return reader.position;
  }
}
