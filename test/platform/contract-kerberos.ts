// Kerberos on every platform: who is let in by which ticket, what both sides know of each other then, and what becomes of a
// context that is no longer wanted. The simulated platform has it in sim.test.ts, the real one with a key distribution centre in
// test/compat/kerberos/platform.test.ts.

import assert from "node:assert/strict";
import {
  type GssContext,
  type GssDone,
  type GssStep,
  type Kerberos,
  KerberosError,
  type KerberosLogin,
} from "../../src/platform/kerberos.js";

export interface KerberosSubject {
  readonly kerberos: Kerberos;
  readonly configurationFile: string | undefined;
  /** Of a service, and of two clients. */
  readonly service: string;
  readonly clients: readonly [string, string];
  /** With keys of all three. */
  readonly keyTable: string;
  /** Of the second client. */
  readonly ticketCache: string;
  /** Lets the world go on until the promise has settled. */
  wait<T>(promise: Promise<T>): Promise<T>;
}

type Login = Partial<KerberosLogin> & Pick<KerberosLogin, "usage">;

class Sides {
  readonly #subject: KerberosSubject;
  readonly acceptor: GssContext;
  readonly initiator: GssContext;

  constructor(subject: KerberosSubject, client: Partial<KerberosLogin> = {}, target?: string) {
    const { service, clients } = subject;
    this.#subject = subject;
    this.acceptor = open(subject, { usage: "accept", principal: service }).newContext();
    const login = { principal: clients[0], ...client };
    const credential = open(subject, { usage: "initiate", ...login });
    this.initiator = credential.newContext(target ?? service);
  }

  ask<T>(call: (done: GssDone<T>) => void): Promise<T> {
    return this.#subject.wait(
      new Promise<T>((resolve, reject) => {
        let isInside = true;
        call((error, result) => {
          assert.equal(isInside, false, "never before the call has returned");
          if (error !== undefined) reject(error);
          else resolve(result as T);
        });
        isInside = false;
      }),
    );
  }

  begin(): Promise<GssStep> {
    return this.ask<GssStep>((done) => this.initiator.step(Buffer.alloc(0), done));
  }

  accept(token: Buffer): Promise<GssStep> {
    return this.ask<GssStep>((done) => this.acceptor.step(token, done));
  }

  async establish(): Promise<[accepted: GssStep, initiated: GssStep]> {
    const { token } = await this.begin();
    const accepted = await this.accept(token);
    const initiated = await this.ask<GssStep>((done) => this.initiator.step(accepted.token, done));
    return [accepted, initiated];
  }

  release(): void {
    this.acceptor.release();
    this.initiator.release();
  }
}

function open({ kerberos, configurationFile, keyTable }: KerberosSubject, login: Login) {
  const all = { configurationFile, principal: undefined, keyTable, ticketCache: undefined };
  return kerberos.open({ ...all, ...login });
}

async function failsIn(promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof KerberosError);
    assert.doesNotMatch(error.message, /^$|success/i);
    return true;
  });
}

export const kerberosContract: Readonly<
  Record<string, (subject: KerberosSubject) => Promise<void>>
> = {
  async "both sides learn of each other, and protect what they say"(subject) {
    const sides = new Sides(subject);
    const [accepted, initiated] = await sides.establish();
    const { service, clients } = subject;
    assert.deepEqual(accepted.established, { peer: clients[0], self: service });
    assert.deepEqual(initiated.established, { peer: service, self: clients[0] });
    for (const [from, to] of [
      [sides.acceptor, sides.initiator],
      [sides.initiator, sides.acceptor],
    ] as const) {
      const message = Buffer.from("a message");
      const token = await sides.ask<Buffer>((done) => from.wrap(message, done));
      const changed = Buffer.from(token);
      changed[token.length - 1]! ^= 1;
      await failsIn(sides.ask((done) => to.unwrap(changed, done)));
      assert.deepEqual(await sides.ask<Buffer>((done) => to.unwrap(token, done)), message);
    }
    sides.release();
  },

  async "a ticket cache gives its owner's tickets, whether or not one is named"(subject) {
    const { ticketCache, clients } = subject;
    for (const principal of [clients[1], undefined]) {
      const sides = new Sides(subject, { principal, ticketCache, keyTable: undefined });
      const [accepted] = await sides.establish();
      assert.equal(accepted.established?.peer, clients[1]);
      sides.release();
    }
  },

  async "without the principal's tickets the keys are next"(subject) {
    const { ticketCache, clients } = subject;
    const sides = new Sides(subject, { principal: clients[0], ticketCache });
    const [accepted] = await sides.establish();
    assert.equal(accepted.established?.peer, clients[0]);
    sides.release();
  },

  async "a token is good once"(subject) {
    const sides = new Sides(subject);
    const { token } = await sides.begin();
    await sides.accept(token);
    const again = new Sides(subject);
    await failsIn(again.accept(token));
    sides.release();
    again.release();
  },

  async "a ticket for another service is refused"(subject) {
    const sides = new Sides(subject, {}, subject.clients[1]);
    const { token } = await sides.begin();
    await failsIn(sides.accept(token));
    sides.release();
  },

  async "nonsense is refused, and so is half a token"(subject) {
    const whole = new Sides(subject);
    const { token: right } = await whole.begin();
    whole.release();
    const half = right.subarray(0, right.length >> 1);
    for (const token of [Buffer.alloc(0), Buffer.from("nonsense"), Buffer.alloc(65_536), half]) {
      const sides = new Sides(subject);
      await failsIn(sides.accept(token));
      sides.release();
    }
  },

  async "who has neither key nor ticket cannot call anybody"(subject) {
    const nobody = "nobody@NOWHERE.TEST";
    await failsIn(new Sides(subject, { principal: nobody }).begin());
    await failsIn(new Sides(subject, { keyTable: undefined }).begin());
  },

  async "who accepts needs a key from the first"(subject) {
    const usage = "accept";
    for (const login of [
      { usage, principal: "nobody@NOWHERE.TEST" },
      { usage, principal: subject.service, keyTable: "FILE:/nowhere/at.all" },
    ] as const) {
      assert.throws(() => open(subject, login), KerberosError);
    }
  },

  async "nothing is told of a context that is released meanwhile"(subject) {
    const released = new Sides(subject);
    const other = new Sides(subject);
    released.acceptor.step(Buffer.from("nonsense"), () => assert.fail("told"));
    released.release();
    // One that comes after it shows that its turn is over.
    await failsIn(other.accept(Buffer.from("nonsense")));
    other.release();
  },
};
