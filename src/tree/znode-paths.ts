// The paths of nodes, put together from the names on the way to the root.

import { decodeUnits } from "../jute/utf8.js";
import type { JuteWriter } from "../jute/writer.js";
import { NONE, PARENT, type ZnodeTable } from "./znode-table.js";

const SLASH = 0x2f;

let scratch = Buffer.allocUnsafeSlow(4096);

/** "" for the root. */
export function pathOf(table: ZnodeTable, id: number): string {
  const end = putPath(table, id);
  return decodeUnits(scratch, 0, end);
}

export function nameOf(table: ZnodeTable, id: number): string {
  const start = table.nameStart(id);
  return decodeUnits(table.nameBytes(id), start, start + table.nameLength(id));
}

/** The path in `scratch`; returns where it ends. */
function putPath(table: ZnodeTable, id: number): number {
  let end = 0;
  for (let at = id; at !== table.root; at = table.get(at, PARENT)) end += table.nameLength(at) + 1;
  if (end > scratch.length) scratch = Buffer.allocUnsafeSlow(end * 2);
  let start = end;
  for (let at = id; at !== table.root; at = table.get(at, PARENT)) {
    const length = table.nameLength(at);
    const from = table.nameStart(at);
    const bytes = table.nameBytes(at);
    start -= length;
    for (let i = 0; i < length; i++) scratch[start + i] = bytes[from + i]!;
    scratch[--start] = SLASH;
  }
  return end;
}

/** The path of a parent and a slash. */
function prefixOf(table: ZnodeTable, id: number): Buffer {
  const end = putPath(table, id);
  const prefix = Buffer.allocUnsafe(end + 1);
  scratch.copy(prefix, 0, 0, end);
  prefix[end] = SLASH;
  return prefix;
}

/** Writes paths as ustrings, those of siblings after one another quickly. Good while nodes neither come nor go. */
export class PathWriter {
  readonly #table: ZnodeTable;
  #parent = NONE;
  /** Its path and a slash. */
  #prefix: Buffer = Buffer.alloc(0);

  constructor(table: ZnodeTable) {
    this.#table = table;
  }

  write(id: number, out: JuteWriter): void {
    const table = this.#table;
    if (id === table.root) {
      out.int(0);
      return;
    }
    const parent = table.get(id, PARENT);
    if (parent !== this.#parent) {
      this.#prefix = prefixOf(table, parent);
      this.#parent = parent;
    }
    const length = table.nameLength(id);
    out.int(this.#prefix.length + length);
    out.raw(this.#prefix);
    out.copy(table.nameBytes(id), table.nameStart(id), length);
  }

  /** Nodes may have come or gone. */
  reset(): void {
    this.#parent = NONE;
  }
}
