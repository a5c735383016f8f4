// What the disks of the members hold durably of the history, read as a power cut would leave it: snapshots by their names, logs
// record by record, beside the server's own reader. Of a checkpoint (snapshot.store) what its member says of it is believed. A
// log only grows until its member starts anew, or is cut back or replaced by its leader, so each byte is read once; a record
// counts when it is in the ground truth, and behind the one before it.

import { counterOf, epochOf, type Zxid } from "../../src/wire/ids.js";
import type { CommittedHistory } from "./committed-history.js";
import type { SimMember } from "./ensemble.js";
import type { FileNode } from "./platform/file-system.js";

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
  /**
   * The newest snapshot's: of logs that it has replaced, and that a power cut has left there, what is not behind it counts for
   * nothing. At the beginning of an epoch that is more than `last`.
   */
  covered: Zxid;
  /** The file that is read, and how far it is; undefined before the first. */
  name: string;
  file: FileNode | undefined;
  at: number;
}

interface Named {
  readonly kind: "log" | "snapshot" | "checkpoint" | "other";
  readonly zxid: Zxid;
}

export class DurableLogs {
  readonly #history: CommittedHistory;
  readonly #views = new Map<number, View>();
  /** What a member that has a checkpoint said last that it has. */
  readonly #told = new Map<number, Zxid>();
  /** Each commit looks at the names of all members' files. */
  readonly #names = new Map<string, Named>();
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);

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
    for (const name of member.durableFiles.keys()) {
      const { kind, zxid } = this.#named(name);
      if (kind === "checkpoint" && (this.#told.get(member.sid) ?? 0) === 0) return false;
      if (kind === "snapshot" && !this.#stands(zxid)) return false;
    }
    return true;
  }

  /** Whether its epoch did not come to nothing: then nobody can tell what it stands for. */
  #stands(zxid: Zxid): boolean {
    return counterOf(zxid) !== 0 || zxid === 0 || this.#history.epochs.has(epochOf(zxid));
  }

  /** Whether it has a vote: who has lost its data has none. */
  hasVote(member: SimMember): boolean {
    for (const name of member.durableFiles.keys()) {
      const { kind } = this.#named(name);
      if (kind === "snapshot" || kind === "checkpoint") return true;
    }
    return member.node.disk.durableNode(`${member.dataDir}/initialize`) !== undefined;
  }

  /** The end of what is there without a gap. */
  lastOf(member: SimMember, atLeast = Number.POSITIVE_INFINITY): Zxid {
    let view = this.#views.get(member.sid);
    if (view === undefined) {
      view = this.#begin(member);
      this.#views.set(member.sid, view);
    }
    this.#takeReplacement(view, member);
    while (view.last < atLeast && (this.#readOn(view) || this.#openNext(view, member)));
    return view.last;
  }

  #begin(member: SimMember): View {
    let last = 0 as Zxid;
    let covered = last;
    for (const name of member.durableFiles.keys()) {
      const { kind, zxid: named } = this.#named(name);
      if (kind !== "checkpoint" && kind !== "snapshot") continue;
      const zxid = kind === "checkpoint" ? (this.#told.get(member.sid) ?? (0 as Zxid)) : named;
      if (!this.#stands(zxid)) continue;
      last = Math.max(last, this.#history.normal(zxid)) as Zxid;
      covered = Math.max(covered, zxid) as Zxid;
    }
    // The log that may hold what comes next: the last one that begins at or before it.
    const view: View = { last, covered, name: "", file: undefined, at: 0 };
    if (this.#openNext(view, member)) while (this.#openNext(view, member, last + 1));
    return view;
  }

  /** A log that had got its name, and of whose records none was durable, has a successor of the same name. */
  #takeReplacement(view: View, member: SimMember): void {
    const file = member.durableFiles.get(view.name);
    if (file?.kind !== "file" || file === view.file) return;
    view.file = file;
    view.at = HEADER_BYTES;
  }

  /** False: here is no other record. */
  #readOn(view: View): boolean {
    if (view.file === undefined) return false;
    const { durable } = view.file;
    const prefix = this.#prefix;
    if (durable.read(view.at, prefix) < PREFIX_BYTES) return false;
    const length = prefix.readInt32BE(8);
    if (length <= 0 || length > RECORD_MAX_BYTES) return false;
    const record = Buffer.allocUnsafe(length + 1);
    if (durable.read(view.at + PREFIX_BYTES, record) < record.length) return false;
    if (record[length] !== END) return false;
    const zxid = (record.readInt32BE(ZXID_POSITION) * 2 ** 32 +
      record.readUInt32BE(ZXID_POSITION + 4)) as Zxid;
    if (zxid > view.last && zxid > view.covered) {
      if (!this.#history.follows(zxid, view.last, record.subarray(0, length))) return false;
      view.last = zxid;
    }
    view.at += PREFIX_BYTES + record.length;
    return true;
  }

  /** The log behind the one that is read: false where there is none, or it begins behind `atMost`. */
  #openNext(view: View, member: SimMember, atMost = Number.POSITIVE_INFINITY): boolean {
    let next: string | undefined;
    let nextZxid = atMost;
    const readZxid = view.file === undefined ? -1 : this.#named(view.name).zxid;
    for (const name of member.durableFiles.keys()) {
      const { kind, zxid } = this.#named(name);
      if (kind !== "log" || zxid <= readZxid || zxid > nextZxid) continue;
      next = name;
      nextZxid = zxid;
    }
    if (next === undefined) return false;
    const file = member.durableFiles.get(next);
    if (file?.kind !== "file") return false;
    view.name = next;
    view.file = file;
    view.at = HEADER_BYTES;
    return true;
  }

  #named(name: string): Named {
    let named = this.#names.get(name);
    if (named === undefined) {
      named = read(name);
      this.#names.set(name, named);
    }
    return named;
  }
}

function read(name: string): Named {
  const zxid = Number.parseInt(name.slice(name.indexOf(".") + 1), 16) as Zxid;
  if (name.endsWith("checkpoint.mdb")) return { kind: "checkpoint", zxid };
  if (name.startsWith("snapshot.")) return { kind: "snapshot", zxid };
  return { kind: /^log\.[0-9a-f]+$/.test(name) ? "log" : "other", zxid };
}
