// SASL GSSAPI by hand, right and wrong: what a client may say, and what a server makes of it. Tokens are made by initiator.py:
// what checks the mechanism must not be the mechanism.

import { RawConnection } from "../raw/connection.js";
import { create, getAcl, type Request, sasl, whoAmI } from "../raw/requests.js";
import type { Initiator } from "./initiator.js";
import { REALM } from "./realm.js";
import { NEIGHBOUR, SERVICE, STRANGER, type Stage } from "./stage.js";

export interface Attempt {
  readonly name: string;
  readonly client?: string;
  readonly service?: string;
  readonly mutual?: boolean;
  /** Changes the first token. */
  readonly first?: (token: Buffer) => Buffer;
  /** In place of nothing, after the server's AP-REP. */
  readonly between?: Buffer;
  /** In place of the choice of no layer; its bytes before they are wrapped. */
  readonly choice?: Buffer;
  readonly hide?: boolean;
  /** Changes the wrapped choice; is given the server's offer, too. */
  readonly last?: (token: Buffer, offer: Buffer) => Buffer;
  /** Says it all again on a second connection: the answers are that one's. */
  readonly replayed?: boolean;
  readonly after?: readonly Request[];
}

const choice = (layer: number, authzid = "") =>
  Buffer.concat([Buffer.from([layer, 1, 0, 0]), Buffer.from(authzid)]);
const flipped = (at: number) => (token: Buffer) => {
  const other = Buffer.from(token);
  other[at < 0 ? other.length + at : at]! ^= 0x01;
  return other;
};
const always = (token: Buffer) => () => token;
const acl = (scheme: string, id: string) => [{ perms: 31, scheme, id }];

export const ATTEMPTS: readonly Attempt[] = [
  { name: "the right ticket" },
  { name: "the right ticket, and the server has to prove itself", mutual: true },
  { name: "a client with a host", client: "svc-backup/host.example" },
  { name: "a configured super user", client: "root" },
  { name: "its own name as authorization id", choice: choice(1, `alice@${REALM}`) },
  { name: "its short name as authorization id", choice: choice(1, "alice") },
  { name: "somebody else's authorization id", choice: choice(1, "root") },
  { name: "an authorization id that is no UTF-8", choice: Buffer.from("01010000ff00fe", "hex") },
  ...[0, 2, 3, 4, 6, 7, 8, 255].map((layer) => ({
    name: `layer ${layer}`,
    choice: choice(layer),
  })),
  ...[0, 1, 3].map((bytes) => ({
    name: `a choice of ${bytes} bytes`,
    choice: Buffer.alloc(bytes, 1),
  })),
  { name: "a hidden choice", hide: true },
  { name: "a changed choice", last: flipped(-1) },
  { name: "a choice that is not wrapped", last: always(choice(1)) },
  { name: "no choice", last: always(Buffer.alloc(0)) },
  { name: "the server's own offer", last: (_token, offer) => offer },
  { name: "another service whose key the server has", service: NEIGHBOUR },
  { name: "another service whose key the server does not have", service: STRANGER },
  { name: "no token", first: always(Buffer.alloc(0)) },
  { name: "nonsense", first: always(Buffer.from("not a token at all")) },
  { name: "60 KB of zeros", first: always(Buffer.alloc(60_000)) },
  { name: "a changed ticket", first: flipped(200) },
  { name: "a changed authenticator", first: flipped(-1) },
  { name: "half a token", first: (token) => token.subarray(0, token.length >> 1) },
  {
    name: "another mechanism",
    first: (token) =>
      Buffer.from(
        token.toString("latin1").replace("\x12\x01\x02\x02", "\x12\x01\x02\x03"),
        "latin1",
      ),
  },
  {
    name: "something instead of nothing after the server's proof",
    mutual: true,
    between: Buffer.from("x"),
  },
  { name: "a token that was seen before", replayed: true },
  { name: "more after it is over", after: [sasl(Buffer.alloc(0)), whoAmI()] },
  {
    name: "nodes of one's own",
    after: [
      create("/krb-auth", "x", acl("auth", "")),
      getAcl("/krb-auth"),
      create("/krb-alice", "x", acl("sasl", "alice")),
      getAcl("/krb-alice"),
    ],
  },
  { name: "nodes of others", client: "svc-backup/host.example", after: [getAcl("/krb-alice")] },
  { name: "nodes of others for a super user", client: "root", after: [getAcl("/krb-alice")] },
];

