// The first packet, sessions that are renewed, taken over, refused and forgotten; and frames that are none.

import { buffer, frame, int, join, long } from "../../raw/bytes.js";
import {
  closeSession,
  create,
  exists,
  getData,
  Mode,
  OPEN,
  ping,
  sasl,
  setData,
} from "../../raw/requests.js";
import {
  bytes,
  connect,
  dial,
  drop,
  renew,
  type Script,
  type Step,
  untilClosed,
} from "../steps.js";

const NO_KICK =
  "Java closes the session's connection before it has looked at the password: whoever guesses an id can cut it";

export const handshakeScript: Script = {
  name: "handshake",
  otherwise: {
    "a-wrong connects as a password=<09090909090909090909090909090909>": NO_KICK,
    'a > exists "/" false': NO_KICK,
    "a2 connects as a timeoutMs=20000": NO_KICK,
  },
  steps: [
    connect("a"),
    connect("old", { readOnly: undefined }),
    ["old", create("/old", ""), exists("/old")],
    connect("ro", { readOnly: true }),
    ["ro", create("/ro", "")],
    ...[0, 1, -1, 3999, 4000, 4001, 39_999, 40_000, 40_001, 0x7fffffff, -0x80000000].map(
      (timeoutMs, i): Step => connect(`t${i}`, { timeoutMs }),
    ),
    connect("v1", { protocolVersion: 1 }),
    connect("v-1", { protocolVersion: -1 }),
    connect("z1", { lastZxidSeen: 1 }),
    connect("ahead", { lastZxidSeen: 1n << 40n }),
    connect("z-1", { lastZxidSeen: -1 }),
    connect("p0", { password: Buffer.alloc(0) }),
    connect("p-null", { password: null }),
    connect("p1", { password: Buffer.from([1, 2, 3]) }),
    connect("p-other", { password: Buffer.alloc(16, 7) }),
    connect("extra", { extra: int(5) }),
    connect("old-extra", { readOnly: undefined, extra: Buffer.from([2]) }),
    connect("unknown", { sessionId: 0x1234n, password: Buffer.alloc(16) }),
    connect("unknown-old", { sessionId: 0x1234n, password: Buffer.alloc(16), readOnly: undefined }),
    connect("unknown-negative", { sessionId: -5n }),
    renew("a-wrong", "a", { password: Buffer.alloc(16, 9) }),
    renew("a-null", "a", { password: null }),
    renew("a-short", "a", { password: Buffer.alloc(3) }),
    ["a", exists("/")],
    renew("a2", "a", { timeoutMs: 20_000 }),
    ["a2", create("/a2", "", OPEN, Mode.ephemeral)],
    renew("a3", "a2", { timeoutMs: 1 }),
    ["a3", getData("/a2")],
    drop("a3"),
    renew("a4", "a3", { readOnly: undefined }),
    ["a4", getData("/a2"), closeSession()],
    renew("a5", "a4"),
    connect("b"),
    ["b", exists("/a2"), closeSession()],
    connect("c"),
    ["c", closeSession()],
    connect("d"),
    ["d", ping(), ping(), exists("/"), ping()],
    connect("s"),
    ["s", sasl("token")],
    ["s", exists("/")],
    connect("s2"),
    ["s2", sasl(null)],
  ],
};

const ZEROS = Buffer.alloc(64);

const FIRST_BYTES: readonly (readonly [string, Buffer])[] = [
  ["an empty frame", int(0)],
  ["a length of -1", int(-1)],
  ["a length of -2^31", int(-0x80000000)],
  ["a length of 2^31-1", int(0x7fffffff)],
  ["a length of 1048576", int(1_048_576)],
  ["a length of 1048574 and little more", join(int(1_048_574), ZEROS)],
  ["a frame of 4 bytes", frame(int(0))],
  ["a frame of 27 bytes", frame(ZEROS.subarray(0, 27))],
  ["a record without a password", frame(int(0), long(0), int(10_000), long(0))],
  ["a password of length -2", frame(int(0), long(0), int(10_000), long(0), int(-2))],
  ["a password of length 2^31-1", frame(int(0), long(0), int(10_000), long(0), int(0x7fffffff))],
  ["a password that is cut", frame(int(0), long(0), int(10_000), long(0), int(16), long(0))],
  ["a request for a handshake", frame(int(1), int(3), buffer("/"), Buffer.from([0]))],
  ["a request of HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ["a TLS hello", Buffer.from("16030100a5010000a10303", "hex")],
  ["a word that does not exist", Buffer.from("quit")],
  ["telnet's close", Buffer.from("fff4fffd", "hex")],
];

export const firstBytesScript: Script = {
  name: "first-bytes",
  steps: FIRST_BYTES.flatMap(([label, what], i): Step[] => [
    dial(`c${i}`),
    // A frame that is announced and never comes leaves the connection waiting: not for us to wait for.
    label.endsWith("little more") ? drop(`c${i}`) : bytes(`c${i}`, label, what),
  ]),
};

const request = (xid: number, type: number, ...body: Buffer[]) =>
  frame(int(xid), int(type), ...body);
const EXISTS_ROOT = request(1, 3, buffer("/"), Buffer.from([0]));

const LATER_BYTES: readonly (readonly [string, Buffer, number])[] = [
  ["an empty frame", int(0), 1],
  ["a frame of 4 bytes", frame(int(1)), 1],
  ["a length of -1", int(-1), 1],
  ["a length above jute.maxbuffer", int(1_048_576), 1],
  ["a length of 2^31-1", int(0x7fffffff), 1],
  [
    "two requests and half of a third",
    join(EXISTS_ROOT, EXISTS_ROOT, EXISTS_ROOT.subarray(0, 9)),
    2,
  ],
  ["a four-letter word", Buffer.from("ruok"), 1],
];

export const laterBytesScript: Script = {
  name: "later-bytes",
  steps: [
    ...LATER_BYTES.flatMap(([label, what, answers], i): Step[] => [
      connect(`c${i}`),
      bytes(`c${i}`, label, what, answers),
    ]),
    connect("z"),
    ["z", exists("/")],
  ],
};

export const sizesScript: Script = {
  name: "sizes",
  properties: { "jute.maxbuffer": 4096 },
  steps: [
    connect("a"),
    ["a", create("/fits", Buffer.alloc(3000)), setData("/fits", Buffer.alloc(4000))],
    ["a", getData("/fits"), exists("/fits")],
    ["a", setData("/fits", Buffer.alloc(4096 - 8 - 4 - 5 - 4 - 4)), exists("/fits")],
    ["a", setData("/fits", Buffer.alloc(4096 - 8 - 4 - 5 - 4 - 4 + 1)), exists("/fits")],
    connect("b"),
    ["b", setData("/fits", Buffer.alloc(9000))],
    connect("c"),
    ["c", exists("/fits")],
  ],
};

/** Nobody keeps the session alive: it expires, and its ephemerals go. */
export const expiryScript: Script = {
  name: "expiry",
  steps: [
    connect("w", { timeoutMs: 40_000 }),
    // Long enough to be used before, on a machine that is busy.
    connect("a", { timeoutMs: 5000 }),
    ["a", create("/e", "", OPEN, Mode.ephemeral)],
    ["w", exists("/e", true)],
    untilClosed("a"),
    ["w", exists("/e")],
    renew("a2", "a"),
    ["w", exists("/e")],
  ],
};
