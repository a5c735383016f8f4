// Members by Kerberos, over the simulated platform's: which principal is called, and whose is let in. That real ones agree,
// test/compat/kerberos/quorum.test.ts shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.js";
import { FatalError } from "../../src/errors.js";
import type { PeerAuthentication } from "../../src/peer/peer-authentication.js";
import {
  QuorumAuthLearner,
  QuorumAuthServer,
  type QuorumAuthSide,
} from "../../src/peer/quorum-auth.js";
import { openQuorumSasl, servicePrincipal } from "../../src/quorum-sasl.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";

const MODULE = "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true";
const KEYS = ["zk1", "zk2", "elsewhere"].map((host) => `zkquorum/${host}@A.TEST`);
/** Whoever has them is somebody, but no member. */
const STRANGERS = [KEYS[2]!, "zkquorum@A.TEST", "zk1@A.TEST", "zk1/zkquorum@A.TEST"];

interface Setting {
  readonly server?: string;
  readonly learner?: string;
  readonly keyTable?: string;
  readonly pattern?: string;
  readonly more?: string;
}

class Member {
  readonly world = new SimPlatform({ seed: 1 });
  readonly authentication: PeerAuthentication;

  constructor(setting: Setting = {}, hosts: readonly string[] = ["zk1", "ZK2"]) {
    const { server = KEYS[0], learner = KEYS[1], keyTable = "/keys" } = setting;
    const { pattern = "zkquorum/_HOST", more = "" } = setting;
    const { disk } = this.world.addNode("only");
    const file = (path: string, text: string) => disk.putFile(path, Buffer.from(text));
    file("/keys", [...KEYS, ...STRANGERS].join("\n"));
    file(
      "/jaas",
      `QuorumServer { ${MODULE} keyTab="${keyTable}" principal="${server}"; };
       QuorumLearner { ${MODULE} keyTab="${keyTable}" principal="${learner}"; };`,
    );
    file(
      "/zoo.cfg",
      `dataDir=/data\nclientPort=2181\ninitLimit=10\nsyncLimit=5\nquorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true
quorum.auth.serverRequireSasl=true\nquorum.auth.kerberos.servicePrincipal=${pattern}
server.1=zk1:1:2\nserver.2=ZK2:1:2\n${more}`,
    );
    file("/data/myid", "1\n");
    const platform = this.world.nodes[0]!.start();
    const properties = new Map([["java.security.auth.login.config", "/jaas"]]);
    const { config } = loadConfig({ disk: platform.disk, path: "/zoo.cfg", properties });
    this.authentication = openQuorumSasl(platform, config, () => hosts)!;
  }

  /** How both sides end, when this member calls itself by that host's name. */
  async call(host: string): Promise<{ server: string; learner: string }> {
    const ends: Record<string, string> = {};
    const sides: Record<string, QuorumAuthSide> = {};
    const events = (name: string, other: string) => ({
      write: (bytes: Buffer) => sides[other]!.push(bytes),
      done(error: Error | undefined) {
        ends[name] = error?.message ?? "agreed";
        if (error !== undefined) queueMicrotask(() => sides[other]?.end());
      },
    });
    const { accept, call } = this.authentication;
    const server = events("server", "learner");
    sides.server = new QuorumAuthServer(accept.newExchange(), accept.isRequired, server);
    const learner = new QuorumAuthLearner(call!(host), events("learner", "server"));
    sides.learner = learner;
    learner.start();
    await this.world.runUntil(() => ends.server !== undefined && ends.learner !== undefined);
    return { server: ends.server!, learner: ends.learner! };
  }
}

test("A member is called by the principal of its host, and lets in those of members", async () => {
  assert.deepEqual(await new Member().call("ZK1"), { server: "agreed", learner: "agreed" });
  const fixed = new Member({ pattern: "zkquorum/zk1" });
  assert.deepEqual(await fixed.call("anywhere"), { server: "agreed", learner: "agreed" });
});

test("A member whose host is nobody's, or that called another, is refused", async () => {
  for (const learner of STRANGERS) {
    const stranger = await new Member({ learner }).call("zk1");
    assert.match(stranger.server, /@A\.TEST is not authorized to connect/, learner);
    assert.match(stranger.learner, /it does not accept us/);
  }
  const wrong = await new Member().call("zk2");
  assert.match(wrong.server, /GSS initiate failed: Wrong principal in request/);
});

test("Members are those of now, not of the start", async () => {
  const hosts = ["zk1"];
  const member = new Member({}, hosts);
  assert.match((await member.call("zk1")).server, /not authorized/);
  hosts.push("zk2");
  assert.equal((await member.call("zk1")).server, "agreed");
});

function dns({ network }: SimPlatform): void {
  for (const [name, address] of [
    ["zk1", "10.0.0.7"],
    ["zk2", "10.0.0.8"],
  ] as const) {
    network.setName(name, [address]);
    network.setReverseName(address, name);
  }
  // Whoever has this address says that he is zk2, which leads elsewhere.
  network.setReverseName("10.0.0.9", "zk2");
}

test("Members are known by the names that DNS has for them where that is wanted", async () => {
  const isWanted = { more: "kerberos.canonicalizeHostNames=true\n" };
  for (const [hosts, agreed] of [
    [["10.0.0.7", "10.0.0.8"], "agreed"],
    [["10.0.0.7"], /not authorized/],
    [["10.0.0.7", "10.0.0.9"], /not authorized/],
    [[], /not authorized/],
  ] as const) {
    const member = new Member(isWanted, hosts);
    dns(member.world);
    const { server } = await member.call("10.0.0.7");
    if (agreed === "agreed") assert.equal(server, agreed);
    else assert.match(server, agreed);
  }
  const plain = new Member({}, ["10.0.0.7", "10.0.0.8"]);
  dns(plain.world);
  assert.match((await plain.call("10.0.0.7")).server, /GSS initiate failed: Wrong principal/);
});

test("A learner without a ticket says so and calls nobody in vain", async () => {
  const member = new Member({ learner: "zkquorum/nobody@A.TEST" });
  assert.match((await member.call("zk1")).learner, /No Kerberos credentials available/);
});

test("A member that cannot log in does not start", () => {
  for (const setting of [{ keyTable: "/nowhere" }, { server: "zkquorum@A.TEST" }]) {
    assert.throws(
      () => new Member(setting),
      (error) =>
        error instanceof FatalError &&
        /Failed to initialize authentication mechanism using SASL: /.test(error.message),
    );
  }
});

test("_HOST stands for the host in small letters, and only where it is the whole of it", () => {
  const cases = [
    ["zkquorum/_HOST", "zkquorum/zk1.x"],
    ["zkquorum/_HOST@R", "zkquorum/zk1.x@R"],
    ["zkquorum/localhost", "zkquorum/localhost"],
    ["zkquorum/my_HOST", "zkquorum/my_HOST"],
    ["_HOST", "_HOST"],
  ] as const;
  for (const [pattern, called] of cases) {
    assert.equal(servicePrincipal(pattern, "ZK1.x"), called);
  }
});
