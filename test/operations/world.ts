// A small server around the operations: a tree, what is pending over it, sessions, a clock that stands still. Requests are
// prepared, and applied when the test says so.

import { AuthSchemes } from "../../src/auth/schemes.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type {
  ApplyResult,
  ExceededQuota,
  OperationSettings,
  PrepareContext,
  ReadOperation,
  WriteOperation,
} from "../../src/operations/operation.js";
import { PendingTree } from "../../src/operations/pending-tree.js";
import { operationFor } from "../../src/operations/table.js";
import { applyTxn, decodeTxnRecord, prepare } from "../../src/operations/transactions.js";
import type { PreparedTxn, TxnRecord } from "../../src/operations/txn-record.js";
import type { SessionCheck } from "../../src/session/session-tracker.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { WatchEvent, Watcher } from "../../src/tree/watches.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import type { ACL, Id } from "../../src/wire/records.js";

export const SETTINGS: OperationSettings = {
  schemes: new AuthSchemes(),
  skipAcl: false,
  extendedTypesEnabled: true,
  emulate353TtlNodes: false,
  enforceQuota: false,
  digestEnabled: true,
  closeSessionTxnEnabled: true,
  reconfigEnabled: false,
  txnSizeMaxBytes: 2 * 0xfffff,
  watchesMaxBytes: 2 ** 30,
};

export const OPEN: ACL[] = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
export const LOCALHOST: Id = { scheme: "ip", id: "127.0.0.1" };

/** A connection that remembers what it was told. */
export class Listener implements Watcher {
  readonly sessionId: SessionId;
  readonly stale = false;
  readonly events: WatchEvent[] = [];

  constructor(sessionId: SessionId) {
    this.sessionId = sessionId;
  }

  process(event: WatchEvent): void {
    this.events.push(event);
  }
}

export interface Asked {
  readonly session?: SessionId;
  readonly identities?: readonly Id[];
  readonly cxid?: number;
  readonly zxid?: Zxid;
  readonly nowMs?: number;
}

/** A record as servers without digests write it. */
export function undigested(bytes: Buffer): TxnRecord {
  const record = decodeTxnRecord(bytes);
  record.hasDigest = false;
  return record;
}

export class World {
  readonly settings: OperationSettings;
  readonly tree: DataTree;
  readonly pending: PendingTree;
  readonly closing = new Set<SessionId>();
  readonly refused = new Map<SessionId, SessionCheck>();
  readonly exceeded: ExceededQuota[] = [];
  readonly listeners = new Map<SessionId, Listener>();
  readonly mismatches: unknown[] = [];
  nowMs = 1_000_000;
  #zxid = 0;

  constructor(settings: Partial<OperationSettings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
    this.tree = new DataTree({
      ...this.settings,
      onDigestMismatch: (mismatch) => this.mismatches.push(mismatch),
    });
    this.pending = new PendingTree(this.tree, this.settings.digestEnabled);
  }

  get nextZxid(): Zxid {
    return (this.#zxid + 1) as Zxid;
  }

  context(asked: Asked = {}): PrepareContext {
    const zxid = asked.zxid ?? this.nextZxid;
    this.#zxid = zxid;
    return {
      caller: {
        sessionId: asked.session ?? (1n as SessionId),
        identities: asked.identities ?? [LOCALHOST],
        owner: undefined,
      },
      cxid: asked.cxid ?? 0,
      zxid,
      nowMs: asked.nowMs ?? this.nowMs,
      pending: this.pending,
      sessions: {
        check: (id) => (this.closing.has(id) ? "expired" : (this.refused.get(id) ?? "ok")),
        checkGlobal: (id) => {
          const found = this.refused.get(id) ?? "ok";
          return this.closing.has(id) || found === "unknown" ? "expired" : found;
        },
        setClosing: (id) => this.closing.add(id),
      },
      settings: this.settings,
      onQuotaExceeded: (quota) => this.exceeded.push(quota),
    };
  }

  prepare(type: number, body: Buffer, asked: Asked = {}): PreparedTxn {
    return prepare(this.context(asked), writeOperation(type), body);
  }

  apply(record: PreparedTxn): ApplyResult {
    const result = applyTxn(this.tree, record);
    this.pending.discardAppliedUpTo(record.header.zxid);
    return result;
  }

  /** Prepares, applies what the bytes say, and encodes the reply's body. */
  write(type: number, body: Buffer, asked: Asked = {}): Answer & { readonly record: PreparedTxn } {
    const record = this.prepare(type, body, asked);
    const result = applyTxn(this.tree, decodeTxnRecord(record.bytes));
    this.pending.discardAppliedUpTo(record.header.zxid);
    const out = new JuteWriter();
    if (result.error === ErrorCode.ok) writeOperation(type).encode(out, result);
    return { error: result.error, body: out.take(), record };
  }

  read(type: number, body: Buffer, asked: Asked = {}): Answer {
    const operation = operationFor(type) as ReadOperation;
    const session = asked.session ?? (1n as SessionId);
    const out = new JuteWriter();
    const error = operation.read(
      {
        caller: {
          sessionId: session,
          identities: asked.identities ?? [LOCALHOST],
          owner: undefined,
        },
        tree: this.tree,
        settings: this.settings,
        watcher: this.listener(session),
      },
      operation.decode(new JuteReader(body)),
      out,
    );
    return { error, body: error === ErrorCode.ok ? out.take() : Buffer.alloc(0) };
  }

  listener(session: SessionId): Listener {
    let listener = this.listeners.get(session);
    if (listener === undefined) {
      listener = new Listener(session);
      this.listeners.set(session, listener);
    }
    return listener;
  }
}

export interface Answer {
  readonly error: ErrorCode;
  readonly body: Buffer;
}

export function writeOperation(type: number): WriteOperation {
  return operationFor(type) as WriteOperation;
}

/** A request's bytes. */
export function encoded(write: (out: JuteWriter) => void): Buffer {
  const out = new JuteWriter();
  write(out);
  return out.take();
}
