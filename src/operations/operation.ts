// One verb, one file: the contract that every file of this folder fulfils, in the order of a request's life.
//
//   decode   bytes → request                              (throws ProtocolError on what is not a request)
//   prepare  request + what is coming → txn or error      (writes; Java: PrepRequestProcessor.pRequest2Txn)
//   apply    txn → tree                                   (writes; Java: DataTree.processTxn)
//   read     request + tree → reply                       (reads; Java: FinalRequestProcessor)
//   encode   result → reply                               (writes)
//
// `apply` is the only place that changes the tree. It must be deterministic: the same txn on the same tree gives the same
// tree, the same result and the same digest on every member, whether it came from a client, a leader or the log. It must
// not ask who the client is, what the time is, or how the server is configured: all of that was decided in `prepare`.
// And it must not fail on any txn that was ever logged: a server that cannot replay its log cannot start.
//
// Errors that clients are told (NoNode, BadVersion) are values. `marshallingError` is among them: Java gives it for what its
// own code did not expect, a null path above all, and clients see it.
//
// Adding a verb: its file here; a line in table.ts; its txn kind there too if it writes; whether multi may contain it.

import type { AuthSchemes } from "../auth/schemes.js";
import type { Membership, MembershipOptions } from "../config/membership.js";
import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import type { SessionCheck } from "../session/session-tracker.js";
import type { DataTree } from "../tree/data-tree.js";
import type { StatImage } from "../tree/stat-image.js";
import type { Watcher } from "../tree/watches.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { Id, TxnHeader } from "../wire/records.js";
import type { PendingTree } from "./pending-tree.js";

/** The configuration that operations look at: decided at start, the same for every request. */
export interface OperationSettings {
  readonly schemes: AuthSchemes;
  readonly skipAcl: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly emulate353TtlNodes: boolean;
  readonly enforceQuota: boolean;
  readonly digestEnabled: boolean;
  readonly closeSessionTxnEnabled: boolean;
  readonly reconfigEnabled: boolean;
  /** jute.maxbuffer plus its extra size: no txn may become larger, or Java could not read it back. */
  readonly txnSizeMaxBytes: number;
  /** All watches of a server together. */
  readonly watchesMaxBytes: number;
}

/** Who asks. `owner` is through whom the session is connected, as the session tracker compares it (Java: Request.owner). */
export interface Caller {
  readonly sessionId: SessionId;
  readonly identities: readonly Id[];
  readonly owner: unknown;
}

/** What `prepare` asks and tells about sessions: SessionTracker has it. */
export interface SessionChecks {
  check(id: SessionId, owner: unknown): SessionCheck;
  /** For what only a session known to all may do: create ephemerals. */
  checkGlobal(id: SessionId, owner: unknown): SessionCheck;
  /** A closeSession is under way: whatever comes later in this session is too late (ZOOKEEPER-1208). */
  setClosing(id: SessionId): void;
}

/** What a reconfig must know of the ensemble. */
export interface EnsembleView {
  readonly committedVersion: Zxid;
  /** The last configuration that was proposed; the committed one, if no change is under way. */
  readonly lastSeen: Membership;
  readonly standaloneEnabled: boolean;
  readonly membershipOptions: MembershipOptions;
  /** Whether those of its voters that are up to date with us, ourselves included, are a quorum of it. */
  isQuorumSynced(membership: Membership): boolean;
  /** For the log: clients are told a code only. */
  refused(why: string): void;
}

/** What `prepare` may look at besides the request. */
export interface PrepareContext {
  readonly caller: Caller;
  readonly cxid: number;
  readonly zxid: Zxid;
  readonly nowMs: number;
  /** The tree as it will be when everything prepared so far has been applied. Changes are recorded here, and only here. */
  readonly pending: PendingTree;
  readonly sessions: SessionChecks;
  readonly settings: OperationSettings;
  /** Undefined: this server is alone. */
  readonly ensemble?: EnsembleView | undefined;
  /** Told when a quota is exceeded, also a soft one, which forbids nothing. For the log, rate-limited, and the metrics. */
  readonly onQuotaExceeded?: (quota: ExceededQuota) => void;
}

export interface ExceededQuota {
  /** The path that has the quota. */
  readonly path: string;
  readonly what: "count" | "bytes";
  readonly hard: boolean;
  readonly limit: number;
  readonly wanted: number;
}

/** A txn record with its type (the `type` of TxnHeader), or the code with which the request fails. */
export type Prepared<Txn = unknown> =
  | { readonly ok: true; readonly type: number; readonly txn: Txn }
  | { readonly ok: false; readonly error: ErrorCode };

const failures = new Map<ErrorCode, Prepared<never>>();
for (const error of Object.values(ErrorCode)) failures.set(error, { ok: false, error });

/** The failure with this code: always the same object. */
export function failed(error: ErrorCode): Prepared<never> {
  return failures.get(error) ?? { ok: false, error };
}

/** What a write did, as far as its client must be told. Java: DataTree.ProcessTxnResult. */
export interface ApplyResult {
  readonly error: ErrorCode;
  /** Of the txn that was applied: in a multi that failed, every part is an error. */
  readonly type: number;
  readonly path?: string;
  readonly stat?: StatImage;
  /** What the node holds now, where the answer has it. */
  readonly data?: Buffer | null;
  readonly parts?: readonly ApplyResult[];
}

/** What `read` may look at besides the request. */
export interface ReadContext {
  readonly caller: Caller;
  readonly tree: DataTree;
  readonly settings: OperationSettings;
  /** Whom a watch that this request leaves will be told. */
  readonly watcher: Watcher;
}

export interface WriteOperation<Request = unknown, Txn = unknown> {
  readonly kind: "write";
  readonly type: number;
  /** How `cons` names it in lop=. */
  readonly shortName: string;
  /** What is left of the reader after the request is not looked at, as in Java. The request may hold views of its bytes. */
  decode(reader: JuteReader): Request;
  /** Once it is settled (`TxnKind.settle`) the txn holds no views of the request's bytes. */
  prepare(context: PrepareContext, request: Request): Prepared<Txn>;
  /** The reply's body, after the header; nothing where the reply is only a header. Not called for errors. */
  encode(out: JuteWriter, result: ApplyResult): void;
}

export interface ReadOperation<Request = unknown> {
  readonly kind: "read";
  readonly type: number;
  readonly shortName: string;
  /** The request holds no views of the reader's bytes: it may wait behind a write. */
  decode(reader: JuteReader): Request;
  /** Writes the reply's body and returns 0, or returns the error: what it may have written is then to be forgotten. */
  read(context: ReadContext, request: Request, out: JuteWriter): ErrorCode;
}

/** The other half of a write: found by the txn's type, because a txn may come from the log or from another server. */
export interface TxnKind<Txn = unknown> {
  readonly type: number;
  encodeTxn(out: JuteWriter, txn: Txn): void;
  /** A txn that has been prepared stands in these bytes, as `encodeTxn` wrote it: what it says lies there from now on. */
  settle?(txn: Txn, bytes: Buffer): void;
  /** The txn may hold views of the reader's bytes. What is left after it is the caller's: a TxnDigest, perhaps. */
  decodeTxn(reader: JuteReader): Txn;
  /** Unless somebody is told of it (`isTold`, which is so when it is left out) the result need not have a stat. */
  apply(tree: DataTree, header: TxnHeader, txn: Txn, isTold?: boolean): ApplyResult;
}
