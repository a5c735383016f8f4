// A mixed load by several clients, and an account of what the server has promised each of them.
//
// Every client works below a node of its own and waits for each answer before it asks again, but for its pipelined sets; so
// of each client at most the last few requests are unanswered when the server dies, and for each node the account knows
// what it must hold and what it may hold.
//
//   sets        /c<i>/value  a counter that only grows: at least the acknowledged number, at most the one last sent
//   creates     /c<i>/n-<k>  acknowledged: there. Asked for and unanswered: may be there
//   sequences   /c<i>/q-…    no number is ever given twice, over all deaths of the server
//   multis      /c<i>/m-<k>a, /c<i>/m-<k>b, value2   all or nothing
//   deletes     of nodes created before: acknowledged: gone
//   ephemerals  /c<i>/e-<k>  there as long as the session lives

import { RawConnection } from "../compat/raw/connection.js";
import {
  create,
  Mode,
  multi,
  OPEN,
  type Request,
  remove,
  setData,
} from "../compat/raw/requests.js";
import type { Random } from "./random.js";

/** What a node must be after the server has come back. */
type Expectation = "there" | "gone" | "either";

export class Client {
  readonly name: string;
  readonly #random: Random;
  #connection: RawConnection | undefined;
  #nextName = 0;
  isStopped = true;
  /** Its connection has ended while it worked. */
  isGone = false;
  /** Its close was acknowledged. */
  isSessionClosed = false;

  readonly nodes = new Map<string, Expectation>();
  readonly ephemerals = new Map<string, Expectation>();
  /** Pairs of nodes that one multi makes, and the number it sets. */
  readonly pairs: { a: string; b: string; number: number; acknowledged: boolean }[] = [];
  readonly sequences = new Set<string>();
  readonly repeated: string[] = [];
  acknowledgedValue = 0;
  sentValue = 0;
  acknowledgedMulti = 0;
  sessionId = 0n;
  password = Buffer.alloc(0);
  acknowledgedCount = 0;

  constructor(name: string, random: Random) {
    this.name = name;
    this.#random = random;
  }

  get root(): string {
    return `/${this.name}`;
  }

  /** Takes its session up again, or begins one. Returns false when the server no longer knows the session. */
  async connect(port: number, timeoutMs: number): Promise<boolean> {
    const connection = await RawConnection.open(port);
    this.#connection = connection;
    const isOld = this.sessionId !== 0n;
    const old = isOld ? { sessionId: this.sessionId, password: this.password } : {};
    try {
      await connection.establish({ timeoutMs, ...old });
    } catch (error) {
      if (isOld) return false;
      throw error;
    }
    this.sessionId = connection.sessionId;
    this.password = Buffer.from(connection.password);
    return true;
  }

  forgetSession(): void {
    this.sessionId = 0n;
    this.isSessionClosed = false;
  }

  async ask(request: Request): Promise<{ error: number; body: Buffer }> {
    const connection = this.#connection!;
    const xid = connection.request(request);
    for (;;) {
      const reply = await connection.next();
      if (reply === undefined) throw new Gone();
      if (reply.readInt32BE(0) === xid) {
        return { error: reply.readInt32BE(12), body: reply.subarray(16) };
      }
    }
  }

  disconnect(): Promise<void> {
    return this.#connection?.destroy() ?? Promise.resolve();
  }

  /** Works until the server is gone. */
  async work(): Promise<void> {
    this.isStopped = false;
    this.isGone = false;
    try {
      while (!this.isStopped) {
        await this.#something();
        this.acknowledgedCount++;
      }
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      this.isGone = true;
    }
  }

  async #something(): Promise<void> {
    const what = this.#random.below(100);
    if (what < 30) await this.#set();
    else if (what < 50) await this.#create();
    else if (what < 65) await this.#sequential();
    else if (what < 85) await this.#multi();
    else if (what < 93) await this.#delete();
    else await this.#ephemeral();
  }

  /** Several sets in one go, answered in order. */
  async #set(): Promise<void> {
    const count = 1 + this.#random.below(8);
    const connection = this.#connection!;
    const xids: number[] = [];
    for (let i = 0; i < count; i++) {
      this.sentValue++;
      xids.push(connection.request(setData(`${this.root}/value`, `${this.sentValue}`)));
    }
    for (const [i, xid] of xids.entries()) {
      const reply = await connection.next();
      if (reply === undefined) throw new Gone();
      expect(reply.readInt32BE(0) === xid, `reply ${reply.readInt32BE(0)} where ${xid} was due`);
      expect(reply.readInt32BE(12) === 0, `set failed with ${reply.readInt32BE(12)}`);
      this.acknowledgedValue = this.sentValue - (count - 1 - i);
    }
  }

  async #create(): Promise<void> {
    const path = `${this.root}/n-${this.#nextName++}`;
    this.nodes.set(path, "either");
    const { error } = await this.ask(create(path, this.#random.bytes(this.#random.below(300))));
    expect(error === 0, `create ${path} failed with ${error}`);
    this.nodes.set(path, "there");
  }

  async #sequential(): Promise<void> {
    const { error, body } = await this.ask(create(`${this.root}/q/s-`, "", OPEN, Mode.sequential));
    expect(error === 0, `create of a sequence failed with ${error}`);
    const path = body.toString("utf8", 4);
    if (this.sequences.has(path)) this.repeated.push(path);
    this.sequences.add(path);
    // Gone again at once, so that only the server's memory of the number keeps it from coming back.
    this.nodes.set(path, "either");
    const removal = await this.ask(remove(path));
    expect(removal.error === 0, `delete ${path} failed with ${removal.error}`);
    this.nodes.set(path, "gone");
  }

  async #multi(): Promise<void> {
    const number = this.#nextName++;
    const [a, b] = [`${this.root}/m-${number}a`, `${this.root}/m-${number}b`];
    const pair = { a, b, number, acknowledged: false };
    this.pairs.push(pair);
    const { error } = await this.ask(
      multi(create(a, "a"), setData(`${this.root}/value2`, `${number}`), create(b, "b")),
    );
    expect(error === 0, `multi failed with ${error}`);
    pair.acknowledged = true;
    this.acknowledgedMulti = number;
  }

  async #delete(): Promise<void> {
    const there = [...this.nodes].filter(([, state]) => state === "there").map(([path]) => path);
    if (there.length === 0) return;
    const path = this.#random.pick(there);
    this.nodes.set(path, "either");
    const { error } = await this.ask(remove(path));
    expect(error === 0, `delete ${path} failed with ${error}`);
    this.nodes.set(path, "gone");
  }

  async #ephemeral(): Promise<void> {
    const path = `${this.root}/e-${this.#nextName++}`;
    this.ephemerals.set(path, "either");
    const { error } = await this.ask(create(path, "", OPEN, Mode.ephemeral));
    expect(error === 0, `create ${path} failed with ${error}`);
    this.ephemerals.set(path, "there");
  }
}

/** The server's end of the connection is no more. */
export class Gone extends Error {
  override readonly name = "Gone";
}

export function expect(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
