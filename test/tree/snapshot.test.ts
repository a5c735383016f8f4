import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import { DENY_ALL } from "../../src/tree/acl-table.js";
import { DataTree } from "../../src/tree/data-tree.js";
import type { DigestMismatch } from "../../src/tree/digest-log.js";
import { CONTAINER_OWNER, ttlOwner } from "../../src/tree/ephemeral-type.js";
import { SnapshotError } from "../../src/tree/snapshot.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import type { TreeSnapshot } from "../../src/tree/tree-snapshot.js";
import type { ACL } from "../../src/wire/records.js";
import {
  ANYONE,
  imageOf,
  loadSnapshot,
  session,
  writeHead,
  writeSnapshot,
  zxid,
} from "./support.js";

const settings = { ...DEFAULT_TREE_SETTINGS, extendedTypesEnabled: true };

type Step =
  | { what: "create"; path: string; size: number; kind: number; acl: number }
  | { what: "delete" | "setData" | "setAcl"; path: string; size: number }
  | { what: "session"; id: number; open: boolean }
  | { what: "begin" }
  | { what: "slice"; bytes: number };

const names = fc.constantFrom("a", "b", "c", "d");
const path = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const size = fc.integer({ min: -1, max: 700 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("create" as const),
      path,
      size,
      kind: fc.integer({ min: 0, max: 5 }),
      acl: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom("delete" as const, "setData" as const, "setAcl" as const),
      path: fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: fc.constant("/") }),
      size,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("session" as const),
      id: fc.integer({ min: 1, max: 3 }),
      open: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: "begin" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("slice" as const),
      bytes: fc.integer({ min: 1, max: 500 }),
    }),
  },
);

function aclOf(number: number): ACL[] | null {
  return number === 0 ? null : [{ perms: number, id: { scheme: "world", id: "anyone" } }];
}

function dataOf(bytes: number): Buffer | null {
  return bytes < 0 ? null : Buffer.alloc(bytes, bytes & 0xff);
}

function ownerOf(kind: number): bigint {
  if (kind === 3) return 1n + BigInt(kind % 2);
  if (kind === 4) return CONTAINER_OWNER;
  return kind === 5 ? (ttlOwner(1000n) ?? 0n) : 0n;
}

/** What requests could do: no children below ephemerals, nothing with children is deleted. */
function change(tree: DataTree, step: Step, at: number): void {
  if (step.what === "session") {
    if (step.open) tree.sessions.set(session(BigInt(step.id)), 4000 + at);
    else {
      tree.sessions.delete(session(BigInt(step.id)));
      tree.killSession(session(BigInt(step.id)), zxid(at), null);
    }
  } else if (step.what === "create") {
    const parent = tree.get(step.path.slice(0, step.path.lastIndexOf("/")));
    if (parent === undefined || parent.isEphemeral || tree.get(step.path) !== undefined) return;
    const owner = ownerOf(step.kind);
    tree.createNode(step.path, dataOf(step.size), aclOf(step.acl), owner, -1, zxid(at), 1000 + at);
  } else if (step.what === "delete") {
    if (step.path !== "/" && tree.get(step.path)?.childCount === 0) {
      tree.deleteNode(step.path, zxid(at));
    }
  } else if (step.what === "setData") {
    const version = (tree.get(step.path)?.version ?? 0) + 1;
    tree.setData(step.path, dataOf(step.size), version, zxid(at), 1000 + at);
  } else if (step.what === "setAcl") {
    tree.setAcl(step.path, aclOf(step.size & 3), at);
  }
  tree.txnApplied(zxid(at));
}

interface Begun {
  readonly snapshot: TreeSnapshot;
  readonly image: string[];
  readonly out: JuteWriter;
}

function begin(tree: DataTree): Begun {
  const snapshot = tree.beginSnapshot();
  const out = new JuteWriter();
  writeHead(out, snapshot);
  return { snapshot, image: imageOf(tree), out };
}

function finish({ snapshot, image, out }: Begun): void {
  while (snapshot.writeNodes(out, out.length + 1));
  snapshot.release();
  out.string("/");
  const mismatches: DigestMismatch[] = [];
  const loaded = loadSnapshot(
    out.take(),
    snapshot.lastZxid,
    { ...settings, onDigestMismatch: (mismatch) => mismatches.push(mismatch) },
    snapshot.digest,
  );
  assert.deepEqual(imageOf(loaded), image);
  assert.deepEqual(mismatches, []);
  assert.equal(loaded.lastProcessedZxid, snapshot.lastZxid);
}

