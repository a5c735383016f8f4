// zkCli by Kerberos: whom it calls, and when it believes that it has been let in.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SaslExchange } from "../../src/auth/sasl/sasl.js";
import { kerberosCall, realmOfServers } from "../../src/cli/shell/kerberos-call.js";
import { NetworkError } from "../../src/platform/platform.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { readGetSASLRequest } from "../../src/wire/records.js";
import { codeOf, connected } from "./fake-world.js";

const NOBODY = new NetworkError("ENOTFOUND", "no such name");
const DNS: Readonly<Record<string, string>> = { "10.0.0.1": "zk1.example.com", "10.0.0.9": "liar" };

/** The principal that is called. */
function calledBy(properties: Record<string, string>, host = "zk", address = "10.0.0.1"): string {
  let called = "";
  const credential = {
    newContext(target = "") {
      called = target;
      const never = () => {};
      return { step: never, wrap: never, unwrap: never, release: never };
    },
  };
  const network = {
    nameOf: (asked: string, done: (error: NetworkError | undefined, names: string[]) => void) =>
      DNS[asked] === undefined ? done(NOBODY, []) : done(undefined, [DNS[asked]]),
    resolve: (name: string, done: (error: NetworkError | undefined, found: string[]) => void) =>
      done(undefined, name === "liar" ? ["10.0.0.1"] : [address]),
  };
  const all = new Map(Object.entries(properties));
  const options = { properties: all, realm: realmOfServers(all, "alice@A.TEST", "B.TEST") };
  const call = kerberosCall(credential, network, { host, address }, options);
  call.evaluate(Buffer.alloc(0), () => {});
  return called;
}

describe("zkCli by Kerberos", () => {
  it("calls the server by the name that DNS has for its address, in its own realm", () => {
    assert.equal(calledBy({}), "zookeeper/zk1.example.com@A.TEST");
    assert.equal(calledBy({}, "zk", "10.0.0.5"), "zookeeper/zk@A.TEST");
    assert.equal(calledBy({}, "zk", "10.0.0.9"), "zookeeper/zk@A.TEST");
    const plain = { "zookeeper.sasl.client.canonicalize.hostname": "false" };
    assert.equal(calledBy(plain), "zookeeper/zk@A.TEST");
    assert.equal(calledBy(plain, "10.0.0.1"), "zookeeper/zk1.example.com@A.TEST");
  });

  it("calls whom it is told to call", () => {
    assert.equal(calledBy({ "zookeeper.sasl.client.username": "zk" }), "zk/zk1.example.com@A.TEST");
    assert.equal(
      calledBy({ "zookeeper.server.realm": "C.TEST" }),
      "zookeeper/zk1.example.com@C.TEST",
    );
    assert.equal(calledBy({ "zookeeper.server.principal": "a/b" }), "a/b@A.TEST");
    assert.equal(calledBy({ "zookeeper.server.principal": "a/b@D.TEST" }), "a/b@D.TEST");
  });

  for (const verdict of [ErrorCode.ok, ErrorCode.authFailed]) {
    it(`speaks first, and waits for the server's verdict (${verdict})`, async () => {
      const newExchange = (): SaslExchange => ({
        hasInitialResponse: true,
        evaluate(token, done) {
          const answer = Buffer.from(`to ${token.toString() || "nothing"}`);
          if (token.length === 0) done({ kind: "challenge", token: answer });
          else done({ kind: "complete", token: answer, authorizationId: "alice" });
        },
        dispose() {},
      });
      const { world, server, zk } = await connected({ sasl: { newExchange } });
      const data = codeOf(zk.getData("/x"));
      for (const sent of ["to nothing", "to offer"]) {
        const request = server.connection.take();
        assert.equal(readGetSASLRequest(request.body).token!.toString(), sent);
        assert.equal(server.connection.requests.length, 0, "and nothing else");
        const isLast = sent === "to offer";
        server.connection.reply(request.xid, 0, isLast ? verdict : 0, (out) =>
          out.buffer(isLast ? null : Buffer.from("offer")),
        );
        await world.settle();
      }
      if (verdict === ErrorCode.ok) {
        const request = server.connection.take();
        assert.equal(request.type, OpCode.getData);
        server.connection.reply(request.xid, 9, ErrorCode.noNode);
        assert.equal(await data, ErrorCode.noNode);
        assert.match(world.events.at(-1)!, /SaslAuthenticated/);
      } else {
        assert.equal(await data, ErrorCode.authFailed);
        assert.equal(zk.state, "AUTH_FAILED");
      }
    });
  }
});
