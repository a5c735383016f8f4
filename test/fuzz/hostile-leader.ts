// A leader that means no good. Member 1 is real; servers 2 and 3 of its configuration are played here: they say by votes that
// 3 leads, and whoever follows 3 is sent what no leader would send: other phases, forged epochs, snapshots that are none or
// have no end, histories with holes, transactions that cannot be read, orders to cut the log anywhere.
//
// In the end 3 leads as it should, and the member must follow.

import { connect, createServer, type Server, type Socket } from "node:net";
import { Ensemble, type Member, until } from "../compat/ensemble-world.js";
import { buffer, frame, int, join, long, vector } from "../compat/raw/bytes.js";
import type { Random } from "../faults/random.js";
import type { Front } from "./campaign.js";
import { mutate } from "./mutate.js";
import { fuzzPorts } from "./ports.js";
import { packetBytes, perhapsOffer, QuorumPeer, Type, zxidOf } from "./quorum-peer.js";
import { PATIENCE_MS } from "./throw.js";

const LEADING = 2;
const FOLLOWING = 1;
const SIDS = { follower: 2, leader: 3 } as const;

/** Says on the election port, again and again as it is asked, that 3 leads and 2 follows. */
class Voters {
  readonly #port: number;
  readonly #addresses: string;
  #sockets: Socket[] = [];
  #isOver = false;

  constructor(port: number, addresses: string) {
    this.#port = port;
    this.#addresses = addresses;
    for (const sid of Object.values(SIDS)) this.#call(sid);
  }

  close(): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #call(sid: number): void {
    if (this.#isOver) return;
    const socket = connect({ port: this.#port, host: "127.0.0.1" });
    this.#sockets = [...this.#sockets.filter(({ destroyed }) => !destroyed), socket];
    socket.on("error", () => {});
    socket.once("close", () => setTimeout(() => this.#call(sid), 20));
    socket.once("connect", () => {
      socket.write(join(long(-65536), long(sid), buffer(this.#addresses)));
    });
    let unread: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0)) {
        const end = 4 + unread.readInt32BE(0);
        this.#answer(socket, sid, unread.subarray(4, end));
        unread = unread.subarray(end);
      }
    });
  }

  #answer(socket: Socket, sid: number, vote: Buffer): void {
    const round = vote.readBigInt64BE(20);
    const state = int(sid === SIDS.leader ? LEADING : FOLLOWING);
    const body = join(state, long(SIDS.leader), long(2n ** 50n), long(round), long(1n << 20n));
    socket.write(frame(body, int(2), buffer("")));
  }
}

// ------------------------------------------------------------------------------------------------------ what it is sent

const OPEN_ACL = vector([join(int(31), buffer("world"), buffer("anyone"))]);

function node(path: string | Buffer, data: Buffer, aclId = 1): Buffer {
  const stat = Buffer.alloc(60);
  return join(buffer(path), buffer(data), long(aclId), stat);
}

/** The stream behind a SNAP of a new ensemble. */
export const EMPTY_TREE = join(
  join(int(0), int(1), long(1), OPEN_ACL),
  ...["", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"].map((path) =>
    node(path, Buffer.alloc(0)),
  ),
  buffer("/"),
  buffer("BenWasHere"),
);

/** The stream behind a SNAP: sessions, ACLs, nodes. */
function snapshot(random: Random): Buffer {
  const nodes = [node("", Buffer.alloc(0)), node("/zookeeper", Buffer.alloc(0))];
  const names = [
    "/a",
    "/a/b",
    "/b",
    "/zookeeper/config",
    "/zookeeper/quota",
    "/missing/x",
    "x",
    "",
  ];
  for (let i = random.below(6); i > 0; i--) {
    const data = random.bytes(random.below(40));
    nodes.push(node(random.pick(names), data, random.pick([1, 1, 1, -1, 99])));
  }
  const sessions = join(int(1), long(random.below(100)), int(4000));
  const acls = join(int(1), long(1), OPEN_ACL);
  return join(sessions, acls, ...nodes, buffer("/"), buffer("BenWasHere"));
}

const header = (random: Random, zxid: bigint, type: number): Buffer =>
  join(long(random.pick([0, 1, -1])), int(1), long(zxid), long(random.below(1e6)), int(type));

/** A transaction as it is proposed: right ones, and what becomes of them. */
function txn(random: Random, zxid: bigint): Buffer {
  const path = buffer(random.pick(["/a", "/b", "/a/b", "/", "", "x", "/zookeeper/config"]));
  const data = buffer(random.bytes(random.below(30)));
  const kinds: readonly (() => Buffer)[] = [
    () => join(header(random, zxid, 1), path, data, OPEN_ACL, Buffer.from([0]), int(1)),
    () => join(header(random, zxid, 5), path, data, int(random.below(3))),
    () => join(header(random, zxid, 2), path),
    () => join(header(random, zxid, 7), path, OPEN_ACL, int(1)),
    () => join(header(random, zxid, -10), int(random.pick([4000, -1]))),
    () => join(header(random, zxid, -11), vector(null)),
    () => join(header(random, zxid, -1), int(-101)),
    () => join(header(random, zxid, 14), vector([join(int(5), buffer(join(path, data, int(1))))])),
    () => join(header(random, zxid, 16), path, data, int(1)),
    () => join(header(random, zxid, random.below(120)), random.bytes(random.below(40))),
  ];
  const made = random.pick(kinds)();
  return random.below(4) === 0 ? mutate(random, made) : made;
}

interface Course {
  epoch: bigint;
  /** Of the last that was proposed. */
  last: bigint;
}

function historyPacket(random: Random, course: Course): Buffer {
  const next = zxidOf(course.epoch, (course.last & 0xffffffffn) + 1n);
  const strange = random.pick([
    0n,
    -1n,
    course.last,
    next + 1n,
    zxidOf(course.epoch + 1n, 1),
    2n ** 62n,
  ]);
  const zxid = random.below(6) === 0 ? strange : next;
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      course.last = zxid;
      const proposal = packetBytes(Type.proposal, zxid, txn(random, zxid));
      return join(
        proposal,
        random.below(3) === 0 ? Buffer.alloc(0) : packetBytes(Type.commit, zxid),
      );
    }
    case 4:
      return packetBytes(Type.commit, random.below(2) === 0 ? course.last : zxid);
    case 5:
      return packetBytes(
        random.pick([Type.inform, Type.informAndActivate]),
        zxid,
        txn(random, zxid),
      );
    case 6:
      return packetBytes(Type.commitAndActivate, course.last, random.bytes(random.below(20)));
    case 7:
      return packetBytes(Type.ping, zxid, random.bytes(random.below(30)));
    case 8: {
      const answer = join(long(random.below(100)), Buffer.from([random.below(3)]));
      return packetBytes(random.pick([Type.revalidate, Type.sync]), zxid, mutate(random, answer));
    }
    default:
      return packetBytes(
        random.below(22),
        zxid,
        random.below(2) ? null : random.bytes(random.below(40)),
      );
  }
}

