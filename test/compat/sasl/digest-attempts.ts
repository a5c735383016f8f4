// SASL DIGEST-MD5 by hand, right and wrong: what a client may say, and what a server makes of it. Written without src/: what
// checks the mechanism must not be the mechanism.

import { createHash } from "node:crypto";
import { must } from "../raw/client.js";
import { RawConnection } from "../raw/connection.js";
import { create, getAcl, getData, type Request, sasl, whoAmI } from "../raw/requests.js";

export interface Attempt {
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  /** Instead of the user's name; null: none is sent. */
  readonly authzid?: string | null;
  /** Changes the directives before they are joined. */
  readonly change?: (directives: Map<string, string>) => void;
  /** Instead of the whole response. */
  readonly response?: Buffer;
  /** What is sent before the challenge comes: nothing. */
  readonly first?: Buffer;
  /** After the exchange, when there still is a connection. */
  readonly after?: readonly Request[];
}

const md5 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const latin = (text: string) =>
  Buffer.from(text, [...text].some((c) => c.charCodeAt(0) > 255) ? "utf8" : "latin1");

const CNONCE = "OA6MG9tEQGm2hhOA6MG9tEQGm2hh";

/** `uri`: of clients, or of members: zookeeper-quorum/zk-quorum-sasl-md5. */
export function responseTo(
  challenge: string,
  attempt: Attempt,
  uri = "zookeeper/zk-sasl-md5",
): Buffer {
  const { user = "bob", password = "bobsecret", authzid = user } = attempt;
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const realm = /realm="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const secret = md5(latin(user), ":", latin(realm), ":", latin(password));
  const tail = authzid === null ? "" : `:${authzid}`;
  const a1 = md5(secret, `:${nonce}:${CNONCE}${tail}`).toString("hex");
  const a2 = md5(`AUTHENTICATE:${uri}`).toString("hex");
  const response = md5(`${a1}:${nonce}:00000001:${CNONCE}:auth:${a2}`).toString("hex");
  const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const directives = new Map([
    ["charset", "utf-8"],
    ["username", quote(user)],
    ["realm", quote(realm)],
    ["nonce", quote(nonce)],
    ["nc", "00000001"],
    ["cnonce", quote(CNONCE)],
    ["digest-uri", quote(uri)],
    ["maxbuf", "65536"],
    ["response", response],
    ["qop", "auth"],
  ]);
  if (authzid !== null) directives.set("authzid", quote(authzid));
  attempt.change?.(directives);
  return Buffer.from([...directives].map(([key, value]) => `${key}=${value}`).join(","), "utf8");
}

/** What is not the same from one exchange to the next is replaced. */
function shown(token: Buffer): string {
  const bytes = Buffer.from(token);
  // Times of a Stat: milliseconds since 2024 or so.
  for (let at = 0; at + 8 <= bytes.length; at++) {
    if (bytes.readUInt32BE(at) >>> 8 !== 1 || bytes[at + 3]! < 0x90) continue;
    bytes.write("<a time>", at, "latin1");
  }
  return JSON.stringify(bytes.toString("latin1"))
    .replace(/nonce=\\"[^"]{40}\\"/, "nonce=<40>")
    .replace(/rspauth=[0-9a-f]{32}/, "rspauth=<32>");
}

/** Authenticates a connection that has a session. */
export async function saslAs(
  connection: RawConnection,
  user: string,
  password: string,
): Promise<void> {
  const challenge = await must(connection, sasl(Buffer.alloc(0)));
  const text = challenge.body.toString("utf8", 4);
  await must(connection, sasl(responseTo(text, { name: "", user, password })));
}

/** One line for each answer, with its error and body. */
export async function play(port: number, attempt: Attempt): Promise<string[]> {
  const lines: string[] = [];
  const connection = await RawConnection.open(port);
  const ask = async (request: Request): Promise<Buffer | undefined> => {
    connection.request(request);
    const reply = await connection.next();
    if (reply === undefined) {
      lines.push("closed");
      return undefined;
    }
    const error = reply.readInt32BE(12);
    const body = reply.subarray(16);
    lines.push(`${request.label.split(" ")[0]} ${error} ${shown(body)}`);
    return error === 0 ? body : undefined;
  };
  try {
    await connection.establish();
    const challenge = await ask(sasl(attempt.first ?? Buffer.alloc(0)));
    const text =
      challenge === undefined || challenge.length < 4 ? "" : challenge.toString("utf8", 4);
    await ask(sasl(attempt.response ?? responseTo(text, attempt)));
    for (const request of [whoAmI(), ...(attempt.after ?? [])]) {
      if (connection.isClosed) break;
      await ask(request);
    }
    return lines;
  } finally {
    await connection.destroy();
  }
}

const set = (key: string, value: string) => (all: Map<string, string>) => void all.set(key, value);
const drop = (key: string) => (all: Map<string, string>) => void all.delete(key);
const rename = (from: string, to: string) => (all: Map<string, string>) => {
  const value = all.get(from)!;
  all.delete(from);
  all.set(to, value);
};
const acl = (scheme: string, id: string) => [{ perms: 31, scheme, id }];

