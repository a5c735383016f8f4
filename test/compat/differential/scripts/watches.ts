// Watches of every kind: who is told what, in which order, once or again; removal; and what a reconnecting client is told.

import {
  acl,
  addWatch,
  auth,
  checkWatches,
  closeSession,
  create,
  exists,
  getChildren,
  getChildren2,
  getData,
  Mode,
  multi,
  OPEN,
  READ,
  remove,
  removeWatches,
  setAcl,
  setData,
  setWatches,
  setWatches2,
  WRITE,
} from "../../raw/requests.js";
import { connect, drop, renew, restart, type Script, type Step, word } from "../steps.js";

export const watchesScript: Script = {
  name: "watches",
  steps: [
    connect("w"),
    connect("a"),
    connect("b"),
    // Each kind once.
    ["a", exists("/n", true), getData("/n", true), getChildren("/n", true)],
    ["w", create("/n", "1"), setData("/n", "2")],
    ["a", exists("/n", true), setData("/n", "3")],
    ["a", getData("/n", true), exists("/n", true), getChildren("/n", true), getChildren("/", true)],
    ["w", setData("/n", "4"), setData("/n", "5")],
    ["a", getData("/n", true)],
    ["w", create("/n/c", ""), create("/n/d", "")],
    ["a", getChildren2("/n", true), exists("/n/c", true), getData("/n/c", true)],
    ["w", remove("/n/c")],
    ["a", getChildren("/n", true), getData("/n", true), exists("/n", true)],
    ["b", getChildren("/n", true), getData("/n", true), getChildren("/", true)],
    ["w", remove("/n/d"), remove("/n")],
    // Two watchers, and a watcher that is the writer.
    ["a", create("/two", ""), getData("/two", true)],
    ["b", getData("/two", true)],
    ["a", setData("/two", "x")],
    ["a", getData("/two", true)],
    ["w", multi(setData("/two", "1"), setData("/two", "2"), create("/two/c"), remove("/two/c"))],
    ["a", getData("/two", true), getChildren("/two", true)],
    ["w", multi(create("/two/c"), remove("/two/c"), remove("/two"))],
    ["a", getData("/two", true)],
    ["w", multi(create("/two"), remove("/missing"))],
    // ACL changes are no event.
    ["w", create("/acl", "")],
    ["a", getData("/acl", true), getChildren("/acl", true)],
    ["w", setAcl("/acl", OPEN), remove("/acl")],
    // The end of a session.
    connect("e"),
    ["e", create("/gone", "", OPEN, Mode.ephemeral), create("/gone2", "", OPEN, Mode.ephemeral)],
    ["a", exists("/gone", true), getData("/gone2", true), getChildren("/", true)],
    ["e", closeSession()],
    // A watch on a node whose parent a watcher cannot read.
    [
      "w",
      create("/secret", "s", [
        acl("digest", "x:y"),
        acl("world", "anyone", READ | WRITE | 4 | 8 | 16),
      ]),
    ],
    ["a", getData("/secret", true), getChildren("/secret", true)],
    ["w", setAcl("/secret", [acl("world", "anyone", WRITE | 4 | 8 | 16)])],
    ["w", setData("/secret", "t"), create("/secret/x", "")],
    ["w", remove("/secret/x"), remove("/secret")],
    word("wchs"),
  ],
};

