// A client with a session and a right password that means no good: what it asks for is well-formed, or nearly, and more than
// anybody needs. On an ensemble of one, so that reconfig is there to be abused.

import { Ensemble } from "../compat/ensemble-world.js";
import { fourLetterWord } from "../compat/four-letter-word.js";
import { buffer, frame, int, join, long, strings, vector } from "../compat/raw/bytes.js";
import { RawConnection } from "../compat/raw/connection.js";
import * as requests from "../compat/raw/requests.js";
import type { Random } from "../faults/random.js";
import type { Front } from "./campaign.js";
import { CLIENT_CFG, checkServed, inSession } from "./client-sessions.js";
import { type Frame, mutate } from "./mutate.js";
import { fuzzPorts, withClient } from "./ports.js";

type Maker = (random: Random) => requests.Request;

/** No text, some of it, or text that Java writes otherwise than anybody else. */
const BAD_UTF8 = [
  Buffer.from([0x2f, 0xff]),
  Buffer.from([0x2f, 0xc0, 0x80]),
  Buffer.from([0x2f, 0xed, 0xa0, 0x80]),
  Buffer.from([0x2f, 0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0x2f, 0xe2, 0x82]),
  Buffer.from("/\u0000\ufffe\ufff0\ue000"),
];

const name = (random: Random): string => `/h${random.below(60)}`;
const deep = (random: Random): string => "/d".repeat(1 + random.below(60));
const lengthy = (random: Random): string => `/${"x".repeat(random.pick([1000, 30_000, 200_000]))}`;

function path(random: Random): string {
  const what = random.below(12);
  if (what === 0) return deep(random);
  if (what === 1) return lengthy(random);
  if (what === 2) return random.pick(BAD_UTF8) as unknown as string;
  return name(random);
}

const many = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: random.below(most) }, make);

/** Seldom as many as that: one such costs as much as a thousand others. */
const few = (random: Random, most: number): number => (random.below(30) === 0 ? most : 5);

/** As many as a frame holds, and now and then more. */
function paths(random: Random): string[] {
  const most =
    random.below(60) === 0 ? random.pick([20_000, 200_000]) : random.pick([3, 3, 3, 100]);
  return many(random, most, () => `/w${random.below(1e6)}`);
}

const part: Maker = (random) => {
  switch (random.below(6)) {
    case 0:
      return requests.create(path(random), random.bytes(random.below(50)));
    case 1:
      return requests.create(name(random), "", requests.OPEN, random.below(7));
    case 2:
      return requests.remove(name(random), random.below(3) - 1);
    case 3:
      return requests.check(path(random), random.below(3) - 1);
    default:
      return requests.setData(name(random), random.bytes(random.below(20)), -1);
  }
};

/** A whole branch in one transaction. */
const branch: Maker = (random) => {
  const depth = 1 + random.below(few(random, 150));
  const steps = Array.from({ length: depth }, (_, i) => requests.create("/d".repeat(i + 1)));
  return requests.multi(...steps);
};

const JOINING = [
  "server.5=127.0.0.1:1:2:observer;3",
  "server.6=[::1]:1:2:observer;3,server.6=x",
  "server.7=",
  "server.-1=a:1:2",
  "server.99999999999999999999=a:1:2;3",
  "server.8=a:99999:-1:participant",
  "group.1=1:2",
  "\u0000",
  "=".repeat(5000),
  "server.9=h:1:2:observer;h:3|h:4:5:observer;6",
];

const reconfig: Maker = (random) =>
  requests.reconfig(
    random.below(2) === 0 ? random.pick(JOINING) : null,
    random.pick([null, "", "5", "6,7", "x", "-1", "5,5", ",".repeat(1000)]),
    random.pick([null, null, "server.7=x", "", "group.1=1\nweight.1=-1"]),
    random.pick([-1, 0, 1, 2 ** 31]),
  );

const lists = (random: Random): requests.Acl[] =>
  many(random, few(random, 2000), () =>
    requests.acl(
      random.pick(["world", "digest", "ip", "auth", "nosuch"]),
      `a${random.below(9)}`,
      31,
    ),
  );

const negative = int(-2);

