// In which order a request's faults are found: each row is wrong in two ways at once, and says which one the client is told.
// The order is ZooKeeper 3.9.5's (PrepRequestProcessor). Read downwards, the second fault of a row is the first of the next.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { JuteReader } from "../../src/jute/reader.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { SessionId } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import {
  type ACL,
  readGetEphemeralsResponse,
  writeGetEphemeralsRequest,
  writeReconfigRequest,
} from "../../src/wire/records.js";
import * as ask from "./requests.js";
import { encoded, World } from "./world.js";

const BOB: ACL[] = [{ perms: 31, id: { scheme: "digest", id: "bob:hash" } }];
const HERE = 1n as SessionId;
const CLOSING = 2n as SessionId;
const UNKNOWN = 3n as SessionId;
const MOVED = 4n as SessionId;
const OTHER = 9n as SessionId;
const TTL = { type: OpCode.createTTL, flags: 5 };

function prepared(extendedTypesEnabled = true): World {
  const world = new World({ enforceQuota: true, extendedTypesEnabled });
  world.refused.set(UNKNOWN, "unknown");
  world.refused.set(MOVED, "moved");
  const make = (request: ask.Ask, session = OTHER) => {
    const { error } = world.write(request.type, request.body, { session });
    assert.equal(error, ErrorCode.ok);
  };
  make(ask.create("/open"));
  make(ask.create("/open/x"));
  make(ask.create("/open/x/y"));
  make(ask.create("/mine", { acl: BOB }));
  make(ask.create("/eph", { flags: 1 }));
  make(ask.create("/ephmine", { flags: 1, acl: BOB }));
  make(ask.create("/full"));
  make(ask.create("/full/x", { data: "1" }));
  make(ask.create("/full/mine", { acl: BOB }));
  make(ask.create("/zookeeper/quota/full"));
  make(ask.create("/zookeeper/quota/full/zookeeper_stats", { data: "count=3,bytes=1" }));
  const limits = { data: "count=-1,bytes=-1=;byteHardLimit=1;countHardLimit=3" };
  make(ask.create("/zookeeper/quota/full/zookeeper_limits", limits));
  make(ask.create("/locked"));
  make(ask.create("/locked/x"));
  make(ask.create("/locked/x/y"));
  make(ask.setAcl("/locked", BOB));
  world.closing.add(CLOSING);
  return world;
}

type Row = readonly [fault: string, request: ask.Ask, error: ErrorCode, session?: SessionId];

function check(title: string, rows: readonly Row[], extendedTypesEnabled = true): void {
  describe(title, () => {
    for (const [fault, request, error, session = HERE] of rows) {
      test(`${fault}`, () => {
        const world = prepared(extendedTypesEnabled);
        const record = world.prepare(request.type, request.body, { session });
        assert.equal(record.error, error);
        assert.equal(world.pending.size, 0);
      });
    }
  });
}

const {
  badArguments,
  badVersion,
  invalidACL,
  marshallingError,
  noAuth,
  noChildrenForEphemerals,
  nodeExists,
  noNode,
  notEmpty,
  quotaExceeded,
  reconfigDisabled,
  sessionExpired,
  sessionMoved,
  unimplemented,
  unknownSession,
} = ErrorCode;

check(
  "create, where extended types are not enabled, looks first at",
  [
    [
      "flags nobody knows, a TTL of 0",
      ask.create("/t", { ...TTL, flags: 7, ttl: 0n }),
      badArguments,
    ],
    ["a TTL at all, a TTL of 0", ask.create("/t", { ...TTL, ttl: 0n }), unimplemented],
    [
      "a TTL in a session that is closing",
      ask.create("/t", { ...TTL, ttl: 1n }),
      unimplemented,
      CLOSING,
    ],
  ],
  false,
);

