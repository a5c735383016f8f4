// delete, exists, getData, setData, getChildren, getChildren2, sync, ping and the small reads: values, versions, errors.

import { buffer, int, join } from "../../raw/bytes.js";
import {
  acl,
  addWatch,
  check,
  checkWatches,
  closeSession,
  create,
  deleteContainer,
  exists,
  getAcl,
  getAllChildrenNumber,
  getChildren,
  getChildren2,
  getData,
  getEphemerals,
  Mode,
  OPEN,
  ping,
  READ,
  type Request,
  reconfig,
  remove,
  removeWatches,
  setAcl,
  setData,
  strange,
  sync,
  whoAmI,
} from "../../raw/requests.js";
import { connect, type Script, type Step } from "../steps.js";

/** What is asked of each path that no node can have. */
const ASKED_OF_BAD_PATHS = [
  (path: string | null) => exists(path),
  (path: string | null) => getData(path),
  (path: string | null) => getChildren(path),
  (path: string | null) => getChildren2(path),
  (path: string | null) => setData(path, "x"),
  (path: string | null) => remove(path),
  (path: string | null) => getAcl(path),
  (path: string | null) => setAcl(path, OPEN),
  (path: string | null) => sync(path),
  (path: string | null) => getAllChildrenNumber(path),
  (path: string | null) => getEphemerals(path),
  (path: string | null) => exists(path, true),
  (path: string | null) => getData(path, true),
  (path: string | null) => getChildren(path, true),
  (path: string | null) => checkWatches(path, 3),
  (path: string | null) => removeWatches(path, 3),
  (path: string | null) => addWatch(path, 0),
];

export const readWriteScript: Script = {
  name: "read-write",
  steps: [
    connect("a"),
    ["a", create("/n", "zero"), setData("/n", "one"), setData("/n", "two", 1), getData("/n")],
    ["a", setData("/n", "x", 1), setData("/n", "x", 7), setData("/n", "x", -2)],
    ["a", setData("/n", null), getData("/n"), setData("/n", ""), getData("/n")],
    ["a", setData("/missing", "x"), setData("/missing", "x", 3), setData("/", "root")],
    ["a", getData("/"), setData("/zookeeper", "z"), setData("/zookeeper/quota", "z")],
    ["a", setData("/zookeeper/config", "z"), getAcl("/zookeeper/config"), getAcl("/zookeeper")],
    ["a", exists("/n"), exists("/missing"), exists("/")],
    ["a", create("/p"), create("/p/b"), create("/p/a"), create("/p/c", "c")],
    ["a", getChildren("/p"), getChildren2("/p"), getChildren("/p/a"), getChildren("/missing")],
    ["a", getChildren2("/missing"), getAllChildrenNumber("/p"), getAllChildrenNumber("/")],
    ["a", getAllChildrenNumber("/missing"), getAllChildrenNumber("/p/a")],
    ["a", remove("/p"), remove("/p/a", 1), remove("/p/a", 0), remove("/p/a"), exists("/p")],
    [
      "a",
      remove("/"),
      remove("/zookeeper"),
      remove("/zookeeper/quota"),
      remove("/zookeeper/config"),
    ],
    ["a", remove("/missing"), remove("/missing/child"), remove("/p/b", -2), remove("/p/b", -1)],
    ["a", sync("/"), sync("/missing"), sync("/p"), ping(), whoAmI()],
    ["a", create("/e1", "", OPEN, Mode.ephemeral), create("/p/e2", "", OPEN, Mode.ephemeral)],
    ["a", getEphemerals("/"), getEphemerals("/p"), getEphemerals("/e"), getEphemerals("")],
    ["a", getEphemerals(null), getEphemerals("/missing")],
    ["a", setData("/n", "p1"), ping(), setData("/n", "p2"), ping(), ping()],
    ["a", setData("/n", "p3"), exists("/n"), sync("/n"), ping(), whoAmI()],
    ["a", check("/n", 0)],
    connect("a"),
    [
      "a",
      create("/ro", "secret", [acl("world", "anyone", READ)]),
      setData("/ro", "x"),
      getData("/ro"),
    ],
    ["a", create("/ro/x"), setAcl("/ro", OPEN), remove("/ro")],
    ...[null, "", "x", "/n/", "//n", "/n/..", "/\u0001"].flatMap((path): Step[] =>
      ASKED_OF_BAD_PATHS.map((ask) => ["a", ask(path)] as const),
    ),
    ["a", exists("/n")],
    ["a", closeSession()],
  ],
};

