import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Outgoing } from "../../src/election/fast-leader-election.js";
import { decodeNotification, encodeNotification } from "../../src/election/notification.js";
import { PeerState } from "../../src/election/vote.js";
import { ProtocolError } from "../../src/errors.js";
import { makeZxid, type Sid, type Zxid } from "../../src/wire/ids.js";

const FROM = 2 as Sid;
const CONFIG = "server.1=127.0.0.1:2888:3888:participant\nversion=0";

const VOTE: Outgoing = {
  to: 1 as Sid,
  state: PeerState.following,
  leader: 3 as Sid,
  zxid: makeZxid(5, 7),
  round: 9,
  peerEpoch: 5,
};

/** state, leader, zxid, round, peerEpoch, version: as Java's buildMsg puts them. */
const FIXED =
  "00000001 0000000000000003 0000000500000007 0000000000000009 0000000000000005 00000002".replaceAll(
    " ",
    "",
  );

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

test("A notification has Java's bytes: vote, version 2, configuration", () => {
  const length = CONFIG.length.toString(16).padStart(8, "0");
  const expected = FIXED + length + Buffer.from(CONFIG).toString("hex");
  assert.equal(encodeNotification(VOTE, CONFIG).toString("hex"), expected);
});

test("A notification of each generation is read", () => {
  const common = { from: FROM, state: 1, leader: 3, zxid: makeZxid(5, 7), round: 9, peerEpoch: 5 };
  const cases = [
    { form: "before 3.4", bytes: FIXED.slice(0, 56), version: 0, config: undefined },
    { form: "3.4.0", bytes: FIXED.slice(0, 72), version: 0, config: undefined },
    { form: "3.4.6", bytes: `${FIXED.slice(0, 72)}00000001`, version: 1, config: undefined },
    { form: "3.5", bytes: `${FIXED}00000002 6869`, version: 2, config: "hi" },
    { form: "a later one", bytes: `${FIXED}00000002 6869 ffff`, version: 2, config: "hi" },
  ];
  for (const { form, bytes: text, version, config } of cases) {
    assert.deepEqual(decodeNotification(FROM, bytes(text)), { ...common, version, config }, form);
  }
});

test("A vote for nobody, as observers cast it, crosses as Java's least long", () => {
  const nobody = Number.MIN_SAFE_INTEGER;
  const vote = { ...VOTE, leader: nobody as Sid, zxid: nobody as Zxid, peerEpoch: nobody };
  const sent = encodeNotification(vote, "");
  assert.equal(sent.toString("hex", 4, 20), "80000000000000008000000000000000");
  const heard = decodeNotification(FROM, sent);
  assert.deepEqual([heard.leader, heard.zxid, heard.peerEpoch], [nobody, nobody, nobody]);
});

test("A zxid of -1 (data lost) crosses", () => {
  const sent = encodeNotification({ ...VOTE, zxid: -1 as Zxid }, "");
  assert.equal(decodeNotification(FROM, sent).zxid, -1);
});

test("A malformed notification is a ProtocolError", () => {
  const cases = [
    ["", /has 0 bytes/],
    [FIXED.slice(0, 54), /has 27 bytes/],
    [FIXED.slice(0, 58), /has 29 bytes/],
    [FIXED.slice(0, 70), /has 35 bytes/],
    [FIXED, /cut short/],
    [`${FIXED}ffffffff`, /configuration has -1 bytes/],
    [`${FIXED}7fffffff 00`, /configuration has 2147483647 bytes, of which 1/],
    [`00000004${FIXED.slice(8)}00000000`, /state is 4/],
    [`ffffffff${FIXED.slice(8)}00000000`, /state is -1/],
    [`00000001 7000000000000000${FIXED.slice(24)}00000000`, /53 bits/],
  ] as const;
  for (const [text, message] of cases) {
    assert.throws(() => decodeNotification(FROM, bytes(text)), { name: "ProtocolError", message });
  }
});

test("A notification of any vote comes back as it was sent", () => {
  const long = fc.maxSafeInteger();
  fc.assert(
    fc.property(
      fc.record({
        state: fc.constantFrom(0, 1, 2, 3),
        leader: long,
        zxid: long,
        round: long,
        peerEpoch: long,
      }),
      fc.string({ unit: "grapheme" }),
      (vote, config) => {
        const outgoing = { ...vote, to: 1 } as Outgoing;
        const heard = decodeNotification(FROM, encodeNotification(outgoing, config));
        assert.deepEqual(heard, { ...vote, from: FROM, version: 2, config });
      },
    ),
  );
});

test("Random bytes are a notification or a ProtocolError, never anything else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (random) => {
      try {
        const heard = decodeNotification(FROM, Buffer.from(random));
        assert.ok(heard.state >= 0 && heard.state <= 3);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
  );
});
