// What several tests of the tree need: storage's part of writing and reading a snapshot, and comparing trees.

import assert from "node:assert/strict";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { DataTree } from "../../src/tree/data-tree.js";
import type { SnapshotSource, ZxidDigest } from "../../src/tree/snapshot.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import type { TreeSettings } from "../../src/tree/tree-settings.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import { type ACL, readACL, writeACL } from "../../src/wire/records.js";

export const ANYONE: readonly ACL[] = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

export function zxid(value: number): Zxid {
  return value as Zxid;
}

export function session(value: bigint): SessionId {
  return value as SessionId;
}

/** Sessions and ACLs: what stands before the nodes. */
export function writeHead(out: JuteWriter, source: SnapshotSource): void {
  out.int(source.sessionCount);
  for (const [id, timeoutMs] of source.sessions()) {
    out.bigLong(id);
    out.int(timeoutMs);
  }
  out.int(source.aclCount);
  for (const [id, acl] of source.acls()) {
    out.long(id);
    out.int(acl.length);
    for (const entry of acl) writeACL(out, entry);
  }
}

export function writeSnapshot(source: SnapshotSource): Buffer {
  const out = new JuteWriter();
  writeHead(out, source);
  while (source.writeNodes(out, out.length + 1000));
  out.string("/");
  source.release();
  return out.take();
}

export function loadSnapshot(
  bytes: Buffer,
  lastZxid: number,
  settings: TreeSettings,
  digest?: ZxidDigest,
  warnings: string[] = [],
): DataTree {
  const loader = new TreeLoader(settings, (message) => warnings.push(message));
  const reader = new JuteReader(bytes);
  loader.begin();
  for (let left = reader.int(); left > 0; left--) {
    loader.session(session(reader.bigLong()), reader.int());
  }
  for (let left = reader.int(); left > 0; left--) {
    const id = reader.long();
    const acl: ACL[] = [];
    for (let entries = reader.int(); entries > 0; entries--) acl.push(readACL(reader));
    loader.acl(id, acl);
  }
  for (;;) {
    const pathStart = reader.position + 4;
    if (reader.string() === "/") break;
    const pathEnd = reader.position;
    const length = reader.int();
    const start = reader.position;
    reader.position += Math.max(length, 0);
    const aclId = reader.long();
    loader.node(bytes, pathStart, pathEnd, bytes, start, length, aclId, reader.position);
    reader.position += 60;
  }
  reader.end();
  loader.finish(zxid(lastZxid), digest);
  return loader.tree;
}

/** Everything that is replicated, as text. */
export function imageOf(tree: DataTree): string[] {
  const image: string[] = [];
  const open = ["/"];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const node = tree.get(path);
    assert.ok(node !== undefined, `${path} is a child and not in the tree`);
    const data = node.data()?.toString("hex") ?? "null";
    const stat = [...Object.values(node.statPersisted()), ...Object.values(node.stat())].map(
      String,
    );
    image.push([path, data, ...stat, JSON.stringify(tree.aclOf(node))].join(" "));
    open.push(...node.childPaths());
  }
  for (const [id, timeoutMs] of tree.sessions) image.push(`session ${id} ${timeoutMs}`);
  for (const [id, paths] of tree.ephemeralsBySession()) {
    for (const path of paths) image.push(`ephemeral ${id} ${path}`);
  }
  for (const path of tree.containers) image.push(`container ${path}`);
  for (const path of tree.ttls) image.push(`ttl ${path}`);
  image.push(`digest ${tree.digest.toBigInt()}`, `nodes ${tree.nodeCount}`);
  return image.sort();
}
