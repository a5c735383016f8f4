// Clients that do a bit of everything, many requests at a time, and write down what they were told.
//
// Paths: /r registers (set with and without versions), /q sequential, /e ephemerals, /b accounts of a bank (multi).
// Each client goes on after a lost connection, and makes a new session when the old one has expired or was closed.

import { Chroot } from "../../src/cli/client/client-path.js";
import { parseConnectString } from "../../src/cli/client/connect-string.js";
import { OPEN_ACL_UNSAFE } from "../../src/cli/client/create-mode.js";
import { Op, readMultiResults, writeMulti } from "../../src/cli/client/multi.js";
import { ClientSession } from "../../src/cli/client/session.js";
import { SessionState } from "../../src/cli/client/session-state.js";
import { KeeperState, type Watcher } from "../../src/cli/client/watch-event.js";
import { WatchKind, type WatchRegistration } from "../../src/cli/client/watch-registry.js";
import type { JuteReader } from "../../src/jute/reader.js";
import type { JuteWriter } from "../../src/jute/writer.js";
import type { Platform } from "../../src/platform/platform.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import * as wire from "../../src/wire/records.js";
import type {
  EventRecord,
  MultiPart,
  Operation,
  OperationRecord,
  Reply,
  SessionRecord,
} from "./operation-record.js";
import type { Range, SeededRandom } from "./platform/random.js";

export interface WorkloadSettings {
  /** Requests under way at a time, at most. */
  readonly depth: number;
  /** Between two bursts of requests, on average. */
  readonly thinkMs: number;
  /** Requests of a burst, on average. */
  readonly burst: number;
  readonly sessionTimeoutMs: number;
  readonly registers: number;
  /** How often a session is closed instead of used. */
  readonly closeProbability: number;
  readonly writeShare: number;
  /** How many of the sessions put up with a server that only reads, while it has no quorum. */
  readonly readersShare: number;
  readonly valueBytes: Range;
}

/** What all clients of a run write into. */
export class Recorder {
  readonly operations: OperationRecord[] = [];
  readonly sessions: SessionRecord[] = [];
  #clock = 0;

  tick(): number {
    return ++this.#clock;
  }
}

const NO_CHROOT = new Chroot(undefined);

export class WorkloadClient {
  readonly name: string;
  isStopped = false;
  readonly #platform: Platform;
  readonly #random: SeededRandom;
  readonly #settings: WorkloadSettings;
  readonly #servers: string;
  readonly #recorder: Recorder;
  readonly #nowMs: () => number;
  #session!: ClientSession;
  /** Of the session: every watch is told to it. */
  #watcher!: Watcher;
  #record!: SessionRecord;
  #underWay = 0;
  #serial = 0;
  /** What the last read or write of a register told. */
  readonly #versions = new Map<string, number>();
  readonly #missing = new Map(PREPARED);
  #lost: OperationRecord[] | undefined;
  #isClosing = false;
  #restsUntilMs = 0;