/** How the member is brought forward: as it should be, or not. */
function synchronization(random: Random, course: Course, memberLast: bigint): Buffer {
  const parts: Buffer[] = [];
  const what = random.below(8);
  const strange = random.pick([
    0n,
    1n,
    -1n,
    memberLast + 1n,
    memberLast - 1n,
    zxidOf(course.epoch, 5),
  ]);
  if (what < 3) {
    parts.push(packetBytes(Type.diff, random.below(3) === 0 ? strange : memberLast));
  } else if (what < 5) {
    parts.push(packetBytes(Type.trunc, strange));
  } else {
    const zxid = random.below(3) === 0 ? strange : zxidOf(course.epoch, 0);
    const stream = snapshot(random);
    course.last = zxid;
    parts.push(packetBytes(Type.snap, zxid));
    parts.push(random.below(2) === 0 ? stream : mutate(random, stream));
    // Without an end: nodes and nodes.
    if (random.below(12) === 0) {
      const many = Array.from({ length: 2000 }, (_, i) => node(`/n${i}`, Buffer.alloc(500)));
      parts[1] = join(stream.subarray(0, stream.length - 19), ...many);
    }
  }
  for (let i = random.below(4); i > 0; i--) parts.push(historyPacket(random, course));
  return join(...parts);
}

/** One follower's connection; how many packets it was sent. */
async function lead(random: Random, peer: QuorumPeer): Promise<number> {
  const info = await peer.until(Type.followerInfo, 1000);
  if (info === undefined) return 0;
  let sent = 1;
  const accepted = info.zxid >> 32n;
  const course: Course = { epoch: accepted + 1n, last: zxidOf(accepted + 1n, 0) };
  if (random.below(8) === 0) {
    const forged = random.pick([-1n, 0n, accepted, accepted - 1n, 2n ** 22n, 2n ** 31n - 1n]);
    peer.send(
      packetBytes(Type.leaderInfo, zxidOf(forged, 0), random.below(2) ? int(0x10000) : null),
    );
    if (forged !== accepted) return sent;
  } else if (random.below(12) === 0) peer.send(historyPacket(random, course));
  else peer.send(packetBytes(Type.leaderInfo, course.last, perhapsOffer(random, 0x10000)));
  const promise = await peer.until(Type.ackEpoch, 1000);
  if (promise === undefined) return sent;
  peer.send(synchronization(random, course, promise.zxid));
  sent += 2;
  if (random.below(8) > 0) {
    const config = random.pick([null, null, Buffer.from("server.1=x"), random.bytes(20)]);
    peer.send(packetBytes(Type.newLeader, zxidOf(course.epoch, 0), config));
    sent++;
    if ((await peer.until(Type.ack, 300)) !== undefined) peer.send(packetBytes(Type.upToDate, -1));
  }
  for (let batch = 1 + random.below(4); batch > 0 && !peer.isClosed; batch--) {
    const count = 1 + random.below(60);
    peer.send(...Array.from({ length: count }, () => historyPacket(random, course)));
    sent += count;
    await peer.flushed();
    await peer.packet(PATIENCE_MS / 10);
    peer.forget();
  }
  return sent;
}

