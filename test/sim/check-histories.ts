// What the clients were told, judged by the committed history: section 4 of zab-and-known-bugs.md.
//
//   G1 G11 G12 G13   every committed write had the outcome that it must have where it stands, and that is what its client
//                    was told; writes of different clients stand in the order of real time
//   G2               writes of a session stand in the order in which they were sent; of those that a lost connection left
//                    unanswered, a first part was carried out
//   G3 G15           a read shows the tree exactly as of the zxid in its answer
//   G4 G5            what a session is shown never goes back, also from server to server
//   G6               whatever anybody was shown is committed
//   G7               after a sync, nothing that was acknowledged to anyone before it was asked for is missing
//   G8 G9            watches: check-watches.ts
//   G14              who goes from server to server with one connection at a time is never told that its session has moved
//   G16              a server without a quorum refuses writes, and shows what somebody has logged, never less than before
//   G10              ephemerals and writes of open sessions only; a session id is given out once

import { hex0x, type Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import type { SetDataTxn } from "../../src/wire/records.js";
import { checkWatches, type Triggers } from "./check-watches.js";
import type { Committed, CommittedTxn } from "./committed-history.js";
import { Code, type ModelNode, ModelTree, type Outcome } from "./model-tree.js";
import {
  type Operation,
  type OperationRecord,
  type Reply,
  type SessionRecord,
  WRITES,
} from "./operation-record.js";
import { must } from "./violation.js";
import type { Recorder } from "./workload.js";

/** Whether sessions are of one server alone (localSessionsEnabled), and what becomes of one that wants an ephemeral node. */
export type LocalSessions = "none" | "refused" | "upgraded";

export function checkHistories(
  history: Committed,
  recorder: Recorder,
  local: LocalSessions = "none",
): void {
  const checker = new HistoryChecker(history, recorder, local);
  checker.walk();
  for (const session of recorder.sessions) checker.session(session);
  checker.realTime();
  checkWatches(history, recorder, checker.triggers);
}

type Answered = OperationRecord & { readonly reply: Reply; readonly completedAt: number };

class HistoryChecker {
  readonly triggers: Triggers = { data: new Map(), children: new Map() };
  readonly #history: Committed;
  readonly #recorder: Recorder;
  readonly #model: ModelTree;
  readonly #writes = new Map<string, OperationRecord>();
  /** Place in the history of each write that is committed, and whether it was carried out. */
  readonly #places = new Map<OperationRecord, { readonly at: number; readonly isDone: boolean }>();
  #at = -1;
  /** Of the last reconfig; undefined before the first. */
  #configurationVersion: number | undefined;

  readonly #local: LocalSessions;

  constructor(history: Committed, recorder: Recorder, local: LocalSessions) {
    this.#history = history;
    this.#local = local;
    this.#recorder = recorder;
    this.#model = new ModelTree((kind, path) => {
      const places = this.triggers[kind].get(path);
      if (places === undefined) this.triggers[kind].set(path, [this.#at]);
      else places.push(this.#at);
    });
    for (const record of recorder.operations) {
      if (WRITES.has(record.operation.kind) && record.session !== 0n) {
        this.#writes.set(`${record.session} ${record.xid}`, record);
      }
    }
  }

  // -------------------------------------------------------------------------------------------- along the history (G1, G3)

  walk(): void {
    const reads = this.#readsByPlace();
    const { committed } = this.#history;
    for (const record of reads.get(-1) ?? []) this.#read(record);
    for (this.#at = 0; this.#at < committed.length; this.#at++) {
      this.#apply(committed[this.#at] as CommittedTxn);
      for (const record of reads.get(this.#at) ?? []) this.#read(record);
    }
  }

  #readsByPlace(): Map<number, Answered[]> {
    const reads = new Map<number, Answered[]>();
    for (const record of this.#recorder.operations) {
      if (!isAnswered(record)) continue;
      if (record.reply.isReadOnly && !this.#mayBeShown(record)) continue;
      const at = this.#placeOf(record.reply.zxid, record);
      if (WRITES.has(record.operation.kind) || record.operation.kind === "sync") continue;
      const there = reads.get(at);
      if (there === undefined) reads.set(at, [record]);
      else there.push(record);
    }
    return reads;
  }

  /** G16. False: what was shown is not committed, or nothing was. */
  #mayBeShown(record: Answered): boolean {
    const { kind } = record.operation;
    const { error, zxid } = record.reply;
    const isRefused = WRITES.has(kind) || kind === "sync";
    must(
      !isRefused || error === Code.notReadOnly,
      () => `${say(record)} is answered with ${error} by a server without a quorum`,
    );
    must(
      this.#history.isLogged(zxid as Zxid),
      () => `${say(record)} was shown ${hex0x(zxid)}, which nobody has logged`,
    );
    return !isRefused && this.#history.indexOf(zxid as Zxid) !== undefined;
  }

  #placeOf(zxid: number, record: OperationRecord): number {
    const at = this.#history.indexOf(zxid as Zxid);
    must(at !== undefined, () => `${say(record)} was shown ${hex0x(zxid)}, which is not committed`);
    return at;
  }

  #apply(txn: CommittedTxn): void {
    const { header } = txn.record;
    const { clientId, cxid, type, zxid } = header;
    const state = this.#model.sessions.get(clientId);
    if (type === OpCode.createSession) {
      must(state === undefined, () => `Session ${hex0x(clientId)} is given out twice`);
      this.#model.sessions.set(clientId, "open");
      return;
    }
    if (type === OpCode.closeSession) {
      this.#model.closeSession(clientId, zxid);
      return;
    }
    const record = this.#writes.get(`${clientId} ${cxid}`);
    must(record !== undefined, () => `${hex0x(zxid)} was asked for by nobody (type ${type})`);
    const error = errorOf(type, txn.record.txn);
    const isLocal = this.#local !== "none" && state === undefined;
    const wantsGlobal = record.operation.kind === "create" && record.operation.ephemeral;
    const isRefused = isSessionError(error) || error === Code.ephemeralOnLocalSession;
    // The next one of a session that never was global is not refused.
    const isAlone = isRefused && isLocal && wantsGlobal;
    this.#places.set(record, { at: this.#at, isDone: !isRefused || isAlone });
    if (isRefused) {
      must(
        error === Code.sessionMoved || state !== "open",
        () => `${say(record)} is refused at ${hex0x(zxid)}: its session is open`,
      );
      must(
        error !== Code.ephemeralOnLocalSession || (this.#local === "refused" && wantsGlobal),
        () =>
          `${say(record)} is refused at ${hex0x(zxid)}, as of a session that is not known to all`,
      );
      return;
    }
    const isOpen = state === "open" || (isLocal && !wantsGlobal);
    must(isOpen, () => `${say(record)} at ${hex0x(zxid)}: its session is ${state}`);
    if (record.operation.kind === "reconfig") {
      this.#reconfigured(record, error, zxid, txn.record.txn);
      return;
    }
    this.#judge(record, this.#model.write(record.operation as never, clientId, zxid), error, zxid);
  }

  #judge(record: OperationRecord, outcome: Outcome, error: number, zxid: Zxid): void {
    const { operation, reply } = record;
    const isMulti = operation.kind === "multi";
    must(
      isMulti || outcome.error === error,
      () => `${say(record)} at ${hex0x(zxid)} gives ${error}, must give ${outcome.error}`,
    );
    if (reply === undefined) return;
    must(
      this.#history.indexOf(reply.zxid as Zxid) === this.#at,
      () => `${say(record)} stands at ${hex0x(zxid)}, its client was told ${hex0x(reply.zxid)}`,
    );
    must(
      reply.error === outcome.error,
      () =>
        `${say(record)} at ${hex0x(zxid)}: client was told ${reply.error}, not ${outcome.error}`,
    );
    if (isMulti) {
      must(
        String(reply.parts) === String(outcome.parts),
        () => `${say(record)} at ${hex0x(zxid)}: told ${reply.parts}, must be ${outcome.parts}`,
      );
    }
    if (outcome.path !== undefined) {
      must(
        reply.path === outcome.path,
        () => `${say(record)} at ${hex0x(zxid)}: told ${reply.path}, must be ${outcome.path}`,
      );
    }
    const path = outcome.path ?? ("path" in operation ? operation.path : "");
    if (reply.stat !== undefined) this.#sameStat(record, this.#model.nodes.get(path));
  }

  /** Whether it may be is for the leader to say; what has become of it is for all to see. */
  #reconfigured(record: OperationRecord, error: number, zxid: Zxid, txn: unknown): void {
    const { operation, reply } = record;
    const { fromVersion } = operation as Extract<Operation, { kind: "reconfig" }>;
    const before = this.#configurationVersion;
    const text = error === 0 ? String((txn as SetDataTxn).data) : undefined;
    if (text !== undefined) {
      const isFromThere = fromVersion === -1 || before === undefined || fromVersion === before;
      must(isFromThere, () => `${say(record)} at ${hex0x(zxid)}: the version was ${before}`);
      must(
        text.endsWith(`version=${zxid.toString(16)}`),
        () => `${say(record)} at ${hex0x(zxid)} makes this: ${text}`,
      );
      this.#configurationVersion = zxid;
    }
    if (reply === undefined) return;
    must(
      this.#history.indexOf(reply.zxid as Zxid) === this.#at && reply.error === error,
      () => `${say(record)} at ${hex0x(zxid)} gives ${error}: told ${JSON.stringify(reply)}`,
    );
    must(
      reply.data === text,
      () => `${say(record)} at ${hex0x(zxid)} makes ${text}: told ${reply.data}`,
    );
  }

  #read(record: Answered): void {
    const { operation, reply } = record;
    if (!("path" in operation) || isSessionError(reply.error)) return;
    const node = this.#model.nodes.get(operation.path);
    const error = node === undefined ? Code.noNode : Code.ok;
    must(
      reply.error === error,
      () => `${say(record)} as of ${hex0x(reply.zxid)}: told ${reply.error}, must be ${error}`,
    );
    if (node === undefined) return;
    this.#sameStat(record, node);
    if (operation.kind === "get") {
      must(
        reply.data === node.data,
        () => `${say(record)} as of ${hex0x(reply.zxid)}: told "${reply.data}", not "${node.data}"`,
      );
    } else if (operation.kind === "children") {
      const told = [...(reply.children ?? [])].sort().join();
      const is = [...node.children].sort().join();
      must(told === is, () => `${say(record)} as of ${hex0x(reply.zxid)}: told ${told}, not ${is}`);
    }
  }

  #sameStat(record: OperationRecord, node: ModelNode | undefined): void {
    const stat = record.reply?.stat;
    // The root of a new ensemble is not ours; nor is what has gone in the same transaction.
    if (stat === undefined || node === undefined) return;
    const told = [
      stat.czxid,
      stat.mzxid,
      stat.pzxid,
      stat.version,
      stat.cversion,
      stat.ephemeralOwner,
      stat.dataLength,
      stat.numChildren,
    ];
    const { czxid, mzxid, pzxid, version, creates, children, owner, data } = node;
    const size = children.size;
    const is = [czxid, mzxid, pzxid, version, 2 * creates - size, owner, data.length, size];
    must(
      String(told) === String(is),
      () => `${say(record)} as of ${hex0x(record.reply?.zxid ?? 0)}: stat ${told}, must be ${is}`,
    );
  }

  // ----------------------------------------------------------------------------------------------- session by session

  session({ told }: SessionRecord): void {
    let shown = -1;
    let shownZxid = -1;
    let written = -1;
    for (const item of told) {
      if (item.kind === "lost") written = this.#lost(item.records, written);
      if (item.kind !== "reply") continue;
      const { record } = item;
      must(
        record.reply?.error !== Code.sessionMoved,
        () => `${say(record)} is told that its session has moved, and has no other connection`,
      );
      const zxid = record.reply?.zxid ?? 0;
      must(
        zxid >= shownZxid,
        () => `${say(record)} is shown ${hex0x(zxid)}, after ${hex0x(shownZxid)}`,
      );
      shownZxid = zxid;
      if (record.reply?.isReadOnly) continue;
      const at = this.#placeOf(zxid, record);
      must(at >= shown, () => `${say(record)} is shown less than was shown before`);
      shown = at;
      if (!WRITES.has(record.operation.kind)) continue;
      const place = this.#places.get(record);
      must(place !== undefined, () => `${say(record)} was answered and is not committed`);
      must(
        place.at > written,
        () => `${say(record)} stands before an earlier write of its session`,
      );
      written = place.at;
    }
  }

  /** G2: what was carried out is a first part of what was sent. Gives the place of the last write of the session. */
  #lost(records: readonly OperationRecord[], written: number): number {
    let missing: OperationRecord | undefined;
    let last = written;
    for (const record of records) {
      if (!WRITES.has(record.operation.kind)) continue;
      const place = this.#places.get(record);
      if (place?.isDone !== true) {
        missing ??= record;
        continue;
      }
      const before = missing;
      must(
        before === undefined,
        () =>
          `${say(record)} was carried out at place ${place.at}, ${before && say(before)} before it was not (${JSON.stringify(before && this.#places.get(before))})`,
      );
      must(place.at > last, () => `${say(record)} stands before an earlier write of its session`);
      last = place.at;
    }
    return last;
  }

  // --------------------------------------------------------------------------------------------------- real time (G1, G7)

  realTime(): void {
    const acknowledged = [...this.#places]
      .filter(([record]) => isAnswered(record))
      .map(([record, { at }]) => ({ at, completedAt: record.completedAt as number, record }))
      .sort((a, b) => a.completedAt - b.completedAt);
    const asked = this.#recorder.operations
      .filter((record) => this.#places.has(record) || record.operation.kind === "sync")
      .sort((a, b) => a.invokedAt - b.invokedAt);
    let next = 0;
    let highest: (typeof acknowledged)[number] | undefined;
    for (const record of asked) {
      for (; (acknowledged[next]?.completedAt ?? Infinity) < record.invokedAt; next++) {
        const candidate = acknowledged[next] as (typeof acknowledged)[number];
        if (highest === undefined || candidate.at > highest.at) highest = candidate;
      }
      const before = highest;
      if (before === undefined) continue;
      const isSync = record.operation.kind === "sync";
      if (isSync && (!isAnswered(record) || record.reply.error !== 0)) continue;
      const at = isSync
        ? this.#placeOf(record.reply?.zxid ?? 0, record)
        : (this.#places.get(record)?.at as number);
      must(
        isSync ? at >= before.at : at > before.at,
        () =>
          `${say(record)} stands before ${say(before.record)}, which was answered before it was asked`,
      );
    }
  }
}

/** What a committed txn says that the request failed with. A multi that fails for its session says so in its parts. */
function errorOf(type: number, txn: unknown): number {
  if (type === OpCode.error) return (txn as { readonly err: number }).err;
  if (type !== OpCode.multi) return 0;
  const { parts } = txn as { readonly parts: readonly { type: number; txn: unknown }[] };
  const errors = parts.filter((part) => part.type === OpCode.error);
  return errors.map((part) => errorOf(part.type, part.txn)).find(isSessionError) ?? 0;
}

function isAnswered(record: OperationRecord): record is Answered {
  return record.reply !== undefined;
}

function isSessionError(error: number): boolean {
  return (
    error === Code.sessionExpired || error === Code.unknownSession || error === Code.sessionMoved
  );
}

export function say({ client, session, xid, operation, invokedMs }: OperationRecord): string {
  return `${client} (${hex0x(session)}, xid ${xid}, at ${invokedMs.toFixed(1)}): ${text(operation)}`;
}

function text(operation: Operation): string {
  return JSON.stringify(operation).slice(0, 200);
}
