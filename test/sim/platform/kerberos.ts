// Kerberos of a simulated process: the same questions (has this principal a key, is the ticket for us, was it seen before, was
// the message changed) and the same answers, without the secrets. A key table is a file that names principals, one a line; a
// ticket cache one that names its owner.
//
//   token = JSON of the ticket and a number          message = SHA-256 of number and text (8 bytes), text

import { createHash } from "node:crypto";
import {
  type GssContext,
  type GssCredential,
  type GssDone,
  type GssStep,
  type Kerberos,
  KerberosError,
  type KerberosLogin,
} from "../../../src/platform/kerberos.js";
import type { Clock, Disk } from "../../../src/platform/platform.js";

interface Ticket {
  readonly client: string;
  readonly server: string;
  readonly number: number;
}

const DIGEST_BYTES = 8;

export class SimKerberos implements Kerberos {
  readonly #clock: Clock;
  readonly #disk: Pick<Disk, "readFile" | "stat">;
  readonly #seen = new Set<number>();
  #next: number;

  /** `start`: numbers tell tickets apart, on all machines. */
  constructor(clock: Clock, disk: Pick<Disk, "readFile" | "stat">, start = 1) {
    this.#clock = clock;
    this.#disk = disk;
    this.#next = start;
  }

  open(login: KerberosLogin): GssCredential {
    const { usage, principal = "" } = login;
    if (usage === "accept") {
      if (!this.#lines(login.keyTable).includes(principal)) {
        throw new KerberosError(`No key table entry found for ${principal}`);
      }
      return {
        newContext: () => new AcceptingContext(this.#later, principal, (one) => this.#isNew(one)),
      };
    }
    return {
      newContext: (server = "") => {
        const cached = login.ticketCache === undefined ? [] : this.#lines(login.ticketCache);
        const known = [...cached, ...this.#lines(login.keyTable)];
        const client = known.find((name) =>
          login.principal === undefined ? name !== "" : name === principal,
        );
        const number = this.#next++;
        return new InitiatingContext(
          this.#later,
          client === undefined ? undefined : { client, server, number },
        );
      },
    };
  }

  readonly #later = (run: () => void): void => void this.#clock.setTimer(0, run);

  #isNew({ number }: Ticket): boolean {
    if (this.#seen.has(number)) return false;
    this.#seen.add(number);
    return true;
  }

  #lines(place: string | true | undefined): string[] {
    if (place === undefined) return [];
    const path = place === true ? "/etc/krb5.keytab" : place.replace(/^FILE:/, "");
    if (this.#disk.stat(path) === undefined) return [];
    return this.#disk.readFile(path).toString("utf8").split("\n");
  }
}

abstract class SimContext implements GssContext {
  readonly #later: (run: () => void) => void;
  protected ticket: Ticket | undefined;
  #isReleased = false;

  constructor(later: (run: () => void) => void) {
    this.#later = later;
  }

  step(token: Buffer, done: GssDone<GssStep>): void {
    this.#answer(() => this.advance(token), done);
  }

  wrap(message: Buffer, done: GssDone<Buffer>): void {
    this.#answer(() => Buffer.concat([this.#digest(message), message]), done);
  }

  unwrap(token: Buffer, done: GssDone<Buffer>): void {
    this.#answer(() => {
      const message = token.subarray(DIGEST_BYTES);
      const digest = token.subarray(0, DIGEST_BYTES);
      if (!this.#digest(message).equals(digest)) {
        throw new KerberosError("Message stream modified");
      }
      return message;
    }, done);
  }

  release(): void {
    this.#isReleased = true;
  }

  protected abstract advance(token: Buffer): GssStep;

  #digest(message: Buffer): Buffer {
    if (this.ticket === undefined) throw new KerberosError("No context has been established");
    const hash = createHash("sha256").update(JSON.stringify(this.ticket)).update(message);
    return hash.digest().subarray(0, DIGEST_BYTES);
  }

  #answer<T>(compute: () => T, done: GssDone<T>): void {
    this.#later(() => {
      if (this.#isReleased) return;
      let result: T;
      try {
        result = compute();
      } catch (error) {
        if (!(error instanceof KerberosError)) throw error;
        done(error);
        return;
      }
      done(undefined, result);
    });
  }
}

class AcceptingContext extends SimContext {
  readonly #principal: string;
  readonly #isNew: (ticket: Ticket) => boolean;

  constructor(
    later: (run: () => void) => void,
    principal: string,
    isNew: (ticket: Ticket) => boolean,
  ) {
    super(later);
    this.#principal = principal;
    this.#isNew = isNew;
  }

  protected override advance(token: Buffer): GssStep {
    const ticket = readTicket(token);
    if (ticket.server !== this.#principal) throw new KerberosError("Wrong principal in request");
    if (!this.#isNew(ticket)) throw new KerberosError("Request is a replay");
    this.ticket = ticket;
    const established = { peer: ticket.client, self: ticket.server };
    return { token: Buffer.from("AP-REP"), established };
  }
}

class InitiatingContext extends SimContext {
  readonly #own: Ticket | undefined;
  #hasBegun = false;

  constructor(later: (run: () => void) => void, own: Ticket | undefined) {
    super(later);
    this.#own = own;
  }

  protected override advance(token: Buffer): GssStep {
    const own = this.#own;
    if (own === undefined) throw new KerberosError("No Kerberos credentials available");
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      return { token: Buffer.from(JSON.stringify(own)), established: undefined };
    }
    if (token.toString() !== "AP-REP") throw new KerberosError("Invalid token was supplied");
    this.ticket = own;
    return { token: Buffer.alloc(0), established: { peer: own.server, self: own.client } };
  }
}

function readTicket(token: Buffer): Ticket {
  try {
    const { client, server, number } = JSON.parse(token.toString("utf8")) as Ticket;
    if (typeof client === "string" && typeof number === "number") return { client, server, number };
  } catch {
    // Below.
  }
  throw new KerberosError("Invalid token was supplied");
}