export const ATTEMPTS: readonly Attempt[] = [
  { name: "the right password" },
  { name: "a user with realm", user: "eve@EXAMPLE.COM", password: "e" },
  { name: "a user with host and realm", user: "svc/host.example@EXAMPLE.COM", password: "s" },
  { name: "a user whose name is no principal", user: "a@b@c", password: "a" },
  { name: "a user of another realm", user: "mallory@OTHER.COM", password: "m" },
  { name: "a user who is written in Latin-1", user: "zoë", password: "über" },
  { name: "a user who is not", user: "зоя", password: "пароль" },
  { name: "a quoted user", user: 'q"u\\o', password: "q" },
  { name: "no authorization id", authzid: null },
  { name: "somebody else's authorization id", authzid: "super" },
  { name: "a wrong password", password: "bobsecret2" },
  { name: "an unknown user", user: "nobody" },
  { name: "the super user by its own password", user: "super", password: "adminsecret" },
  { name: "the super user by the property's", user: "super", password: "property" },
  { name: "a configured super user", user: "root", password: "r" },
  ...["charset", "username", "realm", "nonce", "nc", "cnonce", "digest-uri", "maxbuf"]
    .concat("response", "qop", "authzid")
    .map((key) => ({ name: `no ${key}`, change: drop(key) })),
  ...(
    [
      ["charset", "UTF-8"],
      ["charset", "latin1"],
      ["realm", '"other"'],
      ["nonce", '"other"'],
      ["cnonce", '"other"'],
      ["maxbuf", "many"],
      ["nonce-count", "x"],
      ["nc", "00000002"],
      ["nonce-count", "00000001"],
      ["nonce-count", "00000002"],
      ["qop", "auth-int"],
      ["qop", "auth-conf"],
      ["qop", "none"],
      ["qop", '"auth"'],
      ["digest-uri", '"ZooKeeper/zk-sasl-md5"'],
      ["digest-uri", '"zookeeper/other"'],
      ["response", "0".repeat(32)],
      ["response", "0"],
      ["auth-param", "x"],
      ["unknown", "x"],
      ["username", "bob"],
      ["username", '"bob" '],
      ["username", '"bob'],
      ["username", ""],
      ["username", '"bob"x'],
      ["", "x"],
      ["a,b", "x"],
      ["a b", "x"],
      ["USERNAME", '"bob"'],
    ] as const
  ).map(([key, value]) => ({ name: `${key}=${value}`, change: set(key, value) })),
  { name: "another case", change: rename("username", "UserName") },
  { name: "no response at all", response: Buffer.alloc(0) },
  { name: "blanks", response: Buffer.from(" \t\r\n,, ,") },
  { name: "nonsense", response: Buffer.from([0, 255, 61, 34, 92, 0]) },
  { name: "a response of 4096 bytes", response: Buffer.alloc(4096, 0x2c) },
  { name: "a response of 4097 bytes", response: Buffer.alloc(4097, 0x2c) },
  { name: "something before the challenge", first: Buffer.from("username=bob") },
  { name: "too much before the challenge", first: Buffer.alloc(5000) },
  { name: "another exchange after it", after: [sasl(Buffer.alloc(0)), whoAmI()] },
  {
    name: "nodes of one's own",
    after: [
      create("/sasl-auth", "x", acl("auth", "")),
      getAcl("/sasl-auth"),
      create("/sasl-bob", "x", acl("sasl", "bob")),
      getData("/sasl-bob"),
      create("/sasl-other", "x", acl("sasl", "other")),
      getAcl("/sasl-other"),
      create("/sasl-odd", "x", acl("sasl", "a/b/c@d@e")),
      create("/sasl-two", "x", acl("sasl", "a/b@C")),
      getAcl("/sasl-two"),
    ],
  },
  {
    name: "nodes of others for a super user",
    user: "root",
    password: "r",
    after: [getAcl("/sasl-other"), getAcl("/sasl-bob")],
  },
  {
    name: "nodes of others for the user super",
    user: "super",
    password: "property",
    after: [getAcl("/sasl-other"), create("/sasl-x", "", acl("auth", ""))],
  },
];

/** Who may not be shortened, and wants to be somebody else. */
export const IMPOSTOR: Attempt = {
  name: "an authorization id beyond the rules",
  user: "mallory@OTHER.COM",
  password: "m",
  authzid: "root",
};

export const JAAS = `
Server {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  user_super="adminsecret"
  user_bob="bobsecret"
  user_root="r"
  "user_eve@EXAMPLE.COM"="e"
  "user_svc/host.example@EXAMPLE.COM"="s"
  "user_mallory@OTHER.COM"="m"
  "user_a@b@c"="a"
  "user_zoë"="über"
  "user_зоя"="пароль"
  "user_q\\"u\\\\o"="q";
};
`;