check("create looks at", [
  ["a TTL of 0, a closing session", ask.create("/t", { ...TTL, ttl: 0n }), badArguments, CLOSING],
  [
    "a TTL too long, a closing session",
    ask.create("/t", { ...TTL, ttl: 2n ** 40n }),
    badArguments,
    CLOSING,
  ],
  ["TTL flags without a TTL", ask.create("/t", { flags: 5 }), badArguments, CLOSING],
  [
    "a TTL without TTL flags",
    ask.create("/t", { ...TTL, flags: 0, ttl: 5n }),
    badArguments,
    CLOSING,
  ],
  ["createTTL with neither", ask.create("/t", { ...TTL, flags: 0 }), badArguments, CLOSING],
  ["a closing session, a null path", ask.create(null), sessionExpired, CLOSING],
  ["an unknown session, a null path", ask.create(null), unknownSession, UNKNOWN],
  ["an unknown session, an ephemeral", ask.create(null, { flags: 1 }), sessionExpired, UNKNOWN],
  ["a session that has moved", ask.create(null), sessionMoved, MOVED],
  ["a null path, no ACL", ask.create(null, { acl: null }), marshallingError],
  ["no slash, no ACL", ask.create("x", { acl: null }), badArguments],
  ["a NUL, no ACL", ask.create("/\0", { acl: null }), badArguments],
  ["no ACL, no parent", ask.create("/none/x", { acl: null }), invalidACL],
  ["an empty ACL, no parent", ask.create("/none/x", { acl: [] }), invalidACL],
  ["no parent, a path with an empty name", ask.create("/none//x"), noNode],
  ["a parent that forbids, an invalid name", ask.create("/mine/\u0001"), noAuth],
  ["an invalid name, an ephemeral parent", ask.create("/eph/.."), badArguments],
  ["a node that exists, an exceeded quota", ask.create("/full/x"), nodeExists],
  ["a parent that forbids, an ephemeral parent", ask.create("/ephmine/x"), noAuth],
  ["an ephemeral parent", ask.create("/eph/x"), noChildrenForEphemerals],
  ["an exceeded quota", ask.create("/full/new"), quotaExceeded],
]);

check("delete looks at", [
  ["a closing session, a null path", ask.remove(null), sessionExpired, CLOSING],
  ["a null path", ask.remove(null), marshallingError],
  ["no slash, no parent", ask.remove("none"), badArguments],
  ["a special node, its children", ask.remove("/zookeeper"), badArguments],
  ["the root", ask.remove("/"), badArguments],
  ["no parent, an invalid name", ask.remove("/none/.."), noNode],
  ["a parent that forbids, no node", ask.remove("/locked/none"), noAuth],
  ["a parent that forbids, a version", ask.remove("/locked/x", 7), noAuth],
  ["no node, an invalid name", ask.remove("/open/.."), noNode],
  ["a version, children", ask.remove("/open/x", 7), badVersion],
  ["children", ask.remove("/open/x", 0), notEmpty],
]);

check("setData looks at", [
  ["a closing session, a null path", ask.set(null, ""), sessionExpired, CLOSING],
  ["a null path", ask.set(null, ""), badArguments],
  ["an invalid path, no node", ask.set("/none/", ""), badArguments],
  ["no node, a version", ask.set("/none", "", 7), noNode],
  ["a node that forbids, a version", ask.set("/mine", "", 7), noAuth],
  ["a node that forbids, an exceeded quota", ask.set("/full/mine", "much more"), noAuth],
  ["an exceeded quota, a version", ask.set("/full/x", "much more", 7), quotaExceeded],
  ["a version", ask.set("/full/x", "2", 7), badVersion],
]);

check("setACL looks at", [
  ["a closing session, a null path", ask.setAcl(null), sessionExpired, CLOSING],
  ["an invalid path, no ACL", ask.setAcl("/none/", null), badArguments],
  ["no ACL, no node", ask.setAcl("/none", null), invalidACL],
  ["no node, a version", ask.setAcl("/none", BOB, 7), noNode],
  ["a node that forbids, a version", ask.setAcl("/mine", BOB, 7), noAuth],
  ["a version", ask.setAcl("/open", BOB, 7), badVersion],
]);

check("deleteContainer looks at", [
  ["who asks", ask.read(OpCode.deleteContainer, null), unimplemented],
]);

check("reconfig looks at", [
  [
    "whether it is enabled, a closing session",
    {
      type: OpCode.reconfig,
      body: encoded((out) =>
        writeReconfigRequest(out, {
          joiningServers: null,
          leavingServers: null,
          newMembers: null,
          curConfigId: -1n,
        }),
      ),
    },
    reconfigDisabled,
    CLOSING,
  ],
]);

