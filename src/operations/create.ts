// create (1), create2 (15), createContainer (19), createTTL (21). Java: PrepRequestProcessor.pRequest2TxnCreate.
//
// Four types for one deed: they differ in what the client is told (create: the path; the others: path and Stat) and in the
// record in the log, which alone decides what the node is: CreateContainerTxn a container, CreateTTLTxn a TTL node,
// CreateTxn an ephemeral or a plain node. The flags decide whether the name is sequential, and what is checked.
//
// A client may send a type and flags that do not belong together. Most combinations have a meaning in Java and keep it
// here. One does not: a createTTL whose flags are not TTL. Java logs it with a TTL of -1, and no server can apply that
// txn or ever start again on that log. It is refused here (badArguments).

import { fixAcl, Perms } from "../auth/access.js";
import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import type { DataTree } from "../tree/data-tree.js";
import { CONTAINER_OWNER, NodeKind, nodeKindOf, ttlOwner } from "../tree/ephemeral-type.js";
import type { StatImage } from "../tree/stat-image.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import {
  type ACL,
  type CreateContainerTxn,
  type CreateTTLTxn,
  type CreateTxn,
  readCreateContainerTxn,
  readCreateRequest,
  readCreateTTLRequest,
  readCreateTTLTxn,
  readCreateTxnV0,
  type TxnHeader,
  writeCreateContainerTxn,
  writeCreateResponse,
  writeCreateTTLTxn,
  writeCreateTxnV0,
} from "../wire/records.js";
import { mayDo } from "./access.js";
import {
  type ApplyResult,
  failed,
  type PrepareContext,
  type Prepared,
  type TxnKind,
  type WriteOperation,
} from "./operation.js";
import { hasParent, isValidPath, parentOf, sequenceSuffix } from "./paths.js";
import type { NodeView } from "./pending-tree.js";
import { checkQuota } from "./quota.js";
import { hasRoom } from "./room.js";
import { checkGlobalSession, checkSession } from "./session-check.js";
import { nextVersion } from "./versions.js";

/** What a client asks for, with whichever of the four types. */
export interface CreateWish {
  readonly path: string | null;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[] | null;
  readonly flags: number;
  /** -1 where the request has none. */
  readonly ttl: bigint;
}

export interface CreateMode {
  readonly ephemeral: boolean;
  readonly sequential: boolean;
  readonly container: boolean;
  readonly ttl: boolean;
}

/** By flags. Java: CreateMode. */
const MODES: readonly CreateMode[] = [
  { ephemeral: false, sequential: false, container: false, ttl: false },
  { ephemeral: true, sequential: false, container: false, ttl: false },
  { ephemeral: false, sequential: true, container: false, ttl: false },
  { ephemeral: true, sequential: true, container: false, ttl: false },
  { ephemeral: false, sequential: false, container: true, ttl: false },
  { ephemeral: false, sequential: false, container: false, ttl: true },
  { ephemeral: false, sequential: true, container: false, ttl: true },
];

export const NO_TTL = -1n;

/** Undefined for flags that nobody has defined. */
export function createModeOf(flags: number): CreateMode | undefined {
  return MODES[flags];
}

// ------------------------------------------------------------------------------------------------------------------ prepare

/** The records as they are here: an ACL is shared, and never changed. */
type Shared<Txn> = Omit<Txn, "acl"> & { readonly acl: readonly ACL[] | null };
type PlainTxn = Shared<CreateTxn>;
type ContainerTxn = Shared<CreateContainerTxn>;
type TtlTxn = Shared<CreateTTLTxn>;
type AnyCreateTxn = PlainTxn | ContainerTxn | TtlTxn;

