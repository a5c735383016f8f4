// From node's errors to ours: the code stays, the message says what was tried on which file.

import { getSystemErrorMap } from "node:util";
import { DiskError, NetworkError } from "../platform.js";

export function toDiskError(action: string, path: string, error: unknown): DiskError {
  const code = errorCode(error);
  return new DiskError(code, path, `Cannot ${action} "${path}": ${reason(error, code)}`);
}

export function toNetworkError(action: string, error: unknown): NetworkError {
  const code = errorCode(error);
  return new NetworkError(code, `Cannot ${action}: ${reason(error, code)}`);
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : (known(error)?.[0] ?? "EUNKNOWN");
}

/** The system's own words, "no space left on device (ENOSPC)", without what node adds to them. */
function reason(error: unknown, code: string): string {
  const words = known(error)?.[1] ?? (error instanceof Error ? error.message : String(error));
  return `${words} (${code})`;
}

/** Name and words of an error number. */
function known(error: unknown): [string, string] | undefined {
  const errno = (error as { errno?: unknown } | null)?.errno;
  return typeof errno === "number" ? getSystemErrorMap().get(errno) : undefined;
}
