// Links between leader and learner with a real Java server on the other side: as our follower, and as our leader, which sends
// its tree as a raw stream between packets.

import assert from "node:assert/strict";
import {
  ackEpochData,
  followerInfoData,
  leaderInfoData,
  readAckEpoch,
  readFollowerInfo,
  readLeaderInfo,
} from "../../src/quorum/packet-data.js";
import { makeZxid, type Sid } from "../../src/wire/ids.js";
import { QuorumPacketType } from "../../src/wire/op-codes.js";
import { Partner } from "./link-partner.js";
import { peerTest } from "./peers.js";

const ZXID = 0x500000007;
const PROTOCOL = 0x10000;

for (const kind of ["java38", "java39"] as const) {
  peerTest(
    `${kind} follows us: FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, NEWLEADER, UPTODATE, PING`,
    [kind],
    () =>
      Partner.with({ kind, javaSid: 1, ourSid: 2 }, async (partner) => {
        await partner.untilHeard("Java's vote", ({ leader }) => leader === 1);
        partner.vote(2, 0);
        const follower = await partner.untilFollowed();
        const info = readFollowerInfo(await follower.next(QuorumPacketType.followerInfo));
        assert.deepEqual(info, {
          sid: 1,
          protocolVersion: PROTOCOL,
          configVersion: 0,
          acceptedEpoch: 0,
        });

        follower.send(QuorumPacketType.leaderInfo, makeZxid(1, 0), leaderInfoData());
        const ackEpoch = await follower.next(QuorumPacketType.ackEpoch);
        assert.equal(readAckEpoch(ackEpoch), 0);
        assert.equal(ackEpoch.zxid, 0);

        follower.send(QuorumPacketType.diff, 0);
        const configuration = Buffer.from(partner.configuration());
        follower.send(QuorumPacketType.newLeader, makeZxid(1, 0), configuration);
        const ack = await follower.next(QuorumPacketType.ack);
        assert.equal(ack.zxid, makeZxid(1, 0));

        follower.send(QuorumPacketType.upToDate, -1);
        await follower.next(QuorumPacketType.ack);
        follower.send(QuorumPacketType.ping, makeZxid(1, 0));
        await follower.next(QuorumPacketType.ping);
      }),
  );

  const properties = { "zookeeper.forceSnapshotSync": "true" };
  peerTest(
    `${kind} leads us: its tree comes as a raw stream between SNAP and NEWLEADER`,
    [kind],
    () =>
      Partner.with({ kind, javaSid: 3, ourSid: 2, properties }, async (partner) => {
        await partner.untilHeard("Java's vote", ({ leader }) => leader === 3);
        partner.vote(3, 0);
        await partner.untilLogged(/LEADING/);
        const leader = await partner.callLeader();
        leader.send(QuorumPacketType.followerInfo, 0, followerInfoData(2 as Sid, 0));
        const leaderInfo = await leader.next(QuorumPacketType.leaderInfo);
        assert.equal(leaderInfo.zxid, makeZxid(1, 0));
        assert.equal(readLeaderInfo(leaderInfo), PROTOCOL);

        let tree = Buffer.alloc(0);
        leader.whenReceived = ({ type }) => {
          if (type !== QuorumPacketType.snap) return;
          leader.link.readRaw((chunk) => {
            const before = tree.length;
            tree = Buffer.concat([tree, chunk]);
            const end = endOfSnapshot(tree);
            if (end < 0) return -1;
            tree = tree.subarray(0, end);
            return end - before;
          });
        };
        leader.send(QuorumPacketType.ackEpoch, 0, ackEpochData(0));
        const newLeader = await leader.next(QuorumPacketType.newLeader);
        assert.equal(newLeader.zxid, makeZxid(1, 0));
        assert.ok(tree.includes("/zookeeper/config"), "the tree is whole");
        leader.send(QuorumPacketType.ack, makeZxid(1, 0));
        await leader.next(QuorumPacketType.upToDate);
        await leader.next(QuorumPacketType.ping);
      }),
  );
}

peerTest("java39 whose leader does not listen tries five times and looks again", ["java39"], () =>
  Partner.with({ kind: "java39", javaSid: 1, ourSid: 2 }, async (partner) => {
    await partner.untilHeard("Java's vote", ({ leader }) => leader === 1);
    partner.vote(2, ZXID);
    // We do not listen: it tries five times and looks again.
    await partner.untilLogged(/Unexpected exception, retries exceeded\. tries=4/);
    await partner.untilHeard("Java's next election", ({ round }) => round === 2);
  }),
);

const SIGNATURE = Buffer.from("\0\0\0\nBenWasHere", "latin1");

function endOfSnapshot(bytes: Buffer): number {
  const at = bytes.indexOf(SIGNATURE);
  return at < 0 ? -1 : at + SIGNATURE.length;
}
