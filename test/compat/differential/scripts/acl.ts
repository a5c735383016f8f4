// ACLs, auth and who may do what: world, ip, digest, auth, super, and the masking of getACL.

import { createHash } from "node:crypto";
import {
  type Acl,
  ADMIN,
  ALL,
  acl,
  auth,
  CREATE,
  check,
  create,
  DELETE,
  exists,
  getAcl,
  getAllChildrenNumber,
  getChildren,
  getChildren2,
  getData,
  multi,
  multiRead,
  READ,
  type Request,
  remove,
  setAcl,
  setData,
  sync,
  WRITE,
  whoAmI,
} from "../../raw/requests.js";
import { connect, type Script, type Step } from "../steps.js";

const digestOf = (idAndPassword: string) => {
  const hash = createHash("sha1").update(idAndPassword).digest("base64");
  return `${idAndPassword.split(":")[0]}:${hash}`;
};
const SUPER_DIGEST = digestOf("super:secret");
const ME = digestOf("me:pw");

const everything = (path: string): Request[] => [
  exists(path),
  getData(path),
  getChildren(path),
  getChildren2(path),
  getAcl(path),
  getAllChildrenNumber(path),
  setData(path, "new"),
  create(`${path}/child`),
  remove(`${path}/child`),
  setAcl(path, [acl("world", "anyone", ALL)], 99),
  multi(check(path, 99)),
  multiRead(getData(path), getChildren(path)),
  sync(path),
];

const cases: readonly (readonly [string, readonly Acl[]])[] = [
  ["none", [acl("world", "anyone", 0)]],
  ["read", [acl("world", "anyone", READ)]],
  ["write", [acl("world", "anyone", WRITE)]],
  ["create", [acl("world", "anyone", CREATE)]],
  ["delete", [acl("world", "anyone", DELETE)]],
  ["admin", [acl("world", "anyone", ADMIN)]],
  ["mine", [acl("digest", ME)]],
  ["mine-read", [acl("digest", ME, READ), acl("world", "anyone", WRITE)]],
  ["here", [acl("ip", "127.0.0.1")]],
  ["net", [acl("ip", "127.0.0.0/8", READ)]],
  ["elsewhere", [acl("ip", "10.0.0.0/8")]],
];

export const aclScript: Script = {
  name: "acl",
  cfg: { "DigestAuthenticationProvider.superDigest": SUPER_DIGEST },
  steps: [
    connect("a"),
    connect("me"),
    connect("super"),
    ["a", whoAmI()],
    ["me", auth("digest", "me:pw"), whoAmI()],
    ["super", auth("digest", "super:secret"), whoAmI()],
    ...cases.flatMap(([name, list]): Step[] => [
      ["a", create(`/${name}`, name, list)],
      ["a", ...everything(`/${name}`)],
      ["me", ...everything(`/${name}`)],
      ["super", ...everything(`/${name}`)],
    ]),
    ["me", create("/by-auth", "", [acl("auth", "")]), getAcl("/by-auth")],
    ["me", create("/by-auth2", "", [acl("auth", "whatever", READ | ADMIN)]), getAcl("/by-auth2")],
    ["a", getAcl("/by-auth"), getAcl("/by-auth2"), getData("/by-auth")],
    ["super", getAcl("/by-auth"), create("/by-super", "", [acl("auth", "")])],
    ["a", getAcl("/by-super")],
    ["me", setAcl("/by-auth", [], 0), setAcl("/by-auth", null, 0)],
    [
      "me",
      setAcl("/by-auth", [acl("nosuch", "x")], 0),
      setAcl("/by-auth", [acl("digest", "x")], 0),
    ],
    ["me", setAcl("/by-auth", [acl("auth", "", READ)], 7)],
    ["me", setAcl("/by-auth", [acl("auth", "", READ)], 0), getAcl("/by-auth")],
    ["me", setAcl("/by-auth", [acl("world", "anyone")], 1), getData("/by-auth")],
    ["super", setAcl("/by-auth", [acl("world", "anyone")], 1), getAcl("/by-auth")],
    [
      "super",
      setAcl("/missing", [acl("world", "anyone")]),
      setAcl("/", [acl("world", "anyone", READ)]),
    ],
    ["a", create("/no", ""), getAcl("/"), setAcl("/", [acl("world", "anyone")])],
    [
      "super",
      setAcl("/", [acl("world", "anyone")], 1),
      getAcl("/"),
      setData("/zookeeper/config", "mine"),
    ],
    [
      "me",
      auth("digest", "second:pw2"),
      whoAmI(),
      create("/two", "", [acl("auth", "")]),
      getAcl("/two"),
    ],
    ["me", auth("digest", "me:pw"), whoAmI()],
    ["me", auth("digest", "nocolon"), whoAmI()],
    ["me", auth("digest", "me:other"), whoAmI()],
    ["me", auth("ip", "127.0.0.1"), whoAmI()],
    ["super", remove("/zookeeper/config"), remove("/zookeeper"), remove("/mine")],
    connect("b"),
    ["b", auth("nosuch", "x")],
    ["b", exists("/")],
    connect("c"),
    ["c", auth("x509", "x")],
    connect("d"),
    ["d", auth("digest", null)],
    connect("e"),
    ["e", auth("digest", "")],
    connect("f"),
    ["f", auth(null, "x")],
    connect("g"),
    ["g", auth("world", "anyone"), whoAmI()],
    connect("h"),
    ["h", auth("auth", ""), whoAmI()],
    connect("i"),
    ["i", auth("super", "x"), whoAmI()],
    connect("j"),
    ["j", auth("sasl", "x"), whoAmI()],
    connect("k"),
    ["k", auth("digest", "super:wrong"), whoAmI(), getData("/none")],
  ],
};

export const skipAclScript: Script = {
  name: "acl-skipped",
  cfg: { skipACL: "yes" },
  steps: [
    connect("a"),
    ["a", create("/none", "n", [acl("world", "anyone", 0)]), ...everything("/none")],
    ["a", create("/bad", "", [acl("nosuch", "x")]), create("/empty", "", [])],
    ["a", setAcl("/none", [acl("nosuch", "x")]), setData("/zookeeper/config", "x")],
    ["a", remove("/none")],
  ],
};
