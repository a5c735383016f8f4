// A setData in a log, looked at where it lies: SetDataTxn. DataSetter does it without a string of its path and a view of its data.

import { OpCode } from "../wire/op-codes.js";
import { longAt } from "./block-words.js";
import type { SetDataPlaces } from "./data-setter.js";

// Where in a TxnHeader they are.
const TIME = 20;
const TYPE = 28;
const HEADER_BYTES = 32;

export class PlainSet implements SetDataPlaces {
  page: Buffer = Buffer.alloc(0);
  pathStart = 0;
  pathEnd = 0;
  dataStart = 0;
  dataLength = 0;
  version = 0;
  timeMs = 0;
  /** Where the txn ends: its digest follows. */
  end = 0;

  /** SetDataTxn: ustring path, buffer data, int version. The record is `page[start, end)`, `view` of the same bytes. False: it is none. */
  read(page: Buffer, view: DataView, start: number, end: number): boolean {
    if (view.getInt32(start + TYPE) !== OpCode.setData) return false;
    const pathStart = start + HEADER_BYTES + 4;
    if (pathStart > end) return false;
    const pathEnd = pathStart + view.getInt32(pathStart - 4);
    const dataStart = pathEnd + 4;
    if (pathEnd < pathStart || dataStart > end) return false;
    const dataLength = view.getInt32(pathEnd);
    const dataEnd = dataStart + Math.max(0, dataLength);
    if (dataLength < -1 || dataEnd + 4 > end) return false;
    this.page = page;
    this.pathStart = pathStart;
    this.pathEnd = pathEnd;
    this.dataStart = dataStart;
    this.dataLength = dataLength;
    this.version = view.getInt32(dataEnd);
    this.timeMs = longAt(view, start + TIME);
    this.end = dataEnd + 4;
    return true;
  }
}
