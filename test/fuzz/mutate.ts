// What a hostile or broken client might send: right requests, and what becomes of them when bytes are changed, cut, doubled
// or put together wrongly.

import { bool, frame, int, join, long } from "../compat/raw/bytes.js";
import { handshakeBytes } from "../compat/raw/connection.js";
import * as requests from "../compat/raw/requests.js";
import type { Random } from "../faults/random.js";

const PATHS = [
  "/",
  "/a",
  "/a/b",
  "/a/b/c",
  "/b",
  "/zookeeper",
  "/zookeeper/quota",
  "/zookeeper/quota/a",
  "/zookeeper/quota/a/zookeeper_limits",
  "/zookeeper/config",
  "",
  "x",
  "//",
  "/a/",
  "/a/../b",
  "/\u0000",
  "/\ud83d\ude00",
];
const SCHEMES = ["world", "digest", "ip", "auth", "x509", "sasl", "super", "", "nosuch"];
const IDS = ["anyone", "me:pw", "127.0.0.1", "10.0.0.0/8", "", "a:b:c"];
const INTEGERS = [0, 1, -1, -2, 4, 100, 0x7fffffff, -0x80000000, 0x7ffffffe, 65_536, 1_048_575];
const TYPES = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ...[100, 101, 102, 103, 104, 105, 106, 107, 108, -1, -10, -11, -12, 0x7fffffff],
];
const WORDS =
  "conf cons crst dump envi ruok srst srvr stat wchc wchp wchs mntr isro gtmk stmk dirs hash abcd".split(
    " ",
  );

function randomAcl(random: Random): requests.Acl[] | null {
  if (random.below(4) > 0) return requests.OPEN;
  if (random.below(8) === 0) return null;
  const list: requests.Acl[] = [];
  for (let i = random.below(4); i > 0; i--) {
    list.push(requests.acl(random.pick(SCHEMES), random.pick(IDS), random.below(64)));
  }
  return list;
}

const randomPath = (random: Random) => random.pick(PATHS);
const randomPaths = (random: Random) => [0, 1, 2].map(() => randomPath(random));
const randomData = (random: Random) =>
  random.bytes(random.below(random.below(20) === 0 ? 5000 : 40));
const someInteger = (random: Random) => random.pick(INTEGERS);

type Maker = (random: Random) => requests.Request;

const PARTS: readonly Maker[] = [
  (r) => requests.create(randomPath(r), randomData(r), randomAcl(r), r.below(4)),
  (r) => requests.create2(randomPath(r), randomData(r), randomAcl(r), r.below(8)),
  (r) => requests.createContainer(randomPath(r), randomData(r), randomAcl(r)),
  (r) => requests.createTtl(randomPath(r), randomData(r), someInteger(r), 5 + r.below(2)),
  (r) => requests.remove(randomPath(r), r.below(3) - 1),
  (r) => requests.setData(randomPath(r), randomData(r), r.below(3) - 1),
  (r) => requests.check(randomPath(r), r.below(3) - 1),
];
const READS: readonly Maker[] = [
  (r) => requests.getData(randomPath(r), r.below(2) === 0),
  (r) => requests.getChildren(randomPath(r), r.below(2) === 0),
];
const several = (random: Random, makers: readonly Maker[]) =>
  Array.from({ length: random.below(6) }, () => random.pick(makers)(random));

/** A wrong one ends the connection, and with it all that would come after. */
function proof(random: Random): requests.Request {
  if (random.below(5) > 0) return requests.auth("digest", "me:pw");
  const data = randomData(random);
  return random.below(2) === 0 ? requests.auth(random.pick(SCHEMES), data) : requests.sasl(data);
}

const MAKERS: readonly Maker[] = [
  ...PARTS,
  ...READS,
  (r) => requests.exists(randomPath(r), r.below(2) === 0),
  (r) => requests.getChildren2(randomPath(r), r.below(2) === 0),
  (r) => requests.getAcl(randomPath(r)),
  (r) => requests.setAcl(randomPath(r), randomAcl(r), r.below(3) - 1),
  (r) => requests.sync(randomPath(r)),
  () => requests.ping(),
  () => requests.whoAmI(),
  (r) => requests.getEphemerals(randomPath(r)),
  (r) => requests.getAllChildrenNumber(randomPath(r)),
  (r) => requests.addWatch(randomPath(r), someInteger(r)),
  (r) => requests.checkWatches(randomPath(r), r.below(7)),
  (r) => requests.removeWatches(randomPath(r), r.below(7)),
  (r) => (r.below(6) === 0 ? proof(r) : requests.ping()),
  (r) => requests.setWatches(r.below(100), randomPaths(r), randomPaths(r), randomPaths(r)),
  (r) => requests.setWatches2(r.below(100), randomPaths(r), [], randomPaths(r), [], randomPaths(r)),
  () => requests.reconfig(null, "1", null, -1),
  (r) => requests.multi(...several(r, PARTS)),
  (r) => requests.multi(...several(r, [...PARTS, ...READS])),
  (r) => requests.multiRead(...several(r, READS)),
  (r) => requests.deleteContainer(randomPath(r)),
];

/** Bytes changed at random places: single bits, lengths, runs cut out, doubled or thrown in. */
export function mutate(random: Random, bytes: Buffer): Buffer {
  let out = Buffer.from(bytes);
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = random.below(out.length + 1);
    const what = random.below(6);
    if (what === 0 && at < out.length) out[at] = out[at]! ^ (1 << random.below(8));
    else if (what === 1) out = out.subarray(0, at);
    else if (what === 2) out = join(out, random.bytes(random.below(20)));
    else if (what === 3 && at + 4 <= out.length) int(someInteger(random)).copy(out, at);
    else if (what === 4) out = join(out.subarray(0, at), random.bytes(1), out.subarray(at));
    else out = join(out.subarray(0, at), out.subarray(at + random.below(8)));
  }
  return out;
}

export interface Frame {
  readonly bytes: Buffer;
  /** Its length is not what follows: the server may wait for more, for ever. */
  readonly isOpenEnded: boolean;
}

/** A request within a session, in its frame. */
export function requestFrame(random: Random): Frame {
  const request = random.pick(MAKERS)(random);
  const isRight = random.below(4) === 0;
  // What ends the connection is seldom, so that there is something for it to end.
  const type = random.below(60) === 0 ? random.pick(TYPES) : request.type;
  const xid = random.below(20) === 0 ? someInteger(random) : (request.xid ?? random.below(1000));
  const body = isRight ? request.body : mutate(random, request.body);
  const whole = frame(int(xid), int(type), body);
  if (random.below(100) > 0) return { bytes: whole, isOpenEnded: false };
  return { bytes: mutate(random, whole), isOpenEnded: true };
}

export function strangeHandshake(random: Random): Buffer {
  const right = handshakeBytes({
    protocolVersion: someInteger(random),
    lastZxidSeen: random.below(3) === 0 ? someInteger(random) : 0,
    timeoutMs: someInteger(random),
    sessionId: random.below(2) === 0 ? 0n : BigInt(someInteger(random)),
    password: random.bytes(random.below(30)),
    readOnly: random.pick([true, false, undefined]),
  });
  return random.below(3) === 0 ? right : mutate(random, right);
}

export function strangeWord(random: Random): Buffer {
  const word = Buffer.from(random.pick(WORDS));
  const argument = random.pick([Buffer.alloc(0), long(random.below(1000)), bool(true)]);
  const whole = join(word, argument);
  return random.below(3) === 0 ? mutate(random, whole) : whole;
}
