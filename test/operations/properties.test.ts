// What must hold for any sequence of requests, whatever has been applied when the next one is prepared:
//
//  - what clients are told, and the tree that comes of it, is what a naive model says;
//  - the pending view is the tree after all that is outstanding, and a multi that failed leaves nothing in it;
//  - the digest in every record is that of the tree when the record has been applied;
//  - replaying what a tree already holds, in whole or in part as in Java's fuzzy snapshots, gives the same tree.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JuteWriter } from "../../src/jute/writer.js";
import type { ApplyResult } from "../../src/operations/operation.js";
import { TxnReplay } from "../../src/operations/replay.js";
import { applyTxn, decodeTxnRecord } from "../../src/operations/transactions.js";
import type { PreparedTxn } from "../../src/operations/txn-record.js";
import { CREATE_NUMBERS, CreateNotes } from "../../src/tree/create-notes.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { SessionId } from "../../src/wire/ids.js";
import { FuzzyHistory } from "./fuzzy-history.js";
import { type Deed, Model } from "./model.js";
import * as ask from "./requests.js";
import { SETTINGS, undigested, World } from "./world.js";

const PATHS = ["/a", "/b", "/a/c", "/a/d", "/a/c/e", "/b/f", "/a/s-0000000000", "/a/s-0000000001"];

const path = fc.constantFrom(...PATHS);
const data = fc.constantFrom("", "x", "longer than before", null);
const version = fc.constantFrom(-1, -1, -1, 0, 1, 2);
/** What may be part of a multi. */
const part: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant("create" as const),
      path,
      data,
      sequential: fc.constant(false),
      ephemeral: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant("create" as const),
      path: fc.constantFrom("/a/s-", "/s-"),
      data,
      sequential: fc.constant(true),
      ephemeral: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant("delete" as const), path, version }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant("set" as const), path, data, version }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("check" as const), path, version }) },
);
const setAcl = fc.record({ verb: fc.constant("setAcl" as const), path, version });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  // A check alone is not for clients.
  { weight: 8, arbitrary: part.filter(({ verb }) => verb !== "check") },
  { weight: 1, arbitrary: setAcl },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant("multi" as const),
      parts: fc.array(part, { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ verb: "close" as const }) },
);
/** Who does what, and how many of the outstanding ones are applied before the next. */
const steps = fc.array(
  fc.record({
    deed,
    session: fc.integer({ min: 1, max: 4 }),
    applied: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 40 },
);

function asked(what: Deed): ask.Ask {
  switch (what.verb) {
    case "create": {
      const flags = (what.ephemeral ? 1 : 0) + (what.sequential ? 2 : 0);
      return ask.create(what.path, { data: what.data, flags });
    }
    case "delete":
      return ask.remove(what.path, what.version);
    case "set":
      return ask.set(what.path, what.data, what.version);
    case "setAcl":
      return ask.setAcl(
        what.path,
        [{ perms: 31, id: { scheme: "ip", id: "127.0.0.1" } }],
        what.version,
      );
    case "check":
      return ask.check(what.path, what.version);
    case "multi":
      return ask.multi(...what.parts.map(asked));
    case "close":
      return ask.closeSession();
  }
}

function everyPath(...trees: readonly DataTree[]): Set<string> {
  const paths = new Set<string>(PATHS);
  const open = [""];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    paths.add(at);
    for (const tree of trees)
      for (const child of tree.get(at)?.childPaths() ?? []) open.push(child);
  }
  return paths;
}

function assertSameTree(actual: DataTree, expected: DataTree): void {
  for (const path of everyPath(actual, expected)) {
    const node = actual.get(path);
    const other = expected.get(path);
    assert.equal(node === undefined, other === undefined, path);
    if (node === undefined || other === undefined) continue;
    assert.deepEqual(node.statPersisted(), other.statPersisted(), path);
    assert.deepEqual(node.data(), other.data(), path);
    assert.deepEqual(actual.aclOf(node), expected.aclOf(other), path);
    assert.deepEqual(new Set(node.childPaths()), new Set(other.childPaths()), path);
  }
  assert.equal(actual.digest.toBigInt(), expected.digest.toBigInt());
  assert.deepEqual(actual.sessions, expected.sessions);
}

