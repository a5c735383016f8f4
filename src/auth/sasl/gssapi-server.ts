// The server's side of SASL GSSAPI, as Java's mechanism speaks it (com.sun.security.sasl.gsskerb.GssKrb5Server).
//
//   client ─ AP-REQ ─▶ server        the ticket is for us, in time, and not a replay
//          ◀─ AP-REP ─               only if the client asked for it
//          ─ nothing ─▶
//          ◀─ layers that we offer, wrapped ─
//          ─ its choice, wrapped ─▶
//
// One exchange on a connection: after a failure nothing is tried again.

import { SASL_TOKEN_MAX_BYTES } from "../../limits.js";
import type { GssContext, GssDone, GssStep, KerberosError } from "../../platform/kerberos.js";
import { layerMessage, NO_LAYER, readLayerMessage } from "./gssapi.js";
import { failedBy, SaslError, type SaslExchange, type SaslOutcome } from "./sasl.js";

export interface GssapiServerOptions {
  readonly context: GssContext;
  /** The service that we are: the part of our principal before its host. */
  readonly service: string;
  /** The identity that the client gets. Throws SaslError where it may not act as what it asks for. */
  readonly authorize: (peer: string, authorizationId: string) => string;
}

type Done = (outcome: SaslOutcome) => void;

export class GssapiServer implements SaslExchange {
  readonly #options: GssapiServerOptions;
  #step: "context" | "offer" | "choice" | "over" = "context";
  #peer = "";
  #isComplete = false;

  constructor(options: GssapiServerOptions) {
    this.#options = options;
  }

  evaluate(token: Buffer, done: Done): void {
    const { context } = this.#options;
    if (this.#step === "over") {
      this.#fail(
        done,
        this.#isComplete
          ? "SASL authentication already complete"
          : "SASL authentication has failed",
      );
    } else if (token.length > SASL_TOKEN_MAX_BYTES) {
      this.#fail(done, `Token of ${token.length} bytes: want at most ${SASL_TOKEN_MAX_BYTES}`);
    } else if (this.#step === "context") {
      context.step(
        token,
        this.#unless(done, "GSS initiate failed", (step) => this.#stepped(step, done)),
      );
    } else if (this.#step === "offer") {
      if (token.length > 0) this.#fail(done, "Handshake expecting no response data from server");
      else this.#offer(done);
    } else {
      context.unwrap(
        token,
        this.#unless(done, "Final handshake step failed", (choice) => this.#chosen(choice, done)),
      );
    }
  }

  dispose(): void {
    this.#step = "over";
    this.#options.context.release();
  }

  #stepped({ token, established }: GssStep, done: Done): void {
    if (established === undefined) {
      done({ kind: "challenge", token });
      return;
    }
    const { service } = this.#options;
    if (established.self.split(/[/@]/)[0]!.toLowerCase() !== service.toLowerCase()) {
      this.#fail(done, `GSS context targ name protocol error: ${established.self}`);
      return;
    }
    // How the library writes a name with a slash or a sign in one of its parts: what follows would pass for a host or a realm.
    if (established.peer.includes("\\")) {
      this.#fail(done, `Quoted Kerberos name: ${established.peer}`);
      return;
    }
    this.#peer = established.peer;
    this.#step = "offer";
    if (token.length > 0) done({ kind: "challenge", token });
    else this.#offer(done);
  }

  #offer(done: Done): void {
    this.#step = "choice";
    this.#options.context.wrap(
      layerMessage(),
      this.#unless(done, "Problem wrapping handshake1", (token) =>
        done({ kind: "challenge", token }),
      ),
    );
  }

  #chosen(message: Buffer, done: Done): void {
    let outcome: SaslOutcome;
    try {
      outcome = { kind: "complete", token: null, authorizationId: this.#identityBy(message) };
      this.#isComplete = true;
    } catch (error) {
      outcome = failedBy(error);
    }
    this.dispose();
    done(outcome);
  }

  #identityBy(message: Buffer): string {
    const choice = readLayerMessage(message);
    // Java reads beyond the end.
    if (choice === undefined) throw new SaslError("The client's choice is too short", true);
    if ((choice.layers & NO_LAYER) === 0) {
      throw new SaslError(`Client selected unsupported protection: ${choice.layers}`);
    }
    return this.#options.authorize(this.#peer, choice.authorizationId ?? this.#peer);
  }

  #unless<T>(done: Done, what: string, go: (result: T) => void): GssDone<T> {
    return (error: KerberosError | undefined, result?: T) => {
      if (error !== undefined) this.#fail(done, `${what}: ${error.message}`);
      else go(result as T);
    };
  }

  #fail(done: Done, reason: string): void {
    this.dispose();
    done({ kind: "failed", reason, isFaulty: false });
  }
}
