// Several operations as one: all or none of a transaction, or several reads in one round trip.
// Java: Op, OpResult, MultiOperationRecord, MultiResponse, Transaction.
//
//   request:  { MultiHeader(type, false, -1), record }*, MultiHeader(-1, true, -1)
//   reply:    { MultiHeader(type, false, err), record }*, MultiHeader(-1, true, -1)

import type { JuteReader } from "../../jute/reader.js";
import type { JuteWriter } from "../../jute/writer.js";
import { ErrorCode } from "../../wire/error-codes.js";
import { OpCode } from "../../wire/op-codes.js";
import {
  type ACL,
  readCreate2Response,
  readErrorResponse,
  readGetChildrenResponse,
  readGetDataResponse,
  readMultiHeader,
  readStat,
  writeCheckVersionRequest,
  writeCreateRequest,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeGetChildrenRequest,
  writeGetDataRequest,
  writeMultiHeader,
  writeSetDataRequest,
} from "../../wire/records.js";
import { type Chroot, pathProblem } from "./client-path.js";
import { CreateMode, createOpCode, hasTtl, isSequential, OPEN_ACL_UNSAFE } from "./create-mode.js";
import type { MultiResult } from "./multi-result.js";
import { ZooKeeperError } from "./zookeeper-error.js";

/** A part of a transaction or of a multiple read. Paths are the client's. */
export type Op =
  | {
      readonly kind: "create";
      readonly path: string;
      readonly data: Buffer | null;
      readonly acl: ACL[] | null;
      readonly mode: CreateMode;
      readonly ttlMs: number;
      /** Whether the answer has a Stat (create2). */
      readonly withStat: boolean;
    }
  | { readonly kind: "delete"; readonly path: string; readonly version: number }
  | {
      readonly kind: "setData";
      readonly path: string;
      readonly data: Buffer | null;
      readonly version: number;
    }
  | { readonly kind: "check"; readonly path: string; readonly version: number }
  | { readonly kind: "getData"; readonly path: string }
  | { readonly kind: "getChildren"; readonly path: string };

export interface CreateOptions {
  readonly acl?: ACL[] | null;
  readonly mode?: CreateMode;
  /** With the modes that end in WithTtl. */
  readonly ttlMs?: number;
}

export const Op = {
  create(path: string, data: Buffer | null = null, options: CreateOptions = {}): Op {
    return createOp(path, data, options, false);
  },
  create2(path: string, data: Buffer | null = null, options: CreateOptions = {}): Op {
    return createOp(path, data, options, true);
  },
  delete(path: string, version = -1): Op {
    return { kind: "delete", path, version };
  },
  setData(path: string, data: Buffer | null, version = -1): Op {
    return { kind: "setData", path, data, version };
  },
  check(path: string, version: number): Op {
    return { kind: "check", path, version };
  },
  getData(path: string): Op {
    return { kind: "getData", path };
  },
  getChildren(path: string): Op {
    return { kind: "getChildren", path };
  },
};

function createOp(
  path: string,
  data: Buffer | null,
  options: CreateOptions,
  withStat: boolean,
): Op {
  return {
    kind: "create",
    path,
    data,
    acl: options.acl === undefined ? OPEN_ACL_UNSAFE : options.acl,
    mode: options.mode ?? CreateMode.persistent,
    ttlMs: options.ttlMs ?? 0,
    withStat,
  };
}

export function isRead(op: Op): boolean {
  return op.kind === "getData" || op.kind === "getChildren";
}

/** What is wrong with one of the paths, in Java's words. */
export function opsProblem(ops: readonly Op[]): string | undefined {
  for (const op of ops) {
    const isNumbered = op.kind === "create" && isSequential(op.mode);
    const problem = pathProblem(isNumbered ? `${op.path}1` : op.path);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

export function writeMulti(out: JuteWriter, request: { ops: readonly Op[]; chroot: Chroot }): void {
  for (const op of request.ops) {
    writeMultiHeader(out, { type: opCode(op), done: false, err: -1 });
    writeOp(out, op, request.chroot.toServer(op.path));
  }
  writeMultiHeader(out, { type: -1, done: true, err: -1 });
}

function opCode(op: Op): OpCode {
  switch (op.kind) {
    case "create":
      return createOpCode(op.mode, op.withStat);
    case "delete":
      return OpCode.delete;
    case "setData":
      return OpCode.setData;
    case "check":
      return OpCode.check;
    case "getData":
      return OpCode.getData;
    case "getChildren":
      return OpCode.getChildren;
  }
}

function writeOp(out: JuteWriter, op: Op, path: string): void {
  switch (op.kind) {
    case "create": {
      const record = { path, data: op.data, acl: op.acl, flags: op.mode };
      if (hasTtl(op.mode)) writeCreateTTLRequest(out, { ...record, ttl: BigInt(op.ttlMs) });
      else writeCreateRequest(out, record);
      return;
    }
    case "delete":
      writeDeleteRequest(out, { path, version: op.version });
      return;
    case "setData":
      writeSetDataRequest(out, { path, data: op.data, version: op.version });
      return;
    case "check":
      writeCheckVersionRequest(out, { path, version: op.version });
      return;
    case "getData":
      writeGetDataRequest(out, { path, watch: false });
      return;
    case "getChildren":
      writeGetChildrenRequest(out, { path, watch: false });
      return;
  }
}

export function readMultiResults(reader: JuteReader, chroot: Chroot): MultiResult[] {
  const results: MultiResult[] = [];
  for (;;) {
    const header = readMultiHeader(reader);
    if (header.done) return results;
    results.push(readResult(reader, header.type, chroot));
  }
}

/** Throws ZooKeeperError, with what was said to each part, where the whole was refused. */
export function readTransaction(reader: JuteReader, chroot: Chroot): MultiResult[] {
  const results = readMultiResults(reader, chroot);
  for (const result of results) {
    if (result.kind === "error" && result.error !== ErrorCode.ok) {
      throw new ZooKeeperError(result.error, null, results);
    }
  }
  return results;
}

function readResult(reader: JuteReader, type: number, chroot: Chroot): MultiResult {
  switch (type) {
    case OpCode.create:
      return { kind: "create", path: chroot.toClient(reader.string() ?? ""), stat: undefined };
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL: {
      const { path, stat } = readCreate2Response(reader);
      return { kind: "create", path: chroot.toClient(path ?? ""), stat };
    }
    case OpCode.delete:
      return { kind: "delete" };
    case OpCode.setData:
      return { kind: "setData", stat: readStat(reader) };
    case OpCode.check:
      return { kind: "check" };
    case OpCode.getData: {
      const { data, stat } = readGetDataResponse(reader);
      return { kind: "getData", data: data === null ? null : Buffer.from(data), stat };
    }
    case OpCode.getChildren:
      return {
        kind: "getChildren",
        children: (readGetChildrenResponse(reader).children ?? []) as string[],
      };
    default:
      return { kind: "error", error: readErrorResponse(reader).err };
  }
}