  constructor(
    name: string,
    platform: Platform,
    servers: string,
    random: SeededRandom,
    settings: WorkloadSettings,
    recorder: Recorder,
    nowMs: () => number,
  ) {
    this.name = name;
    this.#platform = platform;
    this.#random = random;
    this.#settings = settings;
    this.#servers = servers;
    this.#recorder = recorder;
    this.#nowMs = nowMs;
    this.#open();
    this.#wait();
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** No more operations; the session stays. */
  stop(): void {
    this.isStopped = true;
  }

  /** Nothing of its own accord for so long. */
  rest(durationMs: number): void {
    this.#restsUntilMs = this.#nowMs() + durationMs;
  }

  /** Some requests at once, if it is ready for any. */
  burst(writeShare: number): void {
    if (this.isStopped || this.#isClosing || !this.#session.isAlive || this.#missing.size > 0)
      return;
    for (let left = 1 + this.#random.integer(8); left > 0; left--) {
      if (this.#underWay < this.#settings.depth) this.#do(this.#draw(writeShare));
    }
  }

  /** No more of anything: the session is closed, if there is anybody to hear it. */
  leave(done: () => void): void {
    this.isStopped = true;
    this.#isClosing = true;
    if (this.#session.isAlive) this.#session.close(done);
    else done();
  }

  /** Among its other requests. False: it has no session for it. */
  reconfigure(operation: Extract<Operation, { kind: "reconfig" }>): boolean {
    if (this.isStopped || this.#isClosing || !this.#session.isAlive) return false;
    this.#do(operation);
    return true;
  }

  /** One write that must be carried out: told whether it was. */
  probe(done: (isDone: boolean) => void): void {
    if (!this.#session.isAlive || this.#isClosing) this.#open();
    this.#prepare();
    this.#do({ kind: "set", path: "/r", data: "probe", version: -1 }, (record) =>
      // After a while: a session that is over fails at once.
      this.#platform.clock.setTimer(10, () => done(record.reply?.error === ErrorCode.ok)),
    );
  }

  // --------------------------------------------------------------------------------------------------------- the loop

  #open(): void {
    const { sessionTimeoutMs } = this.#settings;
    this.#record = { client: this.name, id: 0n, timeoutMs: sessionTimeoutMs, told: [] };
    const record = this.#record;
    this.#recorder.sessions.push(record);
    this.#isClosing = false;
    this.#watcher = (event) => {
      if (
        event.state === KeeperState.syncConnected ||
        event.state === KeeperState.connectedReadOnly
      ) {
        record.id = session.sessionId;
      }
      if (event.state === KeeperState.disconnected) record.told.push({ kind: "disconnected" });
      if (event.path === null) return;
      record.told.push({ kind: "event", event: this.#event(record, event) });
    };
    const { servers } = parseConnectString(this.#servers);
    const readOnly =
      this.#settings.readersShare > 0 && this.#random.chance(this.#settings.readersShare);
    const session: ClientSession = new ClientSession(this.#platform, servers, NO_CHROOT, {
      sessionTimeoutMs,
      reconnectPauseMaxMs: 100,
      roundPauseMs: 100,
      watcher: this.#watcher,
      ...(readOnly ? { readOnly } : {}),
    });
    this.#session = session;
  }

  #event(
    record: SessionRecord,
    event: { readonly type: number; readonly path: string | null; readonly zxid: number },
  ): EventRecord {
    const { type, path, zxid } = event;
    const at = this.#recorder.tick();
    return { client: this.name, session: record.id, type, path: path ?? "", zxid, at };
  }

  /** What everything else is below. What is asked for before there is a connection may be lost: until each is there. */
  #prepare(): void {
    for (const [path, data] of this.#missing) {
      this.#do(create(path, data), ({ reply }) => {
        if (reply?.error === ErrorCode.ok || reply?.error === ErrorCode.nodeExists) {
          this.#missing.delete(path);
        }
      });
    }
  }

  #wait(): void {
    const thinkMs = -Math.log(1 - this.#random.fraction()) * this.#settings.thinkMs;
    this.#platform.clock.setTimer(thinkMs, () => {
      if (this.isStopped) return;
      this.#wait();
      if (!this.#session.isAlive) this.#open();
      if (this.#isClosing) return;
      if (this.#missing.size > 0) {
        if (this.#underWay === 0) this.#prepare();
        return;
      }
      if (this.#nowMs() < this.#restsUntilMs) return;
      const { depth, burst } = this.#settings;
      while (this.#underWay < depth) {
        if (this.#random.chance(this.#settings.closeProbability)) {
          this.#close();
          return;
        }
        this.#do(this.#draw());
        if (this.#random.chance(1 / burst)) break;
      }
    });
  }

  // ------------------------------------------------------------------------------------------------- what there is to do

  #draw(writeShare = this.#settings.writeShare): Operation {
    return this.#random.chance(writeShare) ? this.#drawWrite() : this.#drawRead();
  }

  #drawWrite(): Operation {
    const random = this.#random;
    const register = this.#register();
    switch (random.integer(8)) {
      case 0:
        return { ...create("/q/n-", this.#value()), sequential: true };
      case 1:
        return { ...create(this.#ephemeral(), this.#value()), ephemeral: true };
      case 2:
        return { kind: "delete", path: this.#ephemeral(), version: -1 };
      case 3:
        return { kind: "multi", parts: this.#transfer() };
      case 4:
        return random.chance(0.3)
          ? { kind: "delete", path: register, version: this.#version(register) }
          : create(register, this.#value());
      default:
        return {
          kind: "set",
          path: register,
          data: this.#value(),
          version: this.#version(register),
        };
    }
  }

  #drawRead(): Operation {
    const random = this.#random;
    const watch = random.chance(0.3);
    switch (random.integer(6)) {
      case 0:
        return { kind: "children", path: random.pick(["/r", "/q", "/e"]), watch };
      case 1:
        return { kind: "exists", path: random.pick([this.#ephemeral(), this.#register()]), watch };
      case 2:
        return { kind: "sync", path: "/r" };
      case 3:
        return { kind: "get", path: random.pick(ACCOUNTS), watch };
      default:
        return { kind: "get", path: this.#register(), watch };
    }
  }

  #transfer(): MultiPart[] {
    const random = this.#random;
    const [from, to] = [random.pick(ACCOUNTS), random.pick(ACCOUNTS)];
    const check: MultiPart = { kind: "check", path: this.#register(), version: this.#version("") };
    const parts: MultiPart[] = [
      { kind: "set", path: from, data: this.#value(), version: this.#version(from) },
      { kind: "set", path: to, data: this.#value(), version: -1 },
    ];
    if (random.chance(0.3)) parts.splice(random.integer(3), 0, check);
    if (random.chance(0.2)) parts.push({ kind: "create", path: this.#register(), data: "m" });
    if (random.chance(0.1)) parts.push({ kind: "delete", path: this.#register(), version: -1 });
    return parts;
  }

  #register(): string {
    return `/r/${this.#random.integer(this.#settings.registers)}`;
  }

  #ephemeral(): string {
    return `/e/${this.#random.integer(6)}`;
  }

  #version(path: string): number {
    return this.#random.chance(0.5) ? -1 : (this.#versions.get(path) ?? 0);
  }

  #value(): string {
    const bytes = Math.floor(this.#random.between(this.#settings.valueBytes));
    return `${this.name}-${++this.#serial}`.padEnd(bytes, ".");
  }

  // ------------------------------------------------------------------------------------------------------ how it is done

  #do(operation: Operation, done?: (record: OperationRecord) => void): void {
    const session = this.#session;
    const told = this.#record;
    const record: OperationRecord = {
      client: this.name,
      session: session.sessionId,
      operation,
      xid: 0,
      invokedMs: this.#nowMs(),
      invokedAt: this.#recorder.tick(),
      completedMs: undefined,
      completedAt: undefined,
      reply: undefined,
    };
    this.#recorder.operations.push(record);
    this.#underWay++;
    const { type, write, request, read } = encode(operation);
    const watched = registration(operation, this.#watcher);
    const pending = {
      xid: 0,
      submittedAtMs: 0,
      onReply: (error: number, reader: JuteReader | undefined, zxid: number): void => {
        const isReadOnly = session.state === SessionState.connectedReadOnly;
        const header = { error, zxid, isReadOnly };
        const reply = zxid < 0 && isLoss(error) ? undefined : toReply(header, reader, read);
        if (watched !== undefined) session.events.watches.onReply(watched, error);
        // In its place among the events, which come by a promise's job too.
        record.xid = pending.xid;
        Promise.resolve().then(() => {
          this.#underWay--;
          record.session = session.sessionId;
          this.#completed(told, record, reply);
          done?.(record);
        });
      },
    };
    session.submit(type, write as (out: JuteWriter, record: unknown) => void, request, pending);
    record.xid = pending.xid;
  }

  /** Whether it was carried out is not told: the session is over either way. */
  #close(): void {
    this.#isClosing = true;
    const session = this.#session;
    session.close(() => {
      if (this.#session === session && !this.isStopped) this.#open();
    });
  }

  #completed(told: SessionRecord, record: OperationRecord, reply: Reply | undefined): void {
    record.completedMs = this.#nowMs();
    record.completedAt = this.#recorder.tick();
    record.reply = reply;
    if (reply === undefined) {
      if (this.#lost === undefined) {
        const lost: OperationRecord[] = [];
        this.#lost = lost;
        told.told.push({ kind: "lost", records: lost });
        // All that one connection had under way is lost in one turn.
        this.#platform.clock.atTurnEnd(() => {
          this.#lost = undefined;
        });
      }
      this.#lost.push(record);
      return;
    }
    told.told.push({ kind: "reply", record });
    const { operation } = record;
    if (reply.stat !== undefined && "path" in operation) {
      this.#versions.set(operation.path, reply.stat.version);
    }
  }
}

const ACCOUNTS = ["/b/0", "/b/1", "/b/2"];

const PREPARED: readonly (readonly [path: string, data: string])[] = [
  ...["/r", "/q", "/e", "/b"].map((path) => [path, ""] as const),
  ...ACCOUNTS.map((path) => [path, "100"] as const),
];

function create(path: string, data: string) {
  return { kind: "create", path, data, ephemeral: false, sequential: false } as const;
}

function isLoss(error: number): boolean {
  return (
    error === ErrorCode.connectionLoss ||
    error === ErrorCode.sessionExpired ||
    error === ErrorCode.requestTimeout
  );
}

function registration(operation: Operation, watcher: Watcher): WatchRegistration | undefined {
  if (!("watch" in operation) || !operation.watch) return undefined;
  return { kind: WATCH_KINDS[operation.kind], path: operation.path, watcher };
}

const WATCH_KINDS = {
  get: WatchKind.data,
  exists: WatchKind.exists,
  children: WatchKind.children,
} as const;

type Read = (reader: JuteReader) => Partial<Reply>;

interface Encoded {
  readonly type: number;
  readonly write: unknown;
  readonly request: unknown;
  readonly read: Read;
}

function encode(operation: Operation): Encoded {
  switch (operation.kind) {
    case "create": {
      const { path, data, ephemeral, sequential } = operation;
      const flags = (ephemeral ? 1 : 0) | (sequential ? 2 : 0);
      const request = { path, data: Buffer.from(data), acl: OPEN_ACL_UNSAFE, flags };
      const read: Read = (reader) => ({ path: reader.string() ?? "", stat: wire.readStat(reader) });
      return { type: OpCode.create2, write: wire.writeCreateRequest, request, read };
    }
    case "delete":
      return {
        type: OpCode.delete,
        write: wire.writeDeleteRequest,
        request: operation,
        read: () => ({}),
      };
    case "set": {
      const request = { ...operation, data: Buffer.from(operation.data) };
      const read: Read = (reader) => ({ stat: wire.readStat(reader) });
      return { type: OpCode.setData, write: wire.writeSetDataRequest, request, read };
    }
    case "multi": {
      const ops = operation.parts.map(toOp);
      const read: Read = (reader) => ({
        parts: readMultiResults(reader, NO_CHROOT).map((part) =>
          part.kind === "error" ? part.error : 0,
        ),
      });
      return { type: OpCode.multi, write: writeMulti, request: { ops, chroot: NO_CHROOT }, read };
    }
    case "get": {
      const read: Read = (reader) => {
        const data = reader.buffer();
        return { data: data === null ? null : data.toString(), stat: wire.readStat(reader) };
      };
      return { type: OpCode.getData, write: wire.writeGetDataRequest, request: operation, read };
    }
    case "exists": {
      const read: Read = (reader) => ({ stat: wire.readStat(reader) });
      return { type: OpCode.exists, write: wire.writeExistsRequest, request: operation, read };
    }
    case "children": {
      const read: Read = (reader) => {
        const { children, stat } = wire.readGetChildren2Response(reader);
        return { children: (children ?? []) as string[], stat };
      };
      const write = wire.writeGetChildren2Request;
      return { type: OpCode.getChildren2, write, request: operation, read };
    }
    case "reconfig": {
      const { joining, leaving, members, fromVersion } = operation;
      const request: wire.ReconfigRequest = {
        joiningServers: joining,
        leavingServers: leaving,
        newMembers: members,
        curConfigId: BigInt(fromVersion),
      };
      const read: Read = (reader) => ({ data: String(reader.buffer()) });
      return { type: OpCode.reconfig, write: wire.writeReconfigRequest, request, read };
    }
    case "sync":
      return {
        type: OpCode.sync,
        write: wire.writeSyncRequest,
        request: operation,
        read: () => ({}),
      };
  }
}

function toOp(part: MultiPart): Op {
  switch (part.kind) {
    case "create":
      return Op.create(part.path, Buffer.from(part.data));
    case "delete":
      return Op.delete(part.path, part.version);
    case "set":
      return Op.setData(part.path, Buffer.from(part.data), part.version);
    case "check":
      return Op.check(part.path, part.version);
  }
}

function toReply(header: Reply, reader: JuteReader | undefined, read: Read): Reply {
  return reader === undefined ? header : { ...header, ...read(reader) };
}
