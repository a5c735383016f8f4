// What a reconfig makes of the members, and which of Java's codes answers one that cannot be.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMembership, type Membership, parseMembership } from "../../src/config/membership.js";
import { parseProperties } from "../../src/config/properties.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { EnsembleView, PrepareContext } from "../../src/operations/operation.js";
import { PendingTree } from "../../src/operations/pending-tree.js";
import { reconfig, reconfigTxn } from "../../src/operations/reconfig.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { makeZxid, type SessionId, type Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { type ReconfigRequest, readGetDataResponse } from "../../src/wire/records.js";
import { SETTINGS, World } from "./world.js";

const OPTIONS = { multiAddressEnabled: false, oraclePath: undefined };
const ZXID = makeZxid(2, 7);
const SUPER = { scheme: "super", id: "" };
const THREE = [1, 2, 3].map((sid) => `server.${sid}=zk${sid}:2888:3888;2181`).join("\n");

function membershipOf(text: string, version = 5): Membership {
  return { ...parseMembership(parseProperties(text), OPTIONS), version: version as Zxid };
}

interface Around {
  readonly ensemble?: Partial<EnsembleView> | undefined;
  readonly isSuper?: boolean;
  readonly settings?: Partial<PrepareContext["settings"]>;
}

const said: string[] = [];

function ask(request: Partial<ReconfigRequest>, world: Around = {}) {
  const { ensemble = {}, isSuper = true, settings = {} } = world;
  const lastSeen = ensemble.lastSeen ?? membershipOf(THREE);
  const { tree } = new World();
  said.length = 0;
  const context: PrepareContext = {
    caller: { sessionId: 1n as SessionId, identities: isSuper ? [SUPER] : [], owner: undefined },
    cxid: 1,
    zxid: ZXID,
    nowMs: 1234,
    pending: new PendingTree(tree, true),
    sessions: { check: () => "ok", checkGlobal: () => "ok", setClosing() {} },
    settings: { ...SETTINGS, reconfigEnabled: true, ...settings },
    ensemble:
      "ensemble" in world && world.ensemble === undefined
        ? undefined
        : {
            committedVersion: lastSeen.version,
            lastSeen,
            standaloneEnabled: true,
            membershipOptions: OPTIONS,
            isQuorumSynced: () => true,
            refused: (why) => said.push(why),
            ...ensemble,
          },
  };
  const prepared = reconfig.prepare(context, {
    joiningServers: null,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1n,
    ...request,
  });
  if (!prepared.ok) return { error: prepared.error };
  assert.equal(prepared.type, OpCode.reconfig);
  const { path, data, version } = prepared.txn;
  assert.deepEqual([path, version], ["/zookeeper/config", -1]);
  return { text: data!.toString(), txn: prepared.txn, tree };
}

