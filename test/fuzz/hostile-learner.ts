// A learner that knows the password and means no good: it registers with the leader, rightly or not, goes as far as it likes
// in the synchronization, and then sends what no learner would: packets of the wrong phase, zxids that were never proposed,
// epochs of its own, floods of REVALIDATE and of touches, requests that are large, nonsense, or not for clients to make.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { Ensemble } from "../compat/ensemble-world.js";
import { buffer, int, join, long } from "../compat/raw/bytes.js";
import { responseTo } from "../compat/sasl/digest-attempts.js";
import type { Random } from "../faults/random.js";
import type { Front } from "./campaign.js";
import { electionBytes } from "./member-frames.js";
import { mutate, requestFrame } from "./mutate.js";
import { ensembleServes, fuzzPorts } from "./ports.js";
import { authPacket, packetBytes, perhapsOffer, QuorumPeer, Type, zxidOf } from "./quorum-peer.js";
import { PATIENCE_MS, tcp, throwBytes } from "./throw.js";

const MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule";
const JAAS = `QuorumServer { ${MODULE} required user_zoo="animal"; };
QuorumLearner { ${MODULE} required username="zoo" password="animal"; };\n`;

/** Member 3 of the configuration, and learners that nobody knows. */
const SIDS = [3, 3, 3, 4, 5, 17, 200, -1];
const ZXIDS = [0n, 1n, -1n, zxidOf(1, 1), zxidOf(1, 2 ** 31), zxidOf(2 ** 21, 0), 2n ** 63n - 1n];
const COUNTERS = [0, 1, 2, 3, 100, 2 ** 32 - 1];
const STATUSES = [0, 1, -1, 7];

interface Met {
  readonly epoch: bigint;
}

const someZxid = (random: Random, { epoch }: Met): bigint =>
  random.below(3) === 0 ? random.pick(ZXIDS) : zxidOf(epoch, random.pick(COUNTERS));

const sessionId = (random: Random): bigint =>
  random.pick([0n, 1n, 0x1_0000_0000n, 0x0100_0000_0000_0000n, -1n, BigInt(random.below(1000))]);

/** REQUEST: whose session, xid, type, body; now and then as large as may be. */
function request(random: Random): Buffer {
  if (random.below(60) === 0) {
    const body = join(buffer("/large"), buffer(Buffer.alloc(900_000)), int(-1));
    return join(long(sessionId(random)), int(1), int(5), body);
  }
  const { bytes } = requestFrame(random);
  const inner = bytes.subarray(Math.min(4, bytes.length));
  const whole = join(long(sessionId(random)), inner);
  return random.below(4) === 0 ? mutate(random, whole) : whole;
}

const touches = (random: Random, most: number): Buffer =>
  join(
    ...Array.from({ length: random.below(most) }, () =>
      join(long(sessionId(random)), int(random.pick([4000, -1, 0, 2 ** 31 - 1]))),
    ),
  );

function strangePacket(random: Random, met: Met): Buffer {
  const zxid = someZxid(random, met);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return packetBytes(Type.request, zxid, request(random));
    case 3:
      return packetBytes(Type.ack, zxid);
    case 4:
      return packetBytes(Type.ping, zxid, touches(random, 40));
    case 5:
      return packetBytes(
        Type.revalidate,
        zxid,
        join(long(sessionId(random)), int(random.pick([4000, -1, 0]))),
      );
    case 6:
      return packetBytes(Type.sync, zxid, random.bytes(random.below(30)));
    case 7: {
      const info = join(long(random.pick(SIDS)), int(0x10000), long(zxid));
      return packetBytes(random.pick([Type.followerInfo, Type.observerInfo]), zxid, info);
    }
    case 8:
      return packetBytes(Type.ackEpoch, zxid, int(random.pick([0, 1, -1, 2 ** 31 - 1])));
    case 9:
      return packetBytes(random.below(22), zxid, random.bytes(random.below(80)));
    case 10:
      return mutate(random, packetBytes(Type.request, zxid, request(random)));
    default:
      return packetBytes(
        random.pick([Type.proposal, Type.commit, Type.newLeader, Type.snap]),
        zxid,
      );
  }
}

/** Many of one kind at once. */
function flood(random: Random, met: Met): Buffer[] {
  const count = 50 + random.below(400);
  const what = random.below(4);
  return Array.from({ length: count }, () => {
    if (what === 0)
      return packetBytes(Type.revalidate, 0, join(long(sessionId(random)), int(4000)));
    if (what === 1) return packetBytes(Type.ack, someZxid(random, met));
    if (what === 2) return packetBytes(Type.ping, 0, touches(random, 300));
    return packetBytes(Type.request, 0, request(random));
  });
}