function interleave(steps: readonly Step[]): void {
  const tree = new DataTree(settings);
  const begun: Begun[] = [];
  for (const [i, step] of steps.entries()) {
    if (step.what === "begin") begun.push(begin(tree));
    else if (step.what === "slice") {
      for (const { snapshot, out } of begun) snapshot.writeNodes(out, out.length + step.bytes);
    } else change(tree, step, i + 1);
  }
  for (const one of begun) finish(one);
}

test("a snapshot is the tree as it was when it began, whatever happens while it is written", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150, size: "max" }), (steps) =>
      interleave(steps),
    ),
    { numRuns: 400 },
  );
});

test("snapshots stay what they are while one of them moves nodes together", () => {
  const tree = new DataTree(settings);
  let at = 0;
  const paths = Array.from({ length: 12_000 }, (_, i) => `/a/${1e6 + i}`);
  const create = (path: string) =>
    tree.createNode(path, dataOf(at % 50), ANYONE, 0n, -1, zxid(++at), 1);
  for (const path of ["/a", ...paths]) create(path);
  const left = paths.filter((path, i) => {
    if (i % 9 !== 0) tree.deleteNode(path, zxid(++at));
    return i % 9 === 0;
  });
  const before = tree.nodes.usage();
  tree.txnApplied(zxid(at));
  const [ahead, behind] = [begin(tree), begin(tree)];
  for (const [i, path] of left.entries()) {
    ahead.snapshot.writeNodes(ahead.out, ahead.out.length + 300);
    if (i % 3 === 0) behind.snapshot.writeNodes(behind.out, behind.out.length + 100);
    // Here and there, of those that were written, that were moved, and that are still to come.
    const other = left[(i * 7) % left.length]!;
    if (i % 4 === 0) tree.setData(other, dataOf(i % 90), i, zxid(++at), 2);
    else if (i % 4 === 1) tree.deleteNode(path, zxid(++at));
    else if (i % 4 === 2) create(`${path}x`);
    tree.txnApplied(zxid(at));
  }
  finish(ahead);
  finish(behind);
  assert.ok(tree.nodes.usage().blockBytes < before.pageBytes / 2);
});

function pathsIn(snapshot: TreeSnapshot): string[] {
  const out = new JuteWriter();
  while (snapshot.writeNodes(out, out.length + 1));
  const paths: string[] = [];
  const reader = new JuteReader(out.take());
  while (reader.remaining > 0) {
    paths.push(reader.string() ?? "");
    const length = reader.int();
    reader.position += Math.max(length, 0) + 8 + 60;
  }
  return paths;
}

test("a snapshot writes parents before children although they change in the meantime", () => {
  const tree = new DataTree(settings);
  let at = 0;
  for (const path of ["/a", "/a/b", "/a/b/c"])
    tree.createNode(path, null, ANYONE, 0n, -1, zxid(++at), 1);
  const snapshot = tree.beginSnapshot();
  tree.deleteNode("/a/b/c", zxid(++at));
  tree.deleteNode("/a/b", zxid(++at));
  tree.createNode("/a/b", null, ANYONE, 0n, -1, zxid(++at), 1);
  assert.deepEqual(pathsIn(snapshot).sort(), [
    "",
    "/a",
    "/a/b",
    "/a/b/c",
    "/zookeeper",
    "/zookeeper/config",
    "/zookeeper/quota",
  ]);
  snapshot.release();
});

test("a snapshot has paths as long as they come", () => {
  const tree = new DataTree(settings);
  const paths: string[] = [];
  let path = "";
  for (const length of [3000, 5000, 20_000, 100_000, 3]) {
    path += `/${"n".repeat(length)}`;
    paths.push(path);
    tree.createNode(path, null, ANYONE, 0n, -1, zxid(paths.length), 1);
  }
  const snapshot = tree.beginSnapshot();
  assert.deepEqual(pathsIn(snapshot).slice(-paths.length), paths);
  snapshot.release();
});

test("a snapshot that is given up costs nothing more", () => {
  const tree = new DataTree(settings);
  const snapshot = tree.beginSnapshot();
  snapshot.release();
  tree.setData("/", Buffer.from("x"), 1, zxid(1), 1);
  assert.equal(snapshot.writeNodes(new JuteWriter(), 1000), false);
});

test("a snapshot without digests says so", () => {
  const tree = new DataTree({ ...settings, digestEnabled: false });
  assert.equal(tree.beginSnapshot().digest, undefined);
  assert.equal(tree.digest.toBigInt(), 0n);
});

/** A node without data. */
function loadNode(loader: TreeLoader, path: string, aclId: number): void {
  const bytes = Buffer.from(path);
  loader.node(bytes, 0, bytes.length, Buffer.alloc(60), 0, 0, aclId, 0);
}