describe("A reconfig", () => {
  it("adds who joins, takes out who leaves, and changes who is there", () => {
    const { text } = ask({
      joiningServers: "server.4=zk4:2888:3888:observer;2181, server.2=zk2:2888:3888:observer;2182",
      leavingServers: "3",
    });
    const expected = [
      "server.1=zk1:2888:3888:participant;0.0.0.0:2181",
      "server.2=zk2:2888:3888:observer;0.0.0.0:2182",
      "server.4=zk4:2888:3888:observer;0.0.0.0:2181",
      "version=200000007",
    ].join("\n");
    // One voter is too few where a lone one would be standalone.
    assert.equal(text, undefined);
    const alone = ask(
      {
        joiningServers: "server.4=zk4:2888:3888:observer;2181,server.2=zk2:2888:3888:observer;2182",
        leavingServers: "3",
      },
      { ensemble: { standaloneEnabled: false } },
    );
    assert.equal(alone.text, expected);
  });

  it("takes the whole list with commas as with lines, and its own version", () => {
    const list = "server.1=zk1:2888:3888;2181,server.5=zk5:2888:3888,version=99";
    const { text } = ask({ newMembers: list });
    assert.equal(
      text,
      "server.1=zk1:2888:3888:participant;0.0.0.0:2181\nserver.5=zk5:2888:3888:participant\nversion=200000007",
    );
  });

  it("shows the new configuration with its stat to who asked for it", () => {
    const { txn, tree, text } = ask({ leavingServers: "3" });
    const header = { clientId: 1n, cxid: 1, zxid: ZXID, time: 1234, type: OpCode.reconfig };
    const result = reconfigTxn.apply(tree!, header as never, txn!);
    const out = new JuteWriter();
    reconfig.encode(out, result);
    const { data, stat } = readGetDataResponse(new JuteReader(out.take()));
    assert.equal(data?.toString(), text);
    assert.deepEqual([stat.version, stat.mzxid, stat.mtime], [-1, ZXID, 1234]);
  });

  const GROUPS = `${THREE}\ngroup.1=1:2:3`;
  const rows: readonly (readonly [string, Partial<ReconfigRequest>, Around, ErrorCode])[] = [
    ["is disabled", {}, { settings: { reconfigEnabled: false } }, ErrorCode.reconfigDisabled],
    ["is asked of a lone server", {}, { ensemble: undefined }, ErrorCode.unimplemented],
    [
      "comes while another is under way",
      {},
      { ensemble: { committedVersion: 4 as Zxid } },
      ErrorCode.reconfigInProgress,
    ],
    ["expects another version", { curConfigId: 6n }, {}, ErrorCode.badVersion],
    [
      "adds to groups",
      { leavingServers: "3" },
      { ensemble: { lastSeen: membershipOf(GROUPS) } },
      ErrorCode.badArguments,
    ],
    ["names who leaves by no number", { leavingServers: "three" }, {}, ErrorCode.marshallingError],
    ["has no address", { joiningServers: "server.4" }, {}, ErrorCode.badArguments],
    [
      "has no client port",
      { joiningServers: "server.4=zk4:2888:3888" },
      {},
      ErrorCode.badArguments,
    ],
    [
      "has an address that is taken",
      { joiningServers: "server.4=zk3:2889:3888;2181" },
      {},
      ErrorCode.badArguments,
    ],
    ["has a role nobody knows", { newMembers: "server.1=a:1:2:king" }, {}, ErrorCode.badArguments],
    ["has a key nobody knows", { newMembers: "tickTime=1" }, {}, ErrorCode.badArguments],
    [
      "has observers and nobody to vote",
      { newMembers: "server.1=a:1:2:observer" },
      {},
      ErrorCode.marshallingError,
    ],
    ["leaves one voter", { leavingServers: "2,3" }, {}, ErrorCode.badArguments],
    [
      "leaves none, where one would do",
      { leavingServers: "1,2,3" },
      { ensemble: { standaloneEnabled: false } },
      ErrorCode.badArguments,
    ],
    [
      "has no quorum that is here",
      { leavingServers: "3" },
      { ensemble: { isQuorumSynced: () => false } },
      ErrorCode.newConfigNoQuorum,
    ],
    ["comes from anybody", { leavingServers: "3" }, { isSuper: false }, ErrorCode.noAuth],
  ];
  for (const [what, request, world, error] of rows) {
    it(`that ${what} is answered with ${error}`, () => {
      assert.equal(ask(request, world).error, error, said.join("\n"));
    });
  }

  it("comes from anybody where ACLs are not looked at", () => {
    const world = { isSuper: false, settings: { skipAcl: true } };
    const { text } = ask({ leavingServers: "3", curConfigId: 5n }, world);
    const left = membershipOf(THREE.split("\n").slice(0, 2).join("\n"), ZXID);
    assert.equal(text, formatMembership(left));
  });

  it("lets servers of one machine have its loopback address, as for trials", () => {
    const lastSeen = membershipOf("server.1=127.0.0.1:1:2;3\nserver.2=127.0.0.1:4:5;6");
    const { text } = ask(
      { joiningServers: "server.3=127.0.0.1:1:5;3" },
      { ensemble: { lastSeen } },
    );
    assert.match(text ?? "", /server\.3=127\.0\.0\.1:1:5/);
  });
});
