// Of those whom Kerberos knows, lets in members alone: whose principal names the host of one. Java: SaslQuorumServerCallbackHandler.
//
// With kerberos.canonicalizeHostNames the names that DNS has for the members' hosts will do as well.

import { canonicalHost, type Names } from "../auth/kerberos/canonical-name.js";
import { parseKerberosName } from "../auth/kerberos/kerberos-name.js";
import type { SaslExchange, SaslOutcome } from "../auth/sasl/sasl.js";

type Done = (outcome: SaslOutcome) => void;

export class MembersOnly implements SaslExchange {
  readonly #exchange: SaslExchange;
  readonly #hosts: () => Iterable<string>;
  readonly #network: Names | undefined;
  #isOver = false;

  /** `hosts`: as the configuration in force has them. `network`: to ask for their canonical names. */
  constructor(exchange: SaslExchange, hosts: () => Iterable<string>, network: Names | undefined) {
    this.#exchange = exchange;
    this.#hosts = hosts;
    this.#network = network;
  }

  evaluate(token: Buffer, done: Done): void {
    this.#exchange.evaluate(token, (outcome) => {
      if (outcome.kind === "complete") this.#check(outcome, done);
      else done(outcome);
    });
  }

  dispose(): void {
    this.#isOver = true;
    this.#exchange.dispose();
  }

  #check(outcome: SaslOutcome & { readonly kind: "complete" }, done: Done): void {
    const { authorizationId } = outcome;
    const host = parseKerberosName(authorizationId)?.host?.toLowerCase();
    const reason = `${authorizationId} is not authorized to connect: it names no member's host`;
    const refused: SaslOutcome = { kind: "failed", reason, isFaulty: false };
    const hosts = [...this.#hosts()];
    const isHost = (one: string) => one.toLowerCase() === host;
    const network = this.#network;
    if (hosts.some(isHost)) done(outcome);
    else if (host === undefined || network === undefined || hosts.length === 0) done(refused);
    else this.#askFor(network, hosts, (names) => done(names.some(isHost) ? outcome : refused));
  }

  #askFor(network: Names, hosts: readonly string[], done: (names: string[]) => void): void {
    const names: string[] = [];
    for (const host of hosts) {
      canonicalHost(network, host, (name) => {
        names.push(name);
        if (names.length === hosts.length && !this.#isOver) done(names);
      });
    }
  }
}