function assertPendingIs(world: World, coming: DataTree): void {
  for (const path of everyPath(world.tree, coming)) {
    const view = world.pending.find(path);
    const node = coming.get(path);
    assert.equal(view === undefined, node === undefined, path);
    if (view === undefined || node === undefined) continue;
    const { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = view;
    assert.deepEqual(
      { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner },
      { ...node.statPersisted() },
    );
    assert.equal(view.childCount, node.childCount, path);
    assert.equal(view.dataLength, node.dataLength, path);
    assert.equal(view.kind, node.kind, path);
    assert.equal(view.digest, node.digest, path);
    assert.deepEqual(world.pending.aclOf(view), coming.aclOf(node));
  }
  assert.equal(world.pending.digest.toBigInt(), coming.digest.toBigInt());
  for (const session of [1n, 2n, 3n, 4n] as SessionId[]) {
    assert.deepEqual(
      new Set(world.pending.ephemeralsOf(session)),
      new Set(coming.ephemeralsOf(session)),
    );
  }
}

test("pending changes are the tree that will be, and its digest, at every moment", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const world = new World();
      const coming = new DataTree(SETTINGS);
      const outstanding: PreparedTxn[] = [];
      const told: ReturnType<typeof toldOf>[] = [];
      const apply = (next: PreparedTxn) =>
        assert.deepEqual(toldOf(world.apply(next)), told.shift());
      for (const { deed, session, applied } of all) {
        world.nowMs++;
        const { type, body } = asked(deed);
        const record = world.prepare(type, body, { session: BigInt(session) as SessionId });
        outstanding.push(record);
        told.push(toldOf(applyTxn(coming, decodeTxnRecord(record.bytes))));
        assertPendingIs(world, coming);
        for (const next of outstanding.splice(0, applied)) apply(next);
        assertPendingIs(world, coming);
      }
      for (const next of outstanding) apply(next);
      assert.equal(world.pending.size, 0);
      assertSameTree(world.tree, coming);
      assert.deepEqual(world.mismatches, []);
    }),
    { numRuns: 1000 },
  );
});

/** What clients and audits are told, whoever applies it: the leader that prepared it or those who read it. */
function toldOf({ error, type, path, stat, parts }: ApplyResult): unknown {
  const out = new JuteWriter();
  stat?.writeTo(out);
  return { error, type, path, stat: out.take().toString("hex"), parts: parts?.map(toldOf) };
}

test("operations answer as the model says, and the tree is the model's", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const world = new World();
      const model = new Model();
      const outstanding: PreparedTxn[] = [];
      for (const { deed, session, applied } of all) {
        const { type, body } = asked(deed);
        const record = world.prepare(type, body, { session: BigInt(session) as SessionId });
        outstanding.push(record);
        const expected = model.do(deed, session, record.header.zxid);
        for (const next of outstanding.splice(0, applied)) world.apply(next);
        assert.deepEqual(codesOf(record, deed), expected);
      }
      for (const next of outstanding) world.apply(next);
      assertIsModel(world.tree, model);
    }),
    { numRuns: 300 },
  );
});

function codesOf(record: PreparedTxn, deed: Deed): ErrorCode | readonly ErrorCode[] {
  if (deed.verb !== "multi") return record.error;
  assert.equal(record.error, ErrorCode.ok);
  const result = applyTxn(new DataTree(SETTINGS), undigested(record.bytes));
  const isFailed = result.parts?.some((part) => part.type === -1);
  // On another tree the parts of a success may fail, as replay does; what counts is that none is an error txn.
  return result.parts!.map((part) => (isFailed ? part.error : ErrorCode.ok));
}

function assertIsModel(tree: DataTree, model: Model): void {
  for (const [path, expected] of model.nodes) {
    const node = tree.get(path);
    assert.notEqual(node, undefined, path);
    const stat = node!.stat();
    assert.equal(stat.version, expected.version, path);
    assert.equal(stat.aversion, expected.aversion, path);
    assert.equal(node!.ephemeralOwner, BigInt(expected.owner), path);
    assert.equal(stat.czxid, expected.czxid, path);
    assert.equal(stat.mzxid, expected.mzxid, path);
    assert.equal(stat.pzxid, expected.pzxid, path);
    assert.equal(node!.data()?.toString() ?? null, expected.data, path);
    // /zookeeper is a child of the root that nobody created.
    const children = model.childCount(path) + (path === "" ? 1 : 0);
    assert.equal(stat.numChildren, children, path);
    assert.equal(stat.cversion, 2 * expected.created - children, path);
  }
  assert.equal(tree.nodeCount, model.nodes.size + 4);
}

test("a log replayed over a tree that has it already gives the same tree", () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.boolean(), (all, from, isNoted) => {
      const { records, tree } = logged(all);
      const start = records.length === 0 ? 0 : from % records.length;
      replay(tree, records.slice(start), isNoted);
      assertSameTree(tree, logged(all).tree);
    }),
    { numRuns: 300 },
  );
});

test("a log replayed over a fuzzy snapshot of Java's gives the tree that was", () => {
  fc.assert(
    fc.property(
      steps,
      fc.nat(),
      fc.infiniteStream(fc.nat({ max: 4 })),
      fc.boolean(),
      (all, from, pace, isNoted) => {
        const { records, tree } = logged(all);
        const start = records.length === 0 ? 0 : from % records.length;
        const snapshot = new FuzzyHistory(records).snapshot(start, pace);
        replay(snapshot, records.slice(start), isNoted);
        assertSameTree(snapshot, tree);
      },
    ),
    { numRuns: 300 },
  );
});