export function prepareCreate(
  context: PrepareContext,
  type: number,
  wish: CreateWish,
): Prepared<AnyCreateTxn> {
  const { pending, caller, settings } = context;
  const mode = createModeOf(wish.flags);
  if (mode === undefined) return failed(ErrorCode.badArguments);
  const refused = checkModeAndSession(context, type, mode, wish.ttl);
  if (refused !== ErrorCode.ok) return failed(refused);

  let path = wish.path;
  if (path === null) return failed(ErrorCode.marshallingError);
  if (!hasParent(path)) return failed(ErrorCode.badArguments);
  const acl = fixAcl(settings.schemes, caller.identities, wish.acl);
  if (typeof acl === "number") return failed(acl);
  const parentPath = parentOf(path);
  const parent = pending.find(parentPath);
  if (parent === undefined) return failed(ErrorCode.noNode);
  if (!mayDo(context, pending.aclOf(parent), Perms.create)) return failed(ErrorCode.noAuth);

  if (mode.sequential) path += sequenceSuffix(parent.cversion);
  if (!isValidPath(path)) return failed(ErrorCode.badArguments);
  if (pending.find(path) !== undefined) return failed(ErrorCode.nodeExists);
  if (parent.kind === NodeKind.ephemeral) return failed(ErrorCode.noChildrenForEphemerals);
  const bytes = wish.data === null ? 0 : wish.data.length;
  const forbidden = checkQuota(context, path, bytes, 1);
  if (forbidden !== ErrorCode.ok) return failed(forbidden);
  const { tree } = pending;
  if (!hasRoom(tree, kindOf(type, mode), caller.sessionId)) return failed(ErrorCode.systemError);

  const txn = makeTxn(type, path, wish, mode, acl, nextVersion(parent.cversion));
  record(context, parentPath, parent, path, acl, txn, type);
  return { ok: true, type, txn };
}

/** What Java looks at before the path. */
function checkModeAndSession(
  context: PrepareContext,
  type: number,
  mode: CreateMode,
  ttl: bigint,
): ErrorCode {
  const { settings } = context;
  if (mode.ttl && !settings.extendedTypesEnabled) return ErrorCode.unimplemented;
  if (mode.ttl ? ttlOwner(ttl) === undefined : ttl >= 0n) return ErrorCode.badArguments;
  if (type === OpCode.createTTL && !mode.ttl) return ErrorCode.badArguments;
  return mode.ephemeral ? checkGlobalSession(context) : checkSession(context);
}

function kindOf(type: number, mode: CreateMode): NodeKind {
  if (type === OpCode.createContainer) return NodeKind.container;
  if (type === OpCode.createTTL) return NodeKind.ttl;
  return mode.ephemeral ? NodeKind.ephemeral : NodeKind.persistent;
}

function makeTxn(
  type: number,
  path: string,
  wish: CreateWish,
  mode: CreateMode,
  acl: readonly ACL[],
  parentCVersion: number,
): AnyCreateTxn {
  // The request's bytes are gone when the txn is applied.
  const data = wish.data === null ? null : Buffer.from(wish.data);
  if (type === OpCode.createTTL) {
    return { path, data, acl, parentCVersion, ttl: Number(wish.ttl) };
  }
  if (type === OpCode.createContainer) return { path, data, acl, parentCVersion };
  return { path, data, acl, ephemeral: mode.ephemeral, parentCVersion };
}

/** The parent and the node as they will be. What the node is follows from the txn, as it will when that is applied. */
function record(
  context: PrepareContext,
  parentPath: string,
  parentBefore: NodeView,
  path: string,
  acl: readonly ACL[],
  txn: AnyCreateTxn,
  type: number,
): void {
  const { pending, zxid, nowMs, caller, settings } = context;
  const parent = pending.duplicate(parentPath, parentBefore, zxid);
  parent.childCount++;
  // Not when the counter has wrapped: the tree, which takes the larger, will not either.
  if (txn.parentCVersion > parent.cversion) {
    parent.cversion = txn.parentCVersion;
    parent.pzxid = zxid;
  }
  pending.add(parent, parentBefore);

  const node = pending.newRecord(path, zxid);
  node.acl = acl;
  node.ephemeralOwner = ownerOf(type, txn, caller.sessionId);
  node.kind = nodeKindOf(node.ephemeralOwner, settings);
  pending.addNew(node, nowMs, txn.data);
}

/** What ephemeralOwner the txn gives the node. */
function ownerOf(type: number, txn: AnyCreateTxn, session: SessionId): bigint {
  if (type === OpCode.createTTL) return ttlOwner(BigInt((txn as TtlTxn).ttl)) ?? 0n;
  if (type === OpCode.createContainer) return CONTAINER_OWNER;
  return (txn as PlainTxn).ephemeral ? session : 0n;
}

// ------------------------------------------------------------------------------------------------------------------ requests