export const persistentWatchesScript: Script = {
  name: "watches-persistent",
  steps: [
    connect("w"),
    connect("p"),
    connect("r"),
    ["w", create("/top", ""), create("/top/a", "")],
    ["p", addWatch("/top", 0), addWatch("/missing", 0), addWatch("/top", 2), addWatch("/top", -1)],
    ["r", addWatch("/top", 1), addWatch("/missing", 1)],
    ["w", setData("/top", "1"), setData("/top", "2"), create("/top/b", ""), setData("/top/a", "x")],
    ["w", create("/top/a/deep", ""), setData("/top/a/deep", "y"), remove("/top/a/deep")],
    [
      "w",
      create("/missing", ""),
      create("/missing/x", ""),
      remove("/missing/x"),
      remove("/missing"),
    ],
    ["w", multi(create("/top/m"), setData("/top/m", "1"), remove("/top/m"))],
    ["w", create("/topless", ""), setData("/topless", "")],
    // Together with the one-time kinds.
    ["p", getData("/top", true), getChildren("/top", true), exists("/top", true)],
    ["r", getData("/top", true), getChildren("/top", true), getData("/top/a", true)],
    [
      "w",
      setData("/top", "3"),
      create("/top/c", ""),
      setData("/top/a", "z"),
      setData("/top/a", "zz"),
    ],
    // From one mode to the other.
    ["p", addWatch("/top", 1)],
    ["w", setData("/top/a", "1"), create("/top/d", "")],
    ["p", addWatch("/top", 0)],
    ["w", setData("/top/a", "2"), create("/top/e", ""), setData("/top", "4")],
    // At the root.
    ["r", addWatch("/", 1)],
    ["w", setData("/top/a", "3"), create("/fresh", ""), remove("/fresh")],
    ["r", removeWatches("/", 5), removeWatches("/", 5)],
    ["w", create("/fresh", ""), remove("/fresh")],
    ["w", remove("/top/a"), remove("/top/b"), remove("/top/c"), remove("/top/d"), remove("/top/e")],
    ["w", remove("/top"), create("/top", ""), setData("/top", "again")],
    // What may not be read is not told.
    ["w", create("/top/hidden", "", [acl("world", "anyone", 30)]), setData("/top/hidden", "x")],
    ["w", remove("/top/hidden")],
    word("wchs"),
    ["p", addWatch("/x", 7), addWatch("bad", 0), addWatch(null, 0), addWatch("/x/", 1)],
  ],
};

const kinds = [1, 2, 3, 4, 5, 0, 6, -1];

export const removeWatchesScript: Script = {
  name: "watches-removed",
  steps: [
    connect("w"),
    connect("a"),
    ["w", create("/n", "")],
    ...kinds.map((kind): Step => ["a", checkWatches("/n", kind)]),
    ...kinds.map((kind): Step => ["a", removeWatches("/n", kind)]),
    ...kinds.flatMap((kind): Step[] => [
      ["a", getData("/n", true), getChildren("/n", true), addWatch("/n", 0)],
      ...kinds.map((other): Step => ["a", checkWatches("/n", other)]),
      ["a", removeWatches("/n", kind)],
      ["w", setData("/n", `${kind}`), create("/n/x", ""), remove("/n/x")],
      ["a", removeWatches("/n", 3)],
      ["w", setData("/n", "")],
    ]),
    ["a", addWatch("/n", 1), checkWatches("/n", 1), checkWatches("/n", 2), checkWatches("/n", 3)],
    ["a", checkWatches("/n", 4), checkWatches("/n", 5), removeWatches("/n", 4)],
    ["a", removeWatches("/n", 1), removeWatches("/n", 2)],
    ["w", setData("/n", "r"), create("/n/x", ""), setData("/n/x", ""), remove("/n/x")],
    ["a", removeWatches("/n", 5), removeWatches("/n", 5)],
    ["a", addWatch("/n", 1), removeWatches("/n", 3), removeWatches("/n", 3)],
    ["a", exists("/missing", true), checkWatches("/missing", 2), removeWatches("/missing", 2)],
    ["a", exists("/missing", true), removeWatches("/missing", 1), removeWatches("/missing", 3)],
    ["w", create("/missing", ""), remove("/missing"), setData("/n", "end")],
    // A watch on what one may not read any more.
    ["w", create("/hidden", "", [acl("world", "anyone")])],
    ["a", getData("/hidden", true)],
    ["w", setAcl("/hidden", [acl("world", "anyone", 30)])],
    ["a", checkWatches("/hidden", 2), removeWatches("/hidden", 2)],
  ],
};