/** How far it goes as it should; undefined: the leader has sent it away. */
async function register(peer: QuorumPeer, random: Random): Promise<Met | undefined> {
  const met = { epoch: 1n };
  const steps = random.below(5);
  if (steps === 0) return met;
  const accepted = zxidOf(random.below(6) === 0 ? random.pick([-1, 2 ** 21, 2 ** 31]) : 0, 0);
  const info = join(long(random.pick(SIDS)), int(0x10000), long(0));
  peer.send(
    packetBytes(random.below(4) === 0 ? Type.observerInfo : Type.followerInfo, accepted, info),
  );
  if (steps === 1) return met;
  const leaderInfo = await peer.until(Type.leaderInfo);
  if (leaderInfo === undefined) return undefined;
  met.epoch = leaderInfo.zxid >> 32n;
  const last = random.below(3) === 0 ? someZxid(random, met) : 0n;
  const currentEpoch = random.below(4) === 0 ? 1 : 0;
  peer.send(packetBytes(Type.ackEpoch, last, perhapsOffer(random, currentEpoch)));
  if (steps === 2) return met;
  const newLeader = await peer.until(Type.newLeader);
  if (newLeader === undefined) return undefined;
  peer.send(packetBytes(Type.ack, newLeader.zxid));
  if (steps === 4) await peer.until(Type.upToDate);
  return met;
}

async function learnerLife(random: Random, port: number): Promise<number> {
  const peer = new QuorumPeer(connect({ port, host: "127.0.0.1" }));
  try {
    if (random.below(8) === 0) return await strangeAuthentication(peer, random);
    if (!(await peer.authenticate("zoo", "animal"))) return 1;
    const met = await register(peer, random);
    if (met === undefined) return 2;
    let packets = 2;
    for (let batch = 1 + random.below(6); batch > 0 && !peer.isClosed; batch--) {
      const parts =
        random.below(6) === 0
          ? flood(random, met)
          : Array.from({ length: 1 + random.below(30) }, () => strangePacket(random, met));
      packets += parts.length;
      peer.send(...parts);
      await peer.flushed();
      peer.forget();
    }
    if (random.below(8) === 0) await peer.packet(PATIENCE_MS);
    return packets;
  } finally {
    peer.destroy();
  }
}

/** Tokens that prove nothing. */
async function strangeAuthentication(peer: QuorumPeer, random: Random): Promise<number> {
  const right = responseTo(
    'nonce="x",realm="zk-quorum-sasl-md5"',
    { name: "", user: "zoo", password: "animal" },
    "zookeeper-quorum/zk-quorum-sasl-md5",
  );
  const tokens = [Buffer.alloc(0), right, mutate(random, right), random.bytes(60)];
  const count = 1 + random.below(4);
  for (let i = 0; i < count && !peer.isClosed; i++) {
    const packet = authPacket(
      random.pick(STATUSES),
      i === 0 ? Buffer.alloc(0) : random.pick(tokens),
    );
    peer.send(random.below(4) === 0 ? mutate(random, packet) : packet);
    await peer.packet(PATIENCE_MS / 5);
  }
  return count;
}

export async function learnerFront(): Promise<Front> {
  const directory = mkdtempSync(joinPath(tmpdir(), "zooid-fuzz-"));
  writeFileSync(joinPath(directory, "jaas.conf"), JAAS);
  const ensemble = new Ensemble({
    basePort: fuzzPorts(),
    members: [1, 2, 3].map(() => ({ kind: "zooid" as const })),
    cfg: {
      "quorum.auth.enableSasl": "true",
      "quorum.auth.learnerRequireSasl": "true",
      "quorum.auth.serverRequireSasl": "true",
      preAllocSize: 1024,
    },
    properties: {
      "zookeeper.fips-mode": "false",
      "java.security.auth.login.config": joinPath(directory, "jaas.conf"),
    },
  });
  await ensemble.start(1, 2);
  const ports = (offset: number) => [1, 2].map((sid) => ensemble.member(sid).port + offset);
  const [follower, leader] = ports(1) as [number, number];
  const elections = ports(2);
  return {
    callers: 6,
    checkEvery: 10_000,
    servers: () => [1, 2].map((sid) => ensemble.member(sid).server!),
    attack: async (random) => {
      if (random.below(6) > 0) return learnerLife(random, random.below(8) > 0 ? leader : follower);
      // Votes and introductions of somebody who has proven nothing.
      const { bytes, inputs } = electionBytes(random);
      await throwBytes(tcp(random.pick(elections)), random, bytes);
      return inputs;
    },
    serves: () => ensembleServes(ensemble),
    discard: async () => {
      rmSync(directory, { recursive: true, force: true });
      await ensemble.discard();
    },
  };
}