function decodeWish(reader: JuteReader): CreateWish {
  const { path, data, acl, flags } = readCreateRequest(reader);
  return { path, data, acl, flags, ttl: NO_TTL };
}

function operation(
  type: number,
  decode: (reader: JuteReader) => CreateWish,
  encode: WriteOperation["encode"],
): WriteOperation<CreateWish, AnyCreateTxn> {
  return {
    kind: "write",
    type,
    shortName: "CREA",
    decode,
    prepare: (context, wish) => prepareCreate(context, type, wish),
    encode,
  };
}

/** Create2Response: the path, the Stat. */
export function encodeCreate2(out: JuteWriter, path: string | null, stat: StatImage): void {
  writeCreateResponse(out, { path });
  stat.writeTo(out);
}

const encodePath: WriteOperation["encode"] = (out, { path }) =>
  writeCreateResponse(out, { path: path ?? null });
const encodePathAndStat: WriteOperation["encode"] = (out, { path, stat }) => {
  if (stat !== undefined) encodeCreate2(out, path ?? null, stat);
};

export const create = operation(OpCode.create, decodeWish, encodePath);
export const create2 = operation(OpCode.create2, decodeWish, encodePathAndStat);
export const createContainer = operation(OpCode.createContainer, decodeWish, encodePathAndStat);
export const createTTL = operation(OpCode.createTTL, readCreateTTLRequest, encodePathAndStat);

// --------------------------------------------------------------------------------------------------------------------- txns

/**
 * Replay over a fuzzy snapshot may find the node there already, and its parent behind: the parent's counter must still come
 * up, or the next sequential name is one that exists (ZOOKEEPER-1046).
 */
function applyCreate(
  tree: DataTree,
  header: TxnHeader,
  type: number,
  txn: AnyCreateTxn,
  owner: bigint,
  isTold: boolean,
): ApplyResult {
  const path = txn.path ?? "";
  const { zxid, time } = header;
  const { data, acl, parentCVersion } = txn;
  const error = tree.createNode(path, data, acl, owner, parentCVersion, zxid, time);
  if (error === ErrorCode.nodeExists) tree.setCversionPzxid(parentOf(path), parentCVersion, zxid);
  if (!isTold || type === OpCode.create || error !== ErrorCode.ok) return { error, type, path };
  const stat = tree.get(path)?.statImage();
  return stat === undefined ? { error, type, path } : { error, type, path, stat };
}

/** Logs of servers before 3.4 end a create without the parent's cversion: -1 stands for "one more than it has". */
function decodePlainTxn(reader: JuteReader): CreateTxn {
  const { path, data, acl, ephemeral } = readCreateTxnV0(reader);
  return { path, data, acl, ephemeral, parentCVersion: reader.remaining < 4 ? -1 : reader.int() };
}

function plainKind(type: number): TxnKind<PlainTxn> {
  return {
    type,
    encodeTxn(out, txn) {
      writeCreateTxnV0(out, txn as CreateTxn);
      out.int(txn.parentCVersion);
    },
    decodeTxn: decodePlainTxn,
    apply: (tree, header, txn, isTold = true) =>
      applyCreate(tree, header, type, txn, txn.ephemeral ? header.clientId : 0n, isTold),
  };
}

export const createTxn = plainKind(OpCode.create);
export const create2Txn = plainKind(OpCode.create2);

export const createContainerTxn: TxnKind<ContainerTxn> = {
  type: OpCode.createContainer,
  encodeTxn: (out, txn) => writeCreateContainerTxn(out, txn as CreateContainerTxn),
  decodeTxn: readCreateContainerTxn,
  apply: (tree, header, txn, isTold = true) =>
    applyCreate(tree, header, OpCode.createContainer, txn, CONTAINER_OWNER, isTold),
};

export const createTTLTxn: TxnKind<TtlTxn> = {
  type: OpCode.createTTL,
  encodeTxn: (out, txn) => writeCreateTTLTxn(out, txn as CreateTTLTxn),
  decodeTxn: readCreateTTLTxn,
  apply: (tree, header, txn, isTold = true) =>
    applyCreate(tree, header, OpCode.createTTL, txn, ttlOwner(BigInt(txn.ttl)) ?? 0n, isTold),
};
