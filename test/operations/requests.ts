// Requests as bytes, short to write.

import type { JuteWriter } from "../../src/jute/writer.js";
import { OpCode } from "../../src/wire/op-codes.js";
import {
  type ACL,
  writeCheckVersionRequest,
  writeCreateRequest,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeMultiHeader,
  writeSetACLRequest,
  writeSetDataRequest,
} from "../../src/wire/records.js";
import { encoded, OPEN } from "./world.js";

export interface Ask {
  readonly type: number;
  readonly body: Buffer;
}

export interface CreateOptions {
  readonly type?: number;
  readonly data?: string | null;
  readonly acl?: ACL[] | null;
  readonly flags?: number;
  readonly ttl?: bigint;
}

export function create(path: string | null, options: CreateOptions = {}): Ask {
  const { type = OpCode.create, data = "", acl = OPEN, flags = 0, ttl = -1n } = options;
  const request = { path, data: bytes(data), acl, flags };
  const body = encoded((out) => {
    if (type === OpCode.createTTL) writeCreateTTLRequest(out, { ...request, ttl });
    else writeCreateRequest(out, request);
  });
  return { type, body };
}

export function remove(path: string | null, version = -1): Ask {
  return {
    type: OpCode.delete,
    body: encoded((out) => writeDeleteRequest(out, { path, version })),
  };
}

export function set(path: string | null, data: string | null, version = -1): Ask {
  const request = { path, data: bytes(data), version };
  return { type: OpCode.setData, body: encoded((out) => writeSetDataRequest(out, request)) };
}

export function setAcl(path: string | null, acl: ACL[] | null = OPEN, version = -1): Ask {
  const body = encoded((out) => writeSetACLRequest(out, { path, acl, version }));
  return { type: OpCode.setACL, body };
}

export function check(path: string | null, version: number): Ask {
  const body = encoded((out) => writeCheckVersionRequest(out, { path, version }));
  return { type: OpCode.check, body };
}

export function multi(...parts: readonly Ask[]): Ask {
  return { type: OpCode.multi, body: encoded((out) => writeParts(out, parts)) };
}

export function multiRead(...parts: readonly Ask[]): Ask {
  return { type: OpCode.multiRead, body: encoded((out) => writeParts(out, parts)) };
}

function writeParts(out: JuteWriter, parts: readonly Ask[]): void {
  for (const { type, body } of parts) {
    writeMultiHeader(out, { type, done: false, err: -1 });
    out.raw(body);
  }
  writeMultiHeader(out, { type: -1, done: true, err: -1 });
}

export function closeSession(): Ask {
  return { type: OpCode.closeSession, body: Buffer.alloc(0) };
}

export function createSession(timeoutMs: number): Ask {
  return { type: OpCode.createSession, body: encoded((out) => out.int(timeoutMs)) };
}

/** A path, and what else a read has: a flag or a number. */
export function read(type: number, path: string | null, more?: boolean | number): Ask {
  const body = encoded((out) => {
    out.string(path);
    if (typeof more === "boolean") out.bool(more);
    else if (more !== undefined) out.int(more);
  });
  return { type, body };
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text);
}