/** What a client begins with. */
export function firstToken(
  { clientKeys }: Stage,
  initiator: Initiator,
  { client = "alice", service = SERVICE, mutual = false }: Partial<Attempt> = {},
): Promise<Buffer> {
  return initiator.begin({
    begin: `${service}@${REALM}`,
    principal: `${client}@${REALM}`,
    keytab: clientKeys,
    mutual,
  });
}

/** One line for each answer, with its error and what it brings. */
export async function play(
  port: number,
  attempt: Attempt,
  stage: Stage,
  initiator: Initiator,
): Promise<string[]> {
  const begun = await firstToken(stage, initiator, attempt);
  const first = attempt.first?.(begun) ?? begun;
  if (attempt.replayed === true) await new Player(initiator).run(port, attempt, first);
  return new Player(initiator).run(port, attempt, first);
}

/** What the server makes of a token that is not expected to be any good. */
export function present(port: number, token: Buffer): Promise<string[]> {
  return new Player(undefined).run(port, { name: "a token" }, token);
}

class Player {
  readonly #initiator: Initiator | undefined;
  readonly #lines: string[] = [];
  #connection!: RawConnection;

  constructor(initiator: Initiator | undefined) {
    this.#initiator = initiator;
  }

  async run(port: number, attempt: Attempt, first: Buffer): Promise<string[]> {
    this.#connection = await RawConnection.open(port);
    try {
      await this.#connection.establish();
      await this.#exchange(attempt, first);
      for (const request of [whoAmI(), ...(attempt.after ?? [])]) {
        if (this.#connection.isClosed) break;
        await this.#ask(request);
      }
      return this.#lines;
    } finally {
      await this.#connection.destroy();
    }
  }

  async #exchange(attempt: Attempt, first: Buffer): Promise<void> {
    let token = await this.#say(first, "the first token");
    const initiator = this.#initiator;
    if (token === undefined || initiator === undefined) return;
    if (attempt.mutual === true) {
      const proof = await initiator.step(token);
      this.#lines.push(`proof ${proof.length}`);
      token = await this.#say(attempt.between ?? Buffer.alloc(0), "nothing");
      if (token === undefined) return;
    }
    const offer = await initiator.unwrap(token);
    this.#lines.push(`offer ${offer.toString("hex")}`);
    const wrapped = await initiator.wrap(attempt.choice ?? choice(1), attempt.hide);
    await this.#say(attempt.last?.(wrapped, token) ?? wrapped, "the choice");
  }

  /** Undefined: the server sends no token. */
  async #say(token: Buffer, what: string): Promise<Buffer | undefined> {
    const body = await this.#ask(sasl(token), what);
    if (body === undefined || body.length < 4 || body.readInt32BE(0) < 0) return undefined;
    return body.subarray(4);
  }

  async #ask(request: Request, what = request.label): Promise<Buffer | undefined> {
    this.#connection.request(request);
    const reply = await this.#connection.next();
    if (reply === undefined) {
      this.#lines.push(`${what}: closed`);
      return undefined;
    }
    const error = reply.readInt32BE(12);
    const body = reply.subarray(16);
    this.#lines.push(`${what}: ${error} ${shown(request, body)}`);
    return error === 0 ? body : undefined;
  }
}

/** Tokens are of another making each time, and MIT's are longer; times of a Stat differ. */
function shown(request: Request, body: Buffer): string {
  if (request.label.startsWith("sasl")) {
    if (body.length < 4) return body.toString("hex");
    const bytes = body.readInt32BE(0);
    return bytes > 0 ? "a token" : `token of ${bytes} bytes`;
  }
  const bytes = Buffer.from(body);
  for (let at = 0; at + 8 <= bytes.length; at++) {
    if (bytes.readUInt32BE(at) >>> 8 !== 1 || bytes[at + 3]! < 0x90) continue;
    bytes.write("<a time>", at, "latin1");
  }
  return JSON.stringify(bytes.toString("latin1"));
}
