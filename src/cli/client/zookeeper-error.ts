// What a request that failed says. Java: KeeperException, and IllegalArgumentException for what never left the client.

import { ErrorCode, errorText } from "../../wire/error-codes.js";
import type { ACL } from "../../wire/records.js";
import type { MultiResult } from "./multi-result.js";

/** The request was refused, or its fate is unknown (connectionLoss, requestTimeout: it may have been carried out). */
export class ZooKeeperError extends Error {
  override readonly name = "ZooKeeperError";
  readonly code: number;
  readonly path: string | null;
  /** Of a multi that was refused as a whole: what was said to each part. */
  readonly results: readonly MultiResult[] | undefined;

  constructor(code: number, path: string | null = null, results?: readonly MultiResult[]) {
    super(describe(code, path));
    this.code = code;
    this.path = path;
    this.results = results;
  }

  /** Whether nobody can tell if the request was carried out. */
  get isUncertain(): boolean {
    return (
      this.code === ErrorCode.connectionLoss ||
      this.code === ErrorCode.requestTimeout ||
      this.code === ErrorCode.operationTimeout
    );
  }
}

/** Arguments that no server needs to be asked about: a malformed path, a multi of reads and writes. */
export class InvalidArgumentError extends Error {
  override readonly name = "InvalidArgumentError";
}

export function refuse(problem: string): Promise<never> {
  return Promise.reject(new InvalidArgumentError(problem));
}

/** Java does not ask the server about these. */
export function isNoAcl(acl: readonly ACL[] | null): boolean {
  return acl === null || acl.length === 0;
}

export function refuseAcl(): Promise<never> {
  return Promise.reject(new ZooKeeperError(ErrorCode.invalidACL));
}

/** Java's KeeperException.getMessage: the path only where there is one. */
function describe(code: number, path: string | null): string {
  const text = `KeeperErrorCode = ${errorText(code)}`;
  return path === null || path === "" ? text : `${text} for ${path}`;
}