/** As a leader should, from where the member is; answers when the member has acknowledged. */
async function leadRightly(peer: QuorumPeer): Promise<boolean> {
  const info = await peer.until(Type.followerInfo, 5000);
  if (info === undefined) return false;
  const epoch = (info.zxid >> 32n) + 1n;
  peer.send(packetBytes(Type.leaderInfo, zxidOf(epoch, 0), int(0x10000)));
  const promise = await peer.until(Type.ackEpoch, 5000);
  if (promise === undefined) return false;
  // Below zero: it has lost its data, or could not cut back what it has, and wants everything.
  if (promise.zxid >= 0n) peer.send(packetBytes(Type.diff, promise.zxid));
  else peer.send(packetBytes(Type.snap, zxidOf(epoch, 0)), EMPTY_TREE);
  peer.send(packetBytes(Type.newLeader, zxidOf(epoch, 0)));
  if ((await peer.until(Type.ack, 5000)) === undefined) return false;
  peer.send(packetBytes(Type.upToDate, -1));
  return true;
}

/** Where the member finds its leader. */
class Court {
  readonly #server: Server;
  #waiting: ((peer: QuorumPeer) => void)[] = [];
  readonly #come: QuorumPeer[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      const peer = new QuorumPeer(socket);
      const next = this.#waiting.shift();
      if (next === undefined) this.#come.push(peer);
      else next(peer);
    });
  }

  open(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  next(): Promise<QuorumPeer | undefined> {
    const there = this.#come.shift();
    if (there !== undefined) return Promise.resolve(there);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((one) => one !== give);
        resolve(undefined);
      }, 3000);
      const give = (peer: QuorumPeer) => {
        clearTimeout(timer);
        resolve(peer);
      };
      this.#waiting.push(give);
    });
  }

  close(): void {
    this.#server.close();
    for (const peer of this.#come) peer.destroy();
  }
}

/** Member 1, and the leader that it finds. */
export interface Played {
  readonly member: Member;
  /** With its next connection; `none` where there is none in three seconds. */
  withMember<T>(none: T, act: (peer: QuorumPeer) => Promise<T>): Promise<T>;
  /** It follows a leader that does as it should. */
  serves(): Promise<void>;
  /** After a stop. */
  restart(): Promise<void>;
  discard(): Promise<void>;
}

export async function playLeader(basePort: number): Promise<Played> {
  const ensemble = new Ensemble({
    basePort,
    members: [1, 2, 3].map(() => ({ kind: "zooid" as const })),
    cfg: { tickTime: 500, preAllocSize: 64, snapCount: 1000, leaderConnectDelayDuringRetryMs: 20 },
  });
  const leaderPort = ensemble.member(3).port;
  const court = new Court();
  await court.open(leaderPort + 1);
  await ensemble.launch(1);
  const member = ensemble.member(1);
  const voters = new Voters(member.port + 2, `127.0.0.1:${leaderPort + 2}`);
  const withMember = async <T>(none: T, act: (peer: QuorumPeer) => Promise<T>): Promise<T> => {
    const peer = await court.next();
    if (peer === undefined) return none;
    try {
      return await act(peer);
    } finally {
      peer.destroy();
    }
  };
  const leadOnce = async (peer: QuorumPeer): Promise<boolean> => {
    if (!(await leadRightly(peer))) return false;
    await until("it serves", async () => (await member.mode()) === "follower", 30_000);
    return true;
  };
  return {
    member,
    withMember,
    serves: () => until("the member follows", () => withMember(false, leadOnce), 60_000),
    restart: () => ensemble.launch(1),
    discard: async () => {
      voters.close();
      court.close();
      await ensemble.discard();
    },
  };
}

export async function leaderFront(): Promise<Front> {
  const { member, withMember, serves, discard } = await playLeader(fuzzPorts());
  return {
    callers: 1,
    checkEvery: 2000,
    servers: () => [member.server!],
    attack: (random) => withMember(0, (peer) => lead(random, peer)),
    serves,
    discard,
  };
}
