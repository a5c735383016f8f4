// Quotas: the nodes below /zookeeper/quota, soft limits that only warn, hard ones that refuse, and the statistics.

import {
  create,
  exists,
  getData,
  multi,
  type Request,
  remove,
  setData,
} from "../../raw/requests.js";
import { connect, type Script, type Step } from "../steps.js";

const limits = (path: string, value: string): Request[] => [
  create(`/zookeeper/quota${path}`, ""),
  create(`/zookeeper/quota${path}/zookeeper_limits`, value),
  create(`/zookeeper/quota${path}/zookeeper_stats`, "count=0,bytes=0"),
];
const stats = (path: string) => getData(`/zookeeper/quota${path}/zookeeper_stats`);

const play: readonly Step[] = [
  connect("a"),
  [
    "a",
    create("/soft", "12345"),
    create("/hard", "12345"),
    create("/deep", ""),
    create("/deep/a", ""),
  ],
  ["a", ...limits("/soft", "count=2,bytes=10"), stats("/soft")],
  ["a", ...limits("/hard", "count=-1,bytes=-1=;byteHardLimit=12;countHardLimit=3"), stats("/hard")],
  [
    "a",
    create("/zookeeper/quota/deep", ""),
    ...limits("/deep/a", "count=1,bytes=-1=;countHardLimit=2"),
  ],
  [
    "a",
    create("/soft/a", "xxxxx"),
    create("/soft/b", "yyyyy"),
    create("/soft/c", ""),
    stats("/soft"),
  ],
  ["a", setData("/soft", "1"), stats("/soft"), remove("/soft/a"), stats("/soft")],
  ["a", create("/hard/a", "1234567"), stats("/hard"), create("/hard/b", "1"), stats("/hard")],
  ["a", create("/hard/b", ""), create("/hard/c", ""), stats("/hard")],
  ["a", setData("/hard", "123456"), setData("/hard", "12"), setData("/hard/a", "1234567890")],
  [
    "a",
    stats("/hard"),
    setData("/hard/a", "12345678901"),
    setData("/hard/a", null),
    stats("/hard"),
  ],
  [
    "a",
    multi(setData("/hard", "1"), create("/hard/d", "")),
    multi(create("/hard/e"), create("/hard/f")),
  ],
  ["a", multi(remove("/hard/b"), create("/hard/b2", "")), stats("/hard"), exists("/hard/b2")],
  ["a", create("/deep/a/x", ""), create("/deep/a/y", ""), create("/deep/b", ""), stats("/deep/a")],
  [
    "a",
    setData("/zookeeper/quota/hard/zookeeper_limits", "count=100,bytes=100"),
    create("/hard/g", ""),
  ],
  ["a", setData("/zookeeper/quota/hard/zookeeper_limits", "not a quota"), create("/hard/h", "")],
  ["a", setData("/zookeeper/quota/hard/zookeeper_limits", ""), create("/hard/i", "")],
  ["a", setData("/zookeeper/quota/hard/zookeeper_limits", null), create("/hard/j", "")],
  ["a", stats("/hard"), remove("/zookeeper/quota/hard/zookeeper_limits"), create("/hard/k", "")],
  ["a", stats("/hard"), remove("/hard"), remove("/zookeeper/quota/soft/zookeeper_stats")],
  ["a", create("/soft/z", ""), setData("/soft/z", "zz")],
  // The quota made again on a tree that is there: what the statistics then say.
  ["a", create("/zookeeper/quota/soft/zookeeper_stats", "count=9,bytes=9"), create("/soft/y", "y")],
  ["a", stats("/soft")],
];

/** One by one: Java compares with the tree as it is applied, which is behind what is being prepared. */
const oneByOne = play.flatMap((step): Step[] =>
  "do" in step ? [step] : step.slice(1).map((request) => [step[0], request as Request]),
);

export const quotaScript: Script = { name: "quota", steps: oneByOne };
export const quotaEnforcedScript: Script = {
  name: "quota-enforced",
  cfg: { enforceQuota: "true" },
  steps: oneByOne,
};