export const setWatchesScript: Script = {
  name: "watches-set-again",
  steps: [
    connect("w"),
    ["w", create("/same", ""), create("/data", ""), create("/gone", ""), create("/kids", "")],
    ["w", create("/kids-gone", ""), create("/persistent", ""), create("/recursive", "")],
    connect("a", { timeoutMs: 30_000 }),
    ["a", exists("/same")],
    drop("a"),
    ["w", setData("/data", "1"), remove("/gone"), create("/kids/x", ""), remove("/kids-gone")],
    ["w", create("/appeared", ""), setData("/persistent", "1"), setData("/recursive", "1")],
    // Zxid 9: after the nodes and the session, before the changes.
    renew("a", "a"),
    [
      "a",
      setWatches(
        9,
        ["/same", "/data", "/gone", "/never"],
        ["/appeared", "/never", "/same"],
        ["/kids", "/kids-gone", "/same", "/never"],
      ),
    ],
    [
      "w",
      setData("/same", "2"),
      setData("/data", "2"),
      create("/never", ""),
      create("/kids/y", ""),
    ],
    ["w", create("/same/c", ""), remove("/never")],
    drop("a"),
    renew("a", "a"),
    [
      "a",
      setWatches2(
        9,
        ["/same", "/data", "/gone"],
        ["/appeared", "/absent"],
        ["/kids", "/kids-gone"],
        ["/persistent", "/nowhere", "/gone"],
        ["/recursive", "/nowhere2"],
      ),
    ],
    ["w", setData("/persistent", "2"), create("/persistent/x", ""), setData("/recursive", "2")],
    [
      "w",
      create("/recursive/x", ""),
      create("/nowhere", ""),
      create("/nowhere2", ""),
      create("/absent", ""),
    ],
    drop("a"),
    renew("a", "a"),
    ["a", setWatches(9, null, null, null), setWatches2(9, null, null, null, null, null)],
    ["a", setWatches(9, [], [], []), setWatches2(0, [], [], [], [], [])],
    ["a", setWatches(0, ["/same"], ["/same"], ["/same"])],
    [
      "a",
      setWatches(-1, ["/same"], [], []),
      setWatches(1n << 62n, ["/same", "/gone"], ["/data"], ["/kids"]),
    ],
    ["w", setData("/same", "5"), setData("/data", "5"), create("/kids/z", "")],
    ["a", setWatches(9, ["bad", ""], [], [])],
    ["a", setWatches(9, [null], [], [])],
    // A watch set again on what may not be read.
    ["w", create("/hidden", "1", [acl("world", "anyone", 30)])],
    ["a", setWatches(0, ["/hidden"], ["/hidden"], ["/hidden"])],
    ["w", setData("/hidden", "2")],
    word("wchs"),
  ],
};

/** A session that outlives its server: its ephemerals and its zxids. */
export const reconnectScript: Script = {
  name: "reconnect",
  steps: [
    connect("a", { timeoutMs: 30_000 }),
    ["a", auth("digest", "me:pw"), create("/e", "mine", OPEN, Mode.ephemeral), create("/n", "1")],
    ["a", create("/private", "", [acl("auth", "")])],
    restart("SIGTERM"),
    renew("a", "a"),
    ["a", getData("/e"), getData("/n"), getData("/private"), setWatches(3, ["/n", "/e"], [], [])],
    ["a", auth("digest", "me:pw"), getData("/private")],
    connect("b"),
    ["b", setData("/n", "2"), getChildren2("/")],
    restart("SIGKILL"),
    renew("a", "a"),
    renew("b", "b"),
    ["b", getChildren2("/"), getData("/e"), getData("/n")],
    ["a", closeSession()],
    ["b", getChildren2("/"), exists("/e")],
    renew("a", "a"),
    restart("SIGTERM"),
    renew("a", "a"),
    renew("b", "b"),
    ["b", getChildren2("/")],
  ],
};
