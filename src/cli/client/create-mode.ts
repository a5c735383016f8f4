// The ways to create a znode, and the ACLs that have names. Java: CreateMode, ZooDefs.Ids, ZooDefs.Perms.

import { OpCode } from "../../wire/op-codes.js";
import type { ACL } from "../../wire/records.js";

export const CreateMode = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const;
export type CreateMode = (typeof CreateMode)[keyof typeof CreateMode];

export function isSequential(mode: CreateMode): boolean {
  return (
    mode === CreateMode.persistentSequential ||
    mode === CreateMode.ephemeralSequential ||
    mode === CreateMode.persistentSequentialWithTtl
  );
}

export function hasTtl(mode: CreateMode): boolean {
  return mode === CreateMode.persistentWithTtl || mode === CreateMode.persistentSequentialWithTtl;
}

export function createOpCode(mode: CreateMode, withStat: boolean): OpCode {
  if (hasTtl(mode)) return OpCode.createTTL;
  if (mode === CreateMode.container) return OpCode.createContainer;
  return withStat ? OpCode.create2 : OpCode.create;
}

export const Perms = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

export const OPEN_ACL_UNSAFE: ACL[] = [{ perms: Perms.all, id: { scheme: "world", id: "anyone" } }];
export const READ_ACL_UNSAFE: ACL[] = [
  { perms: Perms.read, id: { scheme: "world", id: "anyone" } },
];
export const CREATOR_ALL_ACL: ACL[] = [{ perms: Perms.all, id: { scheme: "auth", id: "" } }];