test("loading refuses a node without a parent, a node that comes twice and a tree without a root", () => {
  const loader = new TreeLoader(settings, () => {});
  const node = (path: string) => loadNode(loader, path, -1);
  loader.begin();
  assert.throws(() => loader.finish(zxid(1), undefined), SnapshotError);
  assert.throws(() => node("/a"), SnapshotError);
  node("");
  assert.throws(() => node(""), SnapshotError);
  assert.throws(() => node("a"), SnapshotError);
  assert.throws(() => node("/a/b"), SnapshotError);
  loader.begin();
  for (const path of ["", "/a", "/a/b", "/b", "/a/b"]) node(path);
  assert.throws(() => loader.finish(zxid(1), undefined), /the node "\/a\/b": .* has it twice/);
  loader.begin();
  node("");
  loader.finish(zxid(1), undefined);
  assert.equal(loader.tree.nodeCount, 2);
});

test("loading closes a node whose ACL the snapshot does not have, and never gives its number away", () => {
  const warnings: string[] = [];
  const loader = new TreeLoader(settings, (message) => warnings.push(message));
  loader.begin();
  loader.acl(3, ANYONE);
  loader.acl(4, [{ perms: 1, id: { scheme: "ip", id: "::1" } }]);
  loadNode(loader, "", -1);
  loadNode(loader, "/a", 9);
  loadNode(loader, "/b", 3);
  loader.finish(zxid(1), undefined);
  const { tree } = loader;
  assert.deepEqual(tree.acls.get(tree.get("/a")?.aclId ?? 0), DENY_ALL);
  assert.equal(warnings.length, 1);
  // 4 has no node and is gone; the next number is beyond all that were seen.
  assert.deepEqual(
    [...tree.acls.entries()].map(([id]) => id),
    [3, 9],
  );
  tree.createNode("/c", null, DENY_ALL, 0n, -1, zxid(2), 1);
  assert.equal(tree.get("/c")?.aclId, 10);
  tree.deleteNode("/a", zxid(3));
  tree.deleteNode("/b", zxid(4));
  assert.deepEqual(
    [...tree.acls.entries()].map(([id]) => id),
    [10],
  );
});

test("loading begins anew after a failed attempt", () => {
  const tree = new DataTree(settings);
  tree.sessions.set(session(5n), 4000);
  const bytes = writeSnapshot(tree.beginSnapshot());
  const loader = new TreeLoader(settings, () => {});
  loader.begin();
  loader.session(session(7n), 1);
  loader.begin();
  assert.deepEqual([...loader.tree.sessions], []);
  assert.deepEqual(imageOf(loadSnapshot(bytes, 0, settings)), imageOf(tree));
});

test("loading counts quotas afresh", () => {
  const tree = new DataTree(settings);
  let at = 0;
  const create = (path: string, data: string): void => {
    tree.createNode(path, Buffer.from(data), ANYONE, 0n, -1, zxid(++at), 1);
  };
  create("/a", "12345");
  create("/a/b", "123");
  create("/zookeeper/quota/a", "");
  create("/zookeeper/quota/a/zookeeper_limits", "count=5,bytes=-1");
  create("/zookeeper/quota/a/zookeeper_stats", "");
  tree.setData("/zookeeper/quota/a/zookeeper_stats", Buffer.from("nonsense"), 1, zxid(++at), 1);
  const loaded = loadSnapshot(writeSnapshot(tree.beginSnapshot()), at, settings);
  const stats = loaded.get("/zookeeper/quota/a/zookeeper_stats");
  assert.equal(stats?.data()?.toString(), "count=2,bytes=8");
  assert.equal(loaded.quotaPrefix("/a/b"), "/a");
});

/** As deep as no recursion goes. */
const DEEP = 9000;

test("a node as deep as paths can be is kept for a snapshot, with all that is above it", () => {
  const tree = new DataTree(settings);
  let path = "";
  for (let at = 1; at <= DEEP; at++) {
    path += "/a";
    tree.createNode(path, null, ANYONE, 0n, 1, zxid(at), 1);
  }
  tree.txnApplied(zxid(DEEP));
  const snapshot = tree.beginSnapshot();
  tree.setData(path, Buffer.from("x"), 1, zxid(DEEP + 1), 2);
  const loaded = loadSnapshot(writeSnapshot(snapshot), DEEP, settings);
  assert.equal(loaded.nodeCount, tree.nodeCount);
  assert.equal(loaded.get(path)?.dataLength, 0);
});
