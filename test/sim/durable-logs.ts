// What the disks of the members hold durably of the history, read as a power cut would leave it: snapshots by their names, logs
// record by record, beside the server's own reader. Of a checkpoint (snapshot.store) what its member says of it is believed. A log only grows until its member starts anew, or is cut back or replaced by
// its leader, so each byte is read once; a record counts when it is in the ground truth, and behind the one before it.

import { counterOf, epochOf, type Zxid } from "../../src/wire/ids.js";
import type { CommittedHistory } from "./committed-history.js";
import type { SimMember } from "./ensemble.js";
import type { DirectoryNode, FileNode, FsNode } from "./platform/file-system.js";

const HEADER_BYTES = 16;
/** Checksum and length before a record's bytes; one byte behind them. */
const PREFIX_BYTES = 12;
const END = 0x42;
const ZXID_POSITION = 12;
/** Longer than any record of a run: what says more is no record. */
const RECORD_MAX_BYTES = 1 << 20;

interface View {
  /** Everything up to here is there. */
  last: Zxid;
  /** The file that is read, and how far; undefined before the first. */
  name: string | undefined;
  file: FileNode | undefined;
  at: number;
}

export class DurableLogs {
  readonly #history: CommittedHistory;
  readonly #views = new Map<number, View>();
  /** What a member that has a checkpoint said last that it has. */
  readonly #told = new Map<number, Zxid>();

  constructor(history: CommittedHistory) {
    this.#history = history;
  }

  /** What is on its disk is another history from here on, or the same in other files. */
  forget(sid: number, told = 0 as Zxid): void {
    this.#views.delete(sid);
    this.#told.set(sid, told);
  }

  /** The same history still, in files that a power cut may have changed. */
  reread(sid: number): void {
    this.#views.delete(sid);
  }

  /** Whether `lastOf` is all that it has: what a checkpoint holds is not known while it is being replaced. */
  isSureOf(member: SimMember): boolean {
    for (const name of names(member)) {
      if (name.endsWith("checkpoint.mdb") && (this.#told.get(member.sid) ?? 0) === 0) return false;
      if (name.startsWith("snapshot.") && !this.#stands(zxidOf(name))) return false;
    }
    return true;
  }

  /** Whether its epoch did not come to nothing: then nobody can tell what it stands for. */
  #stands(zxid: Zxid): boolean {
    return counterOf(zxid) !== 0 || zxid === 0 || this.#history.epochs.has(epochOf(zxid));
  }

  /** Whether it has a vote: who has lost its data has none. */
  hasVote(member: SimMember): boolean {
    const { disk } = member.node;
    if (disk.durableFile(`${member.dataDir}/initialize`) !== undefined) return true;
    return [...names(member)].some((name) => /^snapshot\.|checkpoint\.mdb$/.test(name));
  }

  /** The end of what is there without a gap. */
  lastOf(member: SimMember, atLeast = Number.POSITIVE_INFINITY): Zxid {
    let view = this.#views.get(member.sid);
    if (view === undefined) {
      view = this.#begin(member);
      this.#views.set(member.sid, view);
    }
    while (view.last < atLeast && (this.#readOn(view) || openNext(view, member)));
    return view.last;
  }

  #begin(member: SimMember): View {
    let last = 0 as Zxid;
    for (const name of names(member)) {
      const isCheckpoint = name.endsWith("checkpoint.mdb");
      if (!isCheckpoint && !name.startsWith("snapshot.")) continue;
      const zxid = isCheckpoint ? (this.#told.get(member.sid) ?? (0 as Zxid)) : zxidOf(name);
      if (this.#stands(zxid)) last = Math.max(last, this.#history.normal(zxid)) as Zxid;
    }
    // The log that may hold what comes next: the last one that begins at or before it.
    let first: string | undefined;
    for (const name of logs(member)) {
      if (first === undefined || zxidOf(name) <= last + 1) first = name;
    }
    const view: View = { last, name: undefined, file: undefined, at: 0 };
    open(view, member, first);
    return view;
  }

  /** False: here is no other record. */
  #readOn(view: View): boolean {
    if (view.file === undefined) return false;
    const { durable } = view.file;
    const prefix = Buffer.alloc(PREFIX_BYTES);
    if (durable.read(view.at, prefix) < PREFIX_BYTES) return false;
    const length = prefix.readInt32BE(8);
    if (length <= 0 || length > RECORD_MAX_BYTES) return false;
    const record = Buffer.alloc(length + 1);
    if (durable.read(view.at + PREFIX_BYTES, record) < record.length) return false;
    if (record[length] !== END) return false;
    const zxid = (record.readInt32BE(ZXID_POSITION) * 2 ** 32 +
      record.readUInt32BE(ZXID_POSITION + 4)) as Zxid;
    if (zxid > view.last) {
      if (!this.#history.follows(zxid, view.last, record.subarray(0, length))) return false;
      view.last = zxid;
    }
    view.at += PREFIX_BYTES + record.length;
    return true;
  }
}

function openNext(view: View, member: SimMember): boolean {
  const { name } = view;
  const next = logs(member).find((other) => name === undefined || zxidOf(other) > zxidOf(name));
  return next !== undefined && open(view, member, next);
}

function open(view: View, member: SimMember, name: string | undefined): boolean {
  const file = name === undefined ? undefined : directoryOf(member)?.durable.get(name);
  if (file?.kind !== "file") return false;
  Object.assign(view, { name, file, at: HEADER_BYTES });
  return true;
}

function directoryOf({ node, dataDir }: SimMember): DirectoryNode | undefined {
  let found: FsNode | undefined = node.disk.root;
  for (const name of `${dataDir}/version-2`.split("/").slice(1)) {
    found = found?.kind === "directory" ? found.durable.get(name) : undefined;
  }
  return found?.kind === "directory" ? found : undefined;
}

function names(member: SimMember): Iterable<string> {
  return directoryOf(member)?.durable.keys() ?? [];
}

/** In the order of what they begin with. */
function logs(member: SimMember): string[] {
  const found = [...names(member)].filter((name) => /^log\.[0-9a-f]+$/.test(name));
  return found.sort((a, b) => zxidOf(a) - zxidOf(b));
}

function zxidOf(name: string): Zxid {
  return Number.parseInt(name.slice(name.indexOf(".") + 1), 16) as Zxid;
}