test("replaying records is applying them, to what they say of the digest and what observers are told", () => {
  const before = fc.constantFrom<readonly string[]>([], QUOTA_NODES);
  fc.assert(
    fc.property(
      steps,
      before,
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      (all, nodes, from, damaged, isNoted) => {
        const { records } = logged(all, nodes);
        const start = from % (records.length + 1);
        const trees = [0, 1].map(() => {
          let mismatches = 0;
          const written: number[] = [];
          const onDigestMismatch = () => mismatches++;
          const observer = {
            read() {},
            written: (path: string, bytes: number) =>
              path.startsWith("/a") && written.push(path.length + bytes),
            told() {},
            ephemeralDeleted() {},
          };
          const tree = new DataTree({ ...SETTINGS, onDigestMismatch, observer });
          for (const { bytes } of records.slice(0, start)) applyTxn(tree, decodeTxnRecord(bytes));
          return { tree, told: () => ({ mismatches, written }) };
        });
        const rest = records.slice(start).map(({ bytes }) => ({ bytes: Buffer.from(bytes) }));
        for (const [i, { bytes }] of rest.entries())
          bytes[bytes.length - 1]! ^= (damaged >>> (i % 31)) & 1;
        for (const { bytes } of rest) applyTxn(trees[0]!.tree, decodeTxnRecord(bytes));
        replay(trees[1]!.tree, rest, isNoted);
        assertSameTree(trees[1]!.tree, trees[0]!.tree);
        assert.deepEqual(trees[1]!.told(), trees[0]!.told());
        const [tree, other] = [trees[1]!.tree, trees[0]!.tree];
        assert.equal(tree.lastProcessedZxid, other.lastProcessedZxid);
        assert.equal(tree.approximateDataSize, other.approximateDataSize);
        assert.deepEqual([...tree.acls.entries()], [...other.acls.entries()]);
      },
    ),
    { numRuns: 300 },
  );
});

test("a node that is replayed comes below the parent that there is, not below one that was", () => {
  const world = new World();
  const create = (path: string) => world.write(...typed(ask.create(path))).record;
  const remove = (path: string) => world.write(...typed(ask.remove(path, -1))).record;
  const records = [create("/b"), create("/b/x"), remove("/b/x"), remove("/b")];
  // In the rows of those that are gone.
  const again = ask.multi(...["/c", "/d", "/b"].map((path) => ask.create(path)));
  records.push(world.write(...typed(again)).record, create("/b/y"));
  for (const isNoted of [false, true]) {
    const tree = new DataTree(SETTINGS);
    replay(tree, records, isNoted);
    assertSameTree(tree, world.tree);
  }
});

function typed({ type, body }: ask.Ask): [typeof type, typeof body] {
  return [type, body];
}

/** Where a quota of /a is, once they are there. */
const QUOTA_NODES = ["/zookeeper_stats", "/zookeeper_limits", ""]
  .map((name) => `/zookeeper/quota/a${name}`)
  .reverse();

/** The log's pages have other records before and behind. Of each is noted what another thread would note, or nothing. */
function replay(
  tree: DataTree,
  records: readonly { readonly bytes: Buffer }[],
  isNoted: boolean,
): void {
  const page = Buffer.concat([Buffer.alloc(7, 0xff), ...records.map(({ bytes }) => bytes)]);
  const replaying = new TxnReplay(tree);
  const noting = new CreateNotes(tree.settings.hashSeed ?? 0);
  const notes = isNoted ? new Int32Array(records.length * CREATE_NUMBERS).fill(1) : undefined;
  let start = 7;
  const places = records.map(({ bytes }, i) => {
    const place = { start, end: start + bytes.length, at: i * CREATE_NUMBERS };
    if (notes !== undefined) noting.note(page, place.start, place.end, notes, place.at);
    start = place.end;
    return { ...place, zxid: decodeTxnRecord(bytes).header.zxid };
  });
  const count = records.length;
  const known = notes && { count, notes, stride: CREATE_NUMBERS, touched: noting.touched() };
  for (const { start, end, zxid, at } of places) replaying.apply(page, start, end, zxid, known, at);
}

/** Everything prepared and applied in turn, the nodes first. */
function logged(
  all: readonly { readonly deed: Deed; readonly session: number }[],
  nodes: readonly string[] = [],
) {
  const world = new World();
  all = [...nodes.map((path) => ({ deed: plain(path), session: 1 })), ...all];
  const records = all.map(({ deed, session }) => {
    const { type, body } = asked(deed);
    return world.write(type, body, { session: BigInt(session) as SessionId }).record;
  });
  return { records, tree: world.tree };
}

function plain(path: string): Deed {
  return { verb: "create", path, data: "count=-1,bytes=-1", sequential: false, ephemeral: false };
}
