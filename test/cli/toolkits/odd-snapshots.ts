// Snapshots that no server has written, byte by byte.

import { JuteWriter } from "../../../src/jute/writer.js";
import { adler32 } from "../../../src/storage/adler32.js";
import { WORLD, writeAcl } from "./acls.js";

export interface Node {
  readonly path: string;
  readonly data?: Buffer | null;
  readonly owner?: bigint;
  readonly time?: bigint;
}

export function snapshotOf(sessions: readonly bigint[], nodes: readonly Node[]): Buffer {
  const out = new JuteWriter();
  out.int(0x5a4b534e);
  out.int(2);
  out.bigLong(-1n);
  out.int(sessions.length);
  for (const id of sessions) {
    out.bigLong(id);
    out.int(30_000);
  }
  out.int(1);
  out.bigLong(1n);
  writeAcl(out, WORLD);
  nodes.forEach(({ path, data = null, owner = 0n, time = 1_790_000_000_000n }, i) => {
    out.string(path);
    out.buffer(data);
    out.bigLong(1n);
    for (const long of [BigInt(i), BigInt(i + 1), time, time + 60_000n]) out.bigLong(long);
    for (const int of [i, -i, 7]) out.int(int);
    out.bigLong(owner);
    out.bigLong(BigInt(i + 2));
  });
  out.string("/");
  const before = Buffer.from(out.view());
  out.bigLong(BigInt(adler32(before, 0, before.length)));
  out.string("/");
  return out.take();
}

export const MANY_SESSIONS = Array.from({ length: 40 }, (_, i) =>
  BigInt.asIntN(64, BigInt(i * i + 1) * 0x1_0000_9e37_79b9n),
);

/** Names that share a bucket, names of all lengths and scripts, a deep path; round 1 differs here and there. */
export function wideTree(round: number): Node[] {
  let random = 12345;
  const next = (bound: number): number => {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    return (random >>> 8) % bound;
  };
  const nodes: Node[] = [{ path: "" }];
  const letters = [..."abcxyz0123456789-._%,\"\\ '{}äß€中😀\u0001\t\u007f\ufffd"];
  const add = (path: string): void => {
    const isLeftOut = next(9) === round && path.lastIndexOf("/") > 0;
    const owner = next(5) === 0 ? MANY_SESSIONS[next(3)]! : next(9) === 0 ? -(2n ** 63n) : 0n;
    const data = next(4) === 0 ? null : Buffer.alloc(next(40 + round), next(256));
    if (isLeftOut || nodes.some((node) => node.path === path)) return;
    nodes.push({ path, data, owner, time: BigInt(next(2 ** 23)) * 200_000n });
  };
  for (const parent of ["/few", "/some", "/many", "/a", "/a-b", "/a.b", "/same"]) add(parent);
  for (const parent of ["/few", "/some", "/many", "/a", "/a-b", "/a.b"]) {
    const count = { "/few": 6, "/some": 50, "/many": 250 }[parent] ?? 3;
    for (let i = 0; i < count; i++) {
      const length = 1 + next(8);
      const name = Array.from({ length }, () => letters[next(letters.length)]).join("");
      add(`${parent}/${name}`);
      if (next(9) === 0) add(`${nodes.at(-1)!.path}/below`);
    }
  }
  // Eleven with the same hash.
  for (let i = 0; i < 11; i++) {
    add(`/same/${i.toString(2).padStart(4, "0").replace(/0/g, "Aa").replace(/1/g, "BB")}`);
  }
  let deep = "/deep";
  for (let i = 0; i < 60; i++, deep += "/d") nodes.push({ path: deep, data: Buffer.from("x") });
  const known = new Set(nodes.map((node) => node.path));
  return nodes.filter(({ path }) => path === "" || known.has(path.slice(0, path.lastIndexOf("/"))));
}

export const QUOTAS: readonly Node[] = [
  { path: "" },
  { path: "/app", data: Buffer.from("12345") },
  { path: "/app/a", data: Buffer.alloc(100) },
  { path: "/app/a/b", data: null },
  { path: "/zookeeper" },
  { path: "/zookeeper/quota" },
  { path: "/zookeeper/quota/app" },
  { path: "/zookeeper/quota/app/zookeeper_limits", data: Buffer.from("count=5,bytes=-1") },
  { path: "/zookeeper/quota/app/zookeeper_stats", data: Buffer.from("count=0,bytes=0 and more") },
  { path: "/zookeeper/quota/app/a" },
  { path: "/zookeeper/quota/app/a/zookeeper_limits" },
  { path: "/zookeeper/quota/gone" },
  { path: "/zookeeper/quota/gone/zookeeper_limits" },
  { path: "/zookeeper/quota/gone/zookeeper_stats", data: null },
];
