// What a hostile or broken member might send: on the election port introductions and votes, on the quorum port packets, and
// what authenticates a member on either; right ones, and what becomes of them.

import { buffer, frame, int, join, long, vector } from "../compat/raw/bytes.js";
import type { Random } from "../faults/random.js";
import { mutate } from "./mutate.js";

/** Members of the ensemble that is fuzzed, one that is not running, and some that nobody knows. */
const SIDS = [1, 2, 3, 3, 3, 7, 200, 0, -1, 2 ** 31];
const NUMBERS = [0, 1, 2, 5, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53, -(2 ** 40)];
const CONFIGURATION = "server.1=127.0.0.1:1:2:participant;127.0.0.1:3\nversion=0";

const number = (random: Random): number => random.pick(NUMBERS);
const sid = (random: Random): number => random.pick(SIDS);

function broken(random: Random, bytes: Buffer): Buffer {
  return random.below(3) === 0 ? mutate(random, bytes) : bytes;
}

/** What comes behind something broken is seldom looked at. */
function seldomBroken(random: Random, bytes: Buffer): Buffer {
  return random.below(8) === 0 ? mutate(random, bytes) : bytes;
}

/** The first bytes on the election port, in the ways of 3.4, 3.5 and 3.6. */
function introduction(random: Random): Buffer {
  const who = long(sid(random));
  if (random.below(4) === 0) return who;
  const addresses = random.pick(["127.0.0.1:1", "[::1]:1|127.0.0.1:2", "x", "", "h:99999", "|||"]);
  return join(long(random.pick([-65536, -65535, -65534])), who, buffer(addresses));
}

function vote(random: Random): Buffer {
  const state = int(random.pick([0, 1, 2, 3, 4, -1]));
  const body = join(state, long(sid(random)), ...[0, 0, 0].map(() => long(number(random))));
  if (random.below(4) === 0) return frame(body);
  return frame(body, int(random.pick([0, 1, 2, 3])), buffer(random.pick([CONFIGURATION, "x", ""])));
}

function authentication(random: Random): Buffer {
  const token = random.pick([Buffer.alloc(0), random.bytes(40), Buffer.from('username="zoo"')]);
  const magic = random.below(4) === 0 ? number(random) : 0x5f2435013501edccn;
  return join(long(magic), int(random.pick([0, 1, -1, 7])), buffer(token));
}

/** What somebody sends on one connection, and how many inputs that is: votes, packets, requests. */
export interface Thrown {
  readonly bytes: Buffer;
  readonly inputs: number;
}

/** What somebody sends on one connection to the election port. */
export function electionBytes(random: Random): Thrown {
  const parts = [broken(random, introduction(random))];
  if (random.below(4) === 0) parts.push(broken(random, authentication(random)));
  for (let i = random.below(16); i > 0; i--) parts.push(seldomBroken(random, vote(random)));
  return { bytes: join(...parts), inputs: parts.length };
}

const PACKET_TYPES = [...Array.from({ length: 22 }, (_, type) => type), -1, 100, 2 ** 31 - 1];

function packetData(random: Random, type: number): Buffer | null {
  switch (random.below(8) === 0 ? random.below(20) : type) {
    case 1:
      return join(long(number(random)), int(5), int(random.pick([1, 2, 5, 9, 14])), buffer("/x"));
    case 5:
      return join(...[0, 0].map(() => join(long(number(random)), int(4000))));
    case 6:
      return join(long(number(random)), int(random.pick([4000, -1])));
    case 11:
    case 16:
      return join(long(sid(random)), int(random.pick([0x10000, 1, 0])), long(number(random)));
    case 17:
    case 18:
      return int(random.pick([0, 1, 2, 2 ** 31 - 1, -1]));
    default:
      return random.below(2) === 0 ? null : random.bytes(random.below(60));
  }
}

function packet(random: Random, type: number): Buffer {
  const ids =
    random.below(8) === 0
      ? [join(buffer("digest"), buffer("super")), join(buffer(null), buffer(""))]
      : null;
  return join(int(type), long(number(random)), buffer(packetData(random, type)), vector(ids));
}

/** What somebody sends on one connection to the quorum port: often as a learner should begin. */
export function quorumBytes(random: Random): Thrown {
  const parts: Buffer[] = [];
  if (random.below(6) === 0) parts.push(broken(random, authentication(random)));
  if (random.below(3) > 0) {
    parts.push(broken(random, packet(random, random.pick([11, 16]))));
    parts.push(broken(random, packet(random, 18)));
    if (random.below(2) === 0) parts.push(packet(random, 3));
  }
  for (let i = 1 + random.below(16); i > 0; i--) {
    parts.push(seldomBroken(random, packet(random, random.pick(PACKET_TYPES))));
  }
  const inputs = parts.length;
  if (random.below(10) === 0) parts.push(random.bytes(random.below(40)));
  return { bytes: join(...parts), inputs };
}