const MAKERS: readonly Maker[] = [
  part,
  part,
  branch,
  reconfig,
  (r) => requests.multi(...many(r, few(r, 1500), () => part(r))),
  (r) => requests.multiRead(...many(r, few(r, 3000), () => requests.getData(name(r)))),
  (r) => requests.multiRead(...Array(few(r, 20_000)).fill(requests.getData(name(r)))),
  (r) => requests.multi(requests.multi(...many(r, 5, () => part(r)))),
  (r) => requests.addWatch(path(r), r.below(3) - (r.below(20) === 0 ? 2 : 0)),
  (r) => requests.getData(`/w${r.below(1e6)}`, true),
  (r) => requests.exists(path(r), true),
  (r) => requests.getChildren(path(r), true),
  (r) => requests.setWatches(r.below(1e6), paths(r), paths(r), paths(r)),
  (r) => requests.setWatches2(0, paths(r), paths(r), paths(r), paths(r), paths(r)),
  (r) => requests.removeWatches(path(r), r.below(7)),
  (r) => requests.setAcl(name(r), lists(r), -1),
  (r) => requests.create(name(r), "", lists(r)),
  (r) => requests.setData(name(r), Buffer.alloc(few(r, r.pick([900_000, 1_048_500])))),
  (r) => requests.createTtl(name(r), "", r.pick([0, -1, 1, 2n ** 40n, 2n ** 63n - 1n])),
  (r) => requests.getEphemerals(path(r)),
  (r) => requests.getAllChildrenNumber(path(r)),
  (r) => requests.auth("digest", `u${r.below(1e6)}:p`),
  () => requests.strange("vector", 105, join(long(0), negative, strings([]), negative)),
  (r) => requests.strange("count", 7, join(buffer(name(r)), int(r.pick([2 ** 31 - 1, -3])))),
  (r) => requests.strange("length", 4, join(int(r.pick([-2, 2 ** 31 - 1, 2 ** 20])), int(0))),
  () => requests.strange("done", 14, join(int(-1), Buffer.from([1]), int(-1), vector([]))),
  (r) => requests.strange("type", r.pick([-10, -11, -1, 20, 999]), r.bytes(8)),
];

function nasty(random: Random): Frame {
  const request = random.pick(MAKERS)(random);
  const xid = random.below(30) === 0 ? random.pick([-1, -2, -4, -8, 2 ** 31 - 1]) : 1;
  const body = random.below(12) === 0 ? mutate(random, request.body) : request.body;
  return { bytes: frame(int(xid), int(request.type), body), isOpenEnded: false };
}

/** A leader keeps the newest transactions for learners: 16 of the largest, and as many again before it cuts (src/settings.ts). */
const COMMITTED_LOG_BYTES = 2 * 16 * 2 * 0xfffff;

/** A path of some ten characters, and its place in two tables. */
const WATCH_BYTES = 300;

/** Up to sixty nodes of a megabyte, the transactions that made them, and watches. */
function keptBytes(mntr: string): number {
  const value = (name: string) => Number(new RegExp(`^zk_${name}\\t(\\d+)$`, "m").exec(mntr)?.[1]);
  const treeBytes = value("approximate_data_size");
  const watchBytes = value("watch_count") * WATCH_BYTES;
  return treeBytes + watchBytes + COMMITTED_LOG_BYTES;
}

export async function hostileClientFront(): Promise<Front> {
  const ensemble = new Ensemble({
    basePort: fuzzPorts(),
    members: [{ kind: "zooid" }],
    cfg: { ...CLIENT_CFG, standaloneEnabled: "false", reconfigEnabled: "true", snapCount: 20_000 },
  });
  await ensemble.start(1);
  const { port } = ensemble.member(1);
  const first = [requests.auth("digest", "super:test"), requests.auth("digest", "me:pw")];
  return {
    callers: 4,
    checkEvery: 2000,
    servers: () => [ensemble.member(1).server!],
    keptBytes: async () => keptBytes(await fourLetterWord(port, "mntr")),
    attack: (random) =>
      withClient(port, async (connection) => {
        let isFirst = true;
        return inSession(
          random,
          connection,
          (own) => {
            if (!isFirst) return nasty(own);
            isFirst = false;
            const { xid, type, body } = own.pick(first);
            return { bytes: frame(int(xid ?? -4), int(type), body), isOpenEnded: false };
          },
          10_000,
        );
      }),
    serves: () => checkServed(() => RawConnection.open(port)),
    discard: () => ensemble.discard(),
  };
}