describe("a request that is cut short", () => {
  const world = prepared();
  const asks = [
    ask.create("/new"),
    ask.create("/new", TTL),
    ask.remove("/open/x/y"),
    ask.set("/open", ""),
    ask.setAcl("/open"),
    ask.multi(ask.remove("/open/x/y"), ask.set("/open", "")),
    ask.createSession(1),
  ];
  for (const { type, body } of asks) {
    test(`of type ${type} is a marshalling error wherever it is cut`, () => {
      for (let length = 0; length < body.length; length++) {
        const { error } = world.prepare(type, body.subarray(0, length));
        assert.equal(error, marshallingError);
        assert.equal(world.pending.size, 0);
      }
    });
  }
});

describe("reads look at", () => {
  const world = prepared();
  const rows: readonly (readonly [string, ask.Ask, ErrorCode])[] = [
    ["exists: a NUL, no node", ask.read(OpCode.exists, "/\0", false), badArguments],
    ["exists: a node that forbids", ask.read(OpCode.exists, "/mine", true), noAuth],
    ["exists: no node", ask.read(OpCode.exists, "none", true), noNode],
    ["getData: a null path", ask.read(OpCode.getData, null, false), marshallingError],
    ["getData: no node", ask.read(OpCode.getData, "/none", true), noNode],
    ["getData: a node that forbids", ask.read(OpCode.getData, "/mine", true), noAuth],
    ["getChildren: no node", ask.read(OpCode.getChildren, "/none", true), noNode],
    ["getChildren: a node that forbids", ask.read(OpCode.getChildren, "/mine", true), noAuth],
    ["getChildren2: a node that forbids", ask.read(OpCode.getChildren2, "/mine", true), noAuth],
    ["getACL: a node that forbids", ask.read(OpCode.getACL, "/mine"), noAuth],
    [
      "getAllChildrenNumber: a node that forbids",
      ask.read(OpCode.getAllChildrenNumber, "/mine"),
      noAuth,
    ],
    ["addWatch: an unknown mode", ask.read(OpCode.addWatch, "/mine", 2), marshallingError],
    ["checkWatches: an unknown type", ask.read(OpCode.checkWatches, "/mine", 6), marshallingError],
    [
      "removeWatches: no such watch",
      ask.read(OpCode.removeWatches, "/mine", 3),
      ErrorCode.noWatcher,
    ],
  ];
  for (const [fault, { type, body }, error] of rows) {
    test(fault, () => {
      assert.equal(world.read(type, body).error, error);
      // Only exists leaves a watch on what it does not find.
      assert.equal(world.tree.watches.count, fault === "exists: no node" ? 1 : 0);
      world.tree.watches.removeWatcher(world.listener(HERE));
    });
  }

  test("getEphemerals: whose they are, and how they begin", () => {
    const rows: readonly (readonly [string | null, SessionId, string[]])[] = [
      [null, OTHER, ["/eph", "/ephmine"]],
      ["", OTHER, ["/eph", "/ephmine"]],
      [" / ", OTHER, ["/eph", "/ephmine"]],
      ["/ephm", OTHER, ["/ephmine"]],
      [" /ephm", OTHER, []],
      [null, HERE, []],
    ];
    for (const [prefixPath, session, expected] of rows) {
      const body = encoded((out) => writeGetEphemeralsRequest(out, { prefixPath }));
      const answer = world.read(OpCode.getEphemerals, body, { session });
      const { ephemerals } = readGetEphemeralsResponse(new JuteReader(answer.body));
      assert.deepEqual(ephemerals?.sort(), expected);
    }
  });
});

describe("a quota that is written as", () => {
  const rows: readonly (readonly [string | null, ErrorCode])[] = [
    ["", ErrorCode.ok],
    [",", ErrorCode.ok],
    ["count=", marshallingError],
    ["count==5", ErrorCode.ok],
    [",count=1", marshallingError],
    ["not a quota", marshallingError],
    ["count=many", marshallingError],
    ["count=9223372036854775808", marshallingError],
    ["count=-9223372036854775808", ErrorCode.ok],
    [null, marshallingError],
    ["count=1,bytes=1", ErrorCode.ok],
    ["countHardLimit=1", quotaExceeded],
  ];
  for (const [limits, error] of rows) {
    test(`${JSON.stringify(limits)} leads to ${error}`, () => {
      const world = prepared();
      const { type, body } = ask.set("/zookeeper/quota/full/zookeeper_limits", limits);
      assert.equal(world.write(type, body).error, ErrorCode.ok);
      const request = ask.create("/full/new");
      assert.equal(world.prepare(request.type, request.body).error, error);
    });
  }
});
