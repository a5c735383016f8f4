// Election links with a real Java server: it reads our introduction and our votes, and we read its.

import assert from "node:assert/strict";
import { PeerState } from "../../src/election/vote.js";
import { Partner, type PartnerOptions } from "./link-partner.js";
import { peerTest } from "./peers.js";

const ZXID = 0x500000007;

const CASES: readonly PartnerOptions[] = [
  { kind: "java38", javaSid: 1, ourSid: 2 },
  { kind: "java38", javaSid: 3, ourSid: 2, multiAddressEnabled: true },
  { kind: "java39", javaSid: 1, ourSid: 2, multiAddressEnabled: true },
  { kind: "java39", javaSid: 3, ourSid: 2 },
];

for (const options of CASES) {
  const { kind, javaSid, ourSid, multiAddressEnabled } = options;
  const direction = javaSid < ourSid ? "called by us" : "that calls us";
  const form = multiAddressEnabled ? "all our addresses" : "one address";
  peerTest(`${kind}, ${direction} and told ${form}, takes our vote and we take its`, [kind], () =>
    Partner.with(options, async (partner) => {
      // Its own vote, cast for itself.
      const first = await partner.untilHeard("Java's vote", ({ leader }) => leader === javaSid);
      assert.deepEqual(
        { ...first, config: first.config?.split("\n").sort() },
        {
          from: javaSid,
          state: PeerState.looking,
          leader: javaSid,
          zxid: 0,
          round: 1,
          peerEpoch: 0,
          version: 2,
          config: partner.configuration().split("\n").sort(),
        },
      );
      // We have the longer history: it changes its mind.
      partner.vote(ourSid, ZXID);
      await partner.untilHeard("Java's vote for us", ({ leader }) => leader === ourSid);
      const state = "n.state:LOOKING, n.leader:2, n.round:0x1, n.peerEpoch:0x0, n.zxid:0x500000007";
      await partner.untilLogged(
        new RegExp(
          `Notification: my state:LOOKING; n.sid:2, ${state}, message format version:0x2, n.config version:0x0`,
        ),
      );
      await partner.untilLogged(/FOLLOWING/);
      // Settled, it answers who still looks: with its state, and our vote.
      partner.heard.length = 0;
      partner.vote(ourSid, ZXID);
      const answer = await partner.untilHeard(
        "Java's answer",
        ({ state: its }) => its === PeerState.following,
      );
      assert.deepEqual([answer.leader, answer.zxid, answer.round], [ourSid, ZXID, 1]);
    }),
  );
}

peerTest(
  "java39 that has restarted is connected again, in both directions",
  ["java39"],
  async () => {
    for (const javaSid of [1, 3]) {
      await Partner.with({ kind: "java39", javaSid, ourSid: 2 }, async (partner) => {
        await partner.untilHeard("Java's vote", ({ leader }) => leader === javaSid);
        partner.vote(2, ZXID);
        await partner.untilHeard("Java's vote for us", ({ leader }) => leader === 2);
        await partner.restartJava();
        partner.heard.length = 0;
        // What we said last is said again, unasked.
        await partner.untilHeard("Java's vote for us", ({ leader }) => leader === 2);
      });
    }
  },
);
