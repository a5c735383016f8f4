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

import type { DataTree } from "../tree/data-tree.js";
import type { Watcher } from "../tree/watches.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Zxid } from "../wire/ids.js";
import type { JuteWriter } from "../jute/writer.js";
import type { ACL, Id, Stat, TxnHeader } from "../wire/records.js";
import type { PendingTree } from "./pending-tree.js";

/** The configuration that operations look at: decided at start, the same for every request. */
export interface OperationSettings {
  readonly skipAcl: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly emulate353TtlNodes: boolean;
  readonly enforceQuota: boolean;
  readonly digestEnabled: boolean;
  readonly closeSessionTxnEnabled: boolean;
  /** jute.maxbuffer plus its extra size: no txn may become larger. */
  readonly txnSizeMaxBytes: number;
}

/** Who asks. */
export interface Caller {
  readonly sessionId: SessionId;
  readonly identities: readonly Id[];
}

/** What `prepare` may look at besides the request. */
export interface PrepareContext {
  readonly caller: Caller;
  readonly cxid: number;
  readonly zxid: Zxid;
  readonly nowMs: number;
  /** The tree as it will be when everything prepared so far has been applied. Changes are recorded here, and only here. */
  readonly pending: PendingTree;
  readonly settings: OperationSettings;
}

/** A txn record with its type (the `type` of TxnHeader), or the code with which the request fails. */
export type Prepared<Txn = unknown> =
  | { readonly ok: true; readonly type: number; readonly txn: Txn }
  | { readonly ok: false; readonly error: ErrorCode };

/** What a write did, as far as its client must be told. Java: DataTree.ProcessTxnResult. */
export interface ApplyResult {
  readonly error: ErrorCode;
  readonly type: number;
  readonly path?: string;
  readonly stat?: Stat;
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
  decode(body: Buffer): Request;
  prepare(context: PrepareContext, request: Request): Prepared<Txn>;
  /** The reply's body, after the header; nothing where the reply is only a header. */
  encode(out: JuteWriter, result: ApplyResult): void;
}

export interface ReadOperation<Request = unknown> {
  readonly kind: "read";
  readonly type: number;
  readonly shortName: string;
  decode(body: Buffer): Request;
  /** Writes the reply's body and returns 0, or writes nothing and returns the error. */
  read(context: ReadContext, request: Request, out: JuteWriter): ErrorCode;
}

/** The other half of a write: found by the txn's type, because a txn may come from the log or from another server. */
export interface TxnKind<Txn = unknown> {
  readonly type: number;
  encodeTxn(out: JuteWriter, txn: Txn): void;
  decodeTxn(bytes: Buffer): Txn;
  apply(tree: DataTree, header: TxnHeader, txn: Txn): ApplyResult;
}

export type { ACL, Id };
