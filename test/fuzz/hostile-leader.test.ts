// What a member makes of a leader that is broken, or means no good: it leaves it, as it is, and goes on. Each of these once
// ended the process, or would have kept it from starting again.

import assert from "node:assert/strict";
import { PORTS } from "../compat/ensemble-world.js";
import { peerTest } from "../compat/peers.js";
import { buffer, int, join, long, vector } from "../compat/raw/bytes.js";
import { EMPTY_TREE, playLeader } from "./hostile-leader.js";
import { packetBytes, type QuorumPeer, Type, zxidOf } from "./quorum-peer.js";

const OPEN_ACL = vector([join(int(31), buffer("world"), buffer("anyone"))]);

function txn(zxid: bigint, type: number, body: Buffer): Buffer {
  return join(long(1), int(1), long(zxid), long(1), int(type), body);
}

const create = join(buffer("/a"), buffer("x"), OPEN_ACL, Buffer.from([0]), int(1));

/** The last zxid of the member, and the epoch that it has promised. */
async function begin(peer: QuorumPeer): Promise<{ last: bigint; epoch: bigint }> {
  const info = await peer.until(Type.followerInfo, 30_000);
  assert.ok(info);
  const epoch = (info.zxid >> 32n) + 1n;
  peer.send(packetBytes(Type.leaderInfo, zxidOf(epoch, 0), int(0x10000)));
  const promise = await peer.until(Type.ackEpoch, 30_000);
  assert.ok(promise);
  return { last: promise.zxid, epoch };
}

const orphan = join(buffer("/no/parent"), buffer("x"), long(1), Buffer.alloc(60));
/** What the leader sends behind its epoch. */
const WRONG: Readonly<Record<string, (first: bigint, last: bigint) => Buffer>> = {
  "a snapshot without a beginning": (first) =>
    join(packetBytes(Type.snap, first), Buffer.alloc(200, 0xff)),
  "a node without a parent": (first) =>
    join(packetBytes(Type.snap, first), join(int(0), int(0), orphan)),
  "a transaction that calls itself otherwise": (first, last) =>
    join(
      packetBytes(Type.diff, last),
      packetBytes(Type.proposal, first, txn(first + 7n, 1, create)),
    ),
  "a transaction of no kind": (first, last) =>
    join(packetBytes(Type.diff, last), packetBytes(Type.proposal, first, txn(first, 99, create))),
  "a transaction that ends too early": (first, last) =>
    join(packetBytes(Type.diff, last), packetBytes(Type.proposal, first, txn(first, 1, int(50)))),
  "a snapshot from before everything": () => join(packetBytes(Type.snap, -2), EMPTY_TREE),
  "a snapshot of a later epoch": (first) =>
    join(packetBytes(Type.snap, first + zxidOf(7, 0)), EMPTY_TREE),
  "a transaction of a later epoch": (first, last) => {
    const zxid = first + zxidOf(7, 0);
    return join(
      packetBytes(Type.diff, last),
      packetBytes(Type.proposal, zxid, txn(zxid, 1, create)),
    );
  },
  "such a one behind a snapshot": (first) =>
    join(
      packetBytes(Type.snap, first - 1n),
      EMPTY_TREE,
      packetBytes(Type.proposal, first, txn(first, 99, create)),
    ),
};

peerTest(
  "A member leaves a leader that sends what is none, and starts again",
  ["zooid"],
  async () => {
    const played = await playLeader(PORTS.hostileLeader);
    const { member } = played;
    try {
      await played.serves();
      for (const [what, make] of Object.entries(WRONG)) {
        await played.withMember(undefined, async (peer) => {
          const { last, epoch } = await begin(peer);
          peer.send(make(zxidOf(epoch, 1), last));
          // It hangs up.
          assert.equal(await peer.until(Type.ack, 20_000), undefined, what);
          assert.ok(peer.isClosed, what);
        });
        assert.ok(member.isRunning, `${what}: ${member.log().slice(-2000)}`);
        await played.serves();
      }
      await member.server!.stop();
      await played.restart();
      await played.serves();
    } finally {
      await played.discard();
    }
  },
);
