// Every request of the client protocol, as what it is called in a transcript, its type, and the bytes of its body.

import { bool, buffer, int, join, long, strings, vector } from "./bytes.js";

export interface Request {
  readonly label: string;
  readonly type: number;
  readonly body: Buffer;
  /** Where the protocol has a fixed one: -2 ping, -4 auth, -8 setWatches. */
  readonly xid?: number;
  /** Silence is what this one is answered with. */
  readonly isUnanswered?: true;
}

export interface Acl {
  readonly perms: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

type Data = string | Uint8Array | null;

export const READ = 1;
export const WRITE = 2;
export const CREATE = 4;
export const DELETE = 8;
export const ADMIN = 16;
export const ALL = 31;

export const acl = (scheme: string | null, id: string | null, perms = ALL): Acl => ({
  perms,
  scheme,
  id,
});
export const OPEN = [acl("world", "anyone")];

/** The flags of a create. */
export const Mode = {
  persistent: 0,
  ephemeral: 1,
  sequential: 2,
  ephemeralSequential: 3,
  container: 4,
  ttl: 5,
  sequentialTtl: 6,
} as const;

export const acls = (list: readonly Acl[] | null) =>
  vector(list?.map((a) => join(int(a.perms), buffer(a.scheme), buffer(a.id))) ?? null);

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value === "string" && value.length > 60) return `<${value.length} characters>`;
  if (typeof value === "bigint") return `${value}`;
  return JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? `${inner}` : inner));
}

function request(name: string, type: number, args: readonly unknown[], body: Buffer): Request {
  const shown = args.map(show).join(" ");
  return { label: shown === "" ? name : `${name} ${shown}`, type, body };
}

const pathAndFlag = (path: string | null, watch: boolean) => join(buffer(path), bool(watch));
const pathAndInt = (path: string | null, value: number) => join(buffer(path), int(value));
const createBody = (path: string | null, data: Data, list: readonly Acl[] | null, flags: number) =>
  join(buffer(path), buffer(data), acls(list), int(flags));

export function create(
  path: string | null,
  data: Data = "",
  list: readonly Acl[] | null = OPEN,
  flags = 0,
) {
  return request("create", 1, [path, data, list, flags], createBody(path, data, list, flags));
}
export function create2(
  path: string | null,
  data: Data = "",
  list: readonly Acl[] | null = OPEN,
  flags = 0,
) {
  return request("create2", 15, [path, data, list, flags], createBody(path, data, list, flags));
}
export function createContainer(
  path: string | null,
  data: Data = "",
  list: readonly Acl[] | null = OPEN,
  flags: number = Mode.container,
) {
  const body = createBody(path, data, list, flags);
  return request("createContainer", 19, [path, data, list, flags], body);
}
export function createTtl(
  path: string | null,
  data: Data,
  ttl: bigint | number,
  flags: number = Mode.ttl,
  list: readonly Acl[] | null = OPEN,
) {
  const body = join(createBody(path, data, list, flags), long(ttl));
  return request("createTTL", 21, [path, data, ttl, flags], body);
}
export const remove = (path: string | null, version = -1) =>
  request("delete", 2, [path, version], pathAndInt(path, version));
export const deleteContainer = (path: string) =>
  request("deleteContainer", 20, [path], Buffer.from(path));
export const exists = (path: string | null, watch = false) =>
  request("exists", 3, [path, watch], pathAndFlag(path, watch));
export const getData = (path: string | null, watch = false) =>
  request("getData", 4, [path, watch], pathAndFlag(path, watch));
export const setData = (path: string | null, data: Data, version = -1) =>
  request("setData", 5, [path, data, version], join(buffer(path), buffer(data), int(version)));
export const getAcl = (path: string | null) => request("getACL", 6, [path], buffer(path));
export const setAcl = (path: string | null, list: readonly Acl[] | null, version = -1) =>
  request("setACL", 7, [path, list, version], join(buffer(path), acls(list), int(version)));
export const getChildren = (path: string | null, watch = false) =>
  request("getChildren", 8, [path, watch], pathAndFlag(path, watch));
export const sync = (path: string | null) => request("sync", 9, [path], buffer(path));
export const ping = (): Request => ({ label: "ping", type: 11, body: Buffer.alloc(0), xid: -2 });
export const getChildren2 = (path: string | null, watch = false) =>
  request("getChildren2", 12, [path, watch], pathAndFlag(path, watch));
export const check = (path: string | null, version: number) =>
  request("check", 13, [path, version], pathAndInt(path, version));
export const reconfig = (
  joining: string | null,
  leaving: string | null,
  members: string | null,
  version: number,
) =>
  request(
    "reconfig",
    16,
    [joining, leaving, members, version],
    join(buffer(joining), buffer(leaving), buffer(members), long(version)),
  );
export const checkWatches = (path: string | null, type: number) =>
  request("checkWatches", 17, [path, type], pathAndInt(path, type));
export const removeWatches = (path: string | null, type: number) =>
  request("removeWatches", 18, [path, type], pathAndInt(path, type));
export const getEphemerals = (prefix: string | null) =>
  request("getEphemerals", 103, [prefix], buffer(prefix));
export const getAllChildrenNumber = (path: string | null) =>
  request("getAllChildrenNumber", 104, [path], buffer(path));
export const addWatch = (path: string | null, mode: number) =>
  request("addWatch", 106, [path, mode], pathAndInt(path, mode));
export const whoAmI = () => request("whoAmI", 107, [], Buffer.alloc(0));
export const closeSession = () => request("closeSession", -11, [], Buffer.alloc(0));
export const sasl = (token: Data) => request("sasl", 102, [token], buffer(token));

export const auth = (scheme: string | null, data: Data): Request => ({
  ...request("auth", 100, [scheme, data], join(int(0), buffer(scheme), buffer(data))),
  xid: -4,
});

type Paths = readonly (string | null)[] | null;

export const setWatches = (zxid: bigint | number, data: Paths, exist: Paths, child: Paths) => ({
  ...request(
    "setWatches",
    101,
    [zxid, data, exist, child],
    join(long(zxid), strings(data), strings(exist), strings(child)),
  ),
  xid: -8,
});

export const setWatches2 = (
  zxid: bigint | number,
  data: Paths,
  exist: Paths,
  child: Paths,
  persistent: Paths,
  recursive: Paths,
) => ({
  ...request(
    "setWatches2",
    105,
    [zxid, data, exist, child, persistent, recursive],
    join(long(zxid), ...[data, exist, child, persistent, recursive].map(strings)),
  ),
  xid: -8,
});

const multiHeader = (type: number, done: boolean, error: number) =>
  join(int(type), bool(done), int(error));

function several(name: string, type: number, parts: readonly Request[]): Request {
  const body = [...parts.map((part) => join(multiHeader(part.type, false, -1), part.body))];
  body.push(multiHeader(-1, true, -1));
  return { label: `${name} [${parts.map((p) => p.label).join("; ")}]`, type, body: join(...body) };
}

export const multi = (...parts: readonly Request[]) => several("multi", 14, parts);
export const multiRead = (...parts: readonly Request[]) => several("multiRead", 22, parts);

/** Anything: an unknown type, a body that is cut or too long. */
export const strange = (label: string, type: number, body: Buffer, xid?: number): Request =>
  xid === undefined ? { label, type, body } : { label, type, body, xid };
