// The exchange between members, one machine against the other, cut in every way.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DigestMd5Client } from "../../src/auth/sasl/digest-client.js";
import { DigestMd5Server } from "../../src/auth/sasl/digest-server.js";
import { SASL_TOKEN_MAX_BYTES } from "../../src/limits.js";
import { QuorumAuthLearner, QuorumAuthServer } from "../../src/peer/quorum-auth.js";

const SERVICE = { protocol: "zookeeper-quorum", serverName: "zk-quorum-sasl-md5" };
const MAGIC = "5f2435013501edcc";

interface Ending {
  readonly error: string | undefined;
  readonly rest: string;
}

class Meeting {
  /** What each side has written and the other has not been given. */
  toServer = Buffer.alloc(0);
  toLearner = Buffer.alloc(0);
  server: Ending | undefined;
  learner: Ending | undefined;
  readonly serverSide: QuorumAuthServer;
  readonly learnerSide: QuorumAuthLearner;

  constructor(password: string, isRequired = true) {
    const users = {
      passwordOf: (name: string) => (name === "zoo" ? "animal" : undefined),
      authorize: (_name: string, id: string) => id,
    };
    this.serverSide = new QuorumAuthServer(
      new DigestMd5Server({ ...SERVICE, users, nonce: "bm9uY2U=" }),
      isRequired,
      {
        write: (bytes) => {
          this.toLearner = Buffer.concat([this.toLearner, bytes]);
        },
        done: (error, rest) => {
          assert.equal(this.server, undefined, "once");
          this.server = { error: error?.message, rest: rest.toString() };
        },
      },
    );
    const self = { userName: "zoo", password, cnonce: "Y25vbmNl" };
    this.learnerSide = new QuorumAuthLearner(new DigestMd5Client({ ...SERVICE, ...self }), {
      write: (bytes) => {
        this.toServer = Buffer.concat([this.toServer, bytes]);
      },
      done: (error, rest) => {
        assert.equal(this.learner, undefined, "once");
        this.learner = { error: error?.message, rest: rest.toString() };
      },
    });
  }

  /** Hands over what is written, in pieces of so many bytes. */
  run(pieceBytes = 1000): void {
    this.learnerSide.start();
    while (this.toServer.length > 0 || this.toLearner.length > 0) {
      const [up, down] = [this.toServer, this.toLearner];
      this.toServer = Buffer.alloc(0);
      this.toLearner = Buffer.alloc(0);
      for (let at = 0; at < up.length; at += pieceBytes) {
        this.serverSide.push(up.subarray(at, at + pieceBytes));
      }
      for (let at = 0; at < down.length; at += pieceBytes) {
        this.learnerSide.push(down.subarray(at, at + pieceBytes));
      }
    }
  }
}

test("Members with the same password agree, however their bytes are cut", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (pieceBytes) => {
      const meeting = new Meeting("animal");
      meeting.run(pieceBytes);
      assert.deepEqual(meeting.server, { error: undefined, rest: "" });
      assert.deepEqual(meeting.learner, { error: undefined, rest: "" });
    }),
  );
});

test("A member with a wrong password is refused, and hears of it", () => {
  const meeting = new Meeting("plant");
  meeting.run();
  assert.match(meeting.server!.error!, /Mismatched response/);
  assert.match(meeting.learner!.error!, /it does not accept us/);
});

test("A server that does not insist lets in who fails, who says nothing of it, and who goes away half-way", () => {
  const failing = new Meeting("plant", false);
  failing.run();
  assert.equal(failing.server!.error, undefined);
  const silent = new Meeting("animal", false);
  silent.serverSide.push(Buffer.from("hello"));
  assert.deepEqual(silent.server, { error: undefined, rest: "hello" });
  const leaving = new Meeting("animal", false);
  leaving.serverSide.push(Buffer.from(MAGIC, "hex"));
  leaving.serverSide.end();
  assert.equal(leaving.server!.error, undefined);
});

test("A server that insists refuses who says nothing of it, with the first byte that tells", () => {
  const meeting = new Meeting("animal");
  meeting.serverSide.push(Buffer.from([0x5f]));
  assert.equal(meeting.server, undefined);
  meeting.serverSide.push(Buffer.from([0]));
  assert.match(meeting.server!.error!, /not trying to authenticate/);
  const leaving = new Meeting("animal");
  leaving.serverSide.end();
  assert.match(leaving.server!.error!, /closed the connection/);
});

test("What comes behind the exchange is handed back", () => {
  const meeting = new Meeting("animal");
  const writes: Buffer[] = [];
  meeting.learnerSide.start();
  meeting.serverSide.push(meeting.toServer);
  meeting.toServer = Buffer.alloc(0);
  meeting.learnerSide.push(meeting.toLearner);
  meeting.toLearner = Buffer.alloc(0);
  writes.push(meeting.toServer);
  meeting.serverSide.push(Buffer.concat([meeting.toServer, Buffer.from("and so on")]));
  assert.deepEqual(meeting.server, { error: undefined, rest: "and so on" });
  meeting.learnerSide.push(Buffer.concat([meeting.toLearner, Buffer.from("likewise")]));
  assert.deepEqual(meeting.learner, { error: undefined, rest: "likewise" });
});

test("Nonsense ends the exchange, never the process, and is not gathered without end", () => {
  const packet = (length: number): Buffer => {
    const head = Buffer.alloc(16);
    head.write(MAGIC, "hex");
    head.writeInt32BE(length, 12);
    return head;
  };
  for (const length of [-2, SASL_TOKEN_MAX_BYTES + 1, 2 ** 31 - 1]) {
    const meeting = new Meeting("animal", false);
    meeting.serverSide.push(packet(length));
    assert.match(meeting.server!.error!, /Unreasonable length/, "also where nobody insists");
  }
  const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const anyPacket = fc
    .tuple(fc.integer({ min: -1, max: 40 }), anyBytes)
    .map(([length, bytes]) => Buffer.concat([packet(length), bytes]));
  fc.assert(
    fc.property(fc.array(fc.oneof(anyBytes, anyPacket), { maxLength: 12 }), (chunks) => {
      const meeting = new Meeting("animal");
      meeting.learnerSide.start();
      for (const chunk of chunks) {
        meeting.serverSide.push(chunk);
        meeting.learnerSide.push(chunk);
      }
      meeting.serverSide.end();
      meeting.learnerSide.end();
      assert.ok(meeting.server?.error !== undefined, "nobody gets in");
      assert.ok(meeting.learner?.error !== undefined, "nobody is believed");
    }),
  );
});
