// multi and multiRead: what succeeds, what fails where, and how the answer says so.

import { bool, buffer, int, join } from "../../raw/bytes.js";
import {
  acl,
  check,
  create,
  create2,
  createContainer,
  createTtl,
  exists,
  getAcl,
  getChildren,
  getChildren2,
  getData,
  Mode,
  multi,
  multiRead,
  OPEN,
  READ,
  remove,
  setAcl,
  setData,
  strange,
  sync,
} from "../../raw/requests.js";
import { connect, type Script, type Step } from "../steps.js";

const header = (type: number, done: boolean, error: number) =>
  join(int(type), bool(done), int(error));
const END = header(-1, true, -1);

export const multiScript: Script = {
  name: "multi",
  cfg: { extendedTypesEnabled: "true" },
  steps: [
    connect("a"),
    connect("b"),
    ["b", getChildren("/", true), exists("/m", true), exists("/n", true)],
    ["a", multi()],
    ["a", multi(create("/m", "1"))],
    ["a", multi(create("/n"), create("/n/x"), setData("/n", "d"), remove("/n/x"), check("/n", 1))],
    ["a", getData("/n"), getChildren2("/n")],
    ["a", multi(create2("/o", "o"), create("/o/s-", "", OPEN, 2), create2("/o/s-", "", OPEN, 3))],
    ["a", multi(createContainer("/mc"), createTtl("/mt", "t", 5000), create("/me", "", OPEN, 1))],
    ["a", multi(create("/x"), create("/x"), create("/y")), exists("/x")],
    ["a", multi(create("/x"), setData("/missing", ""), remove("/missing"), create("/x/y"))],
    ["a", multi(check("/n", 5), create("/x")), multi(check("/missing", 0))],
    [
      "a",
      multi(create("/x"), check("/x", 0), setData("/x", "1", 0), check("/x", 1), remove("/x", 1)),
    ],
    ["a", multi(create("/x"), check("/x", 1)), exists("/x")],
    ["a", multi(remove("/o")), multi(remove("/n", 9)), multi(setData("/n", "", 9))],
    ["a", multi(create("/me/x")), multi(create("bad")), multi(create("/acl", "", []))],
    ["a", multi(create("/z", "", [acl("nosuch", "")]), create("/zz")), exists("/zz")],
    ["a", multi(createTtl("/t", "", -1)), multi(create("/fl", "", OPEN, 99)), exists("/fl")],
    ["a", multi(remove("/"), create("/zz")), multi(remove("/zookeeper"))],
    ["a", create("/ro", "r", [acl("world", "anyone", READ)]), multi(setData("/ro", "w"))],
    ["a", multi(create("/ok"), create("/ro/x"), create("/ok2")), exists("/ok")],
    ["a", multi(create("/seq-", "", OPEN, 2), create("/seq-", "", OPEN, 2), remove("/missing"))],
    ["a", create("/seq-", "", OPEN, 2)],
    ["a", multi(create("/seq-", "", OPEN, 2), create("/seq-", "", OPEN, 2))],
    ["a", multi(create("/p"), create("/p/q"), create("/p/q/r"), remove("/p/q/r"), remove("/p/q"))],
    [
      "a",
      multi(remove("/p"), create("/p", "again"), setData("/p", "v1"), remove("/p")),
      exists("/p"),
    ],
    ["a", multi(getData("/n"))],
    connect("c"),
    ["c", multi(create("/rw"), getData("/rw")), exists("/rw")],
    connect("d"),
    ["d", multi(setAcl("/n", OPEN)), exists("/n")],
    ["a", create("/only"), create("/only/1")],
    connect("e"),
    ["e", multi(exists("/n")), multi(sync("/n"))],
    [
      "a",
      multiRead(getData("/n"), getChildren("/only"), getData("/missing"), getChildren("/missing")),
    ],
    ["a", multiRead()],
    ["a", multiRead(getData("/n", true), getChildren("/only", true))],
    ["a", setData("/n", "w"), create("/only/2")],
    connect("f"),
    ["f", multiRead(exists("/n")), exists("/n")],
    connect("g"),
    ["g", multiRead(getData("/n"), create("/by-read")), exists("/by-read")],
    connect("h"),
    ["h", multiRead(getChildren2("/n"), getAcl("/n"))],
    ["a", multiRead(getData("/ro"), getData("bad"), getData("/n"))],
  ],
};

/** Headers and ends that no client library writes. */
const ODD: readonly (readonly [string, number, Buffer])[] = [
  ["only an end with type 14", 14, header(14, true, -1)],
  ["an end with error 0", 14, header(-1, true, 0)],
  ["no end", 14, join(header(1, false, -1), create("/no-end").body)],
  ["two ends", 14, join(END, END)],
  ["an operation after the end", 14, join(END, header(1, false, -1), create("/after").body, END)],
  ["a header with error 7", 14, join(header(1, false, 7), create("/h7").body, END)],
  ["an operation of type 14", 14, join(header(14, false, -1), END, END)],
  ["an operation of type -1", 14, join(header(-1, false, -1), int(-1), END)],
  ["an operation of type -11", 14, join(header(-11, false, -1), END)],
  ["an operation of type 999", 14, join(header(999, false, -1), END)],
  ["a body that is cut", 14, join(header(1, false, -1), buffer("/cut"))],
  ["a header that is cut", 14, Buffer.from([0, 0, 0])],
  ["check with a body that is cut", 14, join(header(13, false, -1), buffer("/n"))],
  ["multiRead with no end", 22, join(header(4, false, -1), getData("/n").body)],
  ["multiRead of type 999", 22, join(header(999, false, -1), END)],
  ["a null path", 14, join(header(1, false, -1), create(null).body, END)],
  ["reconfig within", 14, join(header(16, false, -1), int(-1), int(-1), int(-1), END)],
  ["a deleteContainer within", 14, join(header(20, false, -1), buffer("/n"), END)],
];

export const multiOddScript: Script = {
  name: "multi-odd",
  steps: [
    connect("w"),
    ["w", create("/n", "n", OPEN, Mode.persistent)],
    ...ODD.flatMap(([label, type, body], i): Step[] => [
      connect(`c${i}`),
      [`c${i}`, strange(`multi with ${label}`, type, body)],
      [`c${i}`, exists("/no-end"), exists("/after"), exists("/h7")],
    ]),
    ["w", getChildren2("/")],
  ],
};