/** Types that are allowed, with bodies or xids that are not. */
const ODD: readonly Request[] = [
  strange("error with a body", -1, int(-1)),
  reconfig("server.5=127.0.0.1:1:2;3", null, null, -1),
  reconfig(null, null, null, -1),
  check("/c", 0),
  strange("multi without anything", 14, Buffer.alloc(0)),
  strange("getData without anything", 4, Buffer.alloc(0)),
  strange("getData of a null path without a flag", 4, int(-1)),
  strange("whoAmI with a body", 107, int(1)),
  strange("ping with a body", 11, int(1), -2),
  { ...strange("ping with xid 5", 11, Buffer.alloc(0), 5), isUnanswered: true },
  strange("closeSession with a body", -11, int(5)),
  strange("exists with xid -1", 3, exists("/c").body, -1),
  strange("exists with xid -4", 3, exists("/c").body, -4),
  strange("exists with xid 0", 3, exists("/c").body, 0),
  strange("exists with xid -2^31", 3, exists("/c").body, -0x80000000),
  strange("exists with a body that goes on", 3, join(exists("/c").body, int(1), int(2))),
  strange("exists with 2 for a boolean", 3, join(buffer("/c"), Buffer.from([2]))),
  strange("setData without version", 5, join(buffer("/c"), buffer("x"))),
  strange("setData with data of length -9", 5, join(buffer("/c"), int(-9), int(0))),
  strange("setWatches that is cut", 101, join(int(0), int(0), int(1))),
  strange("setWatches2 with a vector of 2^31-1", 105, join(int(0), int(0), int(0x7fffffff))),
  strange("addWatch without mode", 106, buffer("/c")),
  strange("auth that is cut", 100, join(int(0), buffer("digest"))),
  strange("sync without a path", 9, Buffer.alloc(0)),
  strange("removeWatches without a type", 18, buffer("/c")),
];

/** Requests that no client may send: types of the servers among themselves, types that do not exist. */
export const forbiddenScript: Script = {
  name: "forbidden",
  steps: [
    connect("w"),
    ["w", create("/c", ""), create("/c/x")],
    ...[0, -1, 10, 23, 99, 108, 1000, -2, -12, -100].flatMap((type): Step[] => [
      connect(`t${type}`),
      [`t${type}`, strange(`type ${type}`, type, Buffer.alloc(0))],
      [`t${type}`, exists("/c")],
    ]),
    ...ODD.flatMap((request, i): Step[] => [
      connect(`c${i}`),
      [`c${i}`, request],
      [`c${i}`, exists("/c")],
    ]),
    ["w", exists("/c")],
  ],
};

const INTERNAL =
  "Java carries a txn type of its own out, or fails on it with a zxid: a client may not send it";

/** Types of txns among servers: Java takes them from clients too. */
export const internalScript: Script = {
  name: "internal",
  otherwise: {
    "a > type -10": INTERNAL,
    'b > deleteContainer "/c"': INTERNAL,
    'b > deleteContainer "/missing"': INTERNAL,
    "b > multi without anything":
      "Java logs an error txn for it: nothing was decided, so nothing is logged",
  },
  steps: [
    connect("a"),
    ["a", strange("type -10", -10, Buffer.alloc(0))],
    connect("b"),
    ["b", deleteContainer("/c")],
    connect("b"),
    ["b", deleteContainer("/missing")],
  ],
};
