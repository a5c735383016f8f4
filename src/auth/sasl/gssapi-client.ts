// The client's side of SASL GSSAPI, as Java's mechanism speaks it (com.sun.security.sasl.gsskerb.GssKrb5Client), but that the
// server always has to prove that it holds the key of the service.
//
// The first token is asked for with an empty one; the name that we want to be taken for is our own principal.

import type { GssContext, GssStep } from "../../platform/kerberos.js";
import { layerMessage, NO_LAYER, readLayerMessage } from "./gssapi.js";
import type { SaslExchange, SaslOutcome } from "./sasl.js";

/** Makes the context, perhaps later: whom to call may have to be found out first. */
export type GssCall = (open: (context: GssContext) => void) => void;

type Done = (outcome: SaslOutcome) => void;

export class GssapiClient implements SaslExchange {
  readonly hasInitialResponse = true;
  readonly #call: GssCall;
  #context: GssContext | undefined;
  #self: string | undefined;
  #isOver = false;

  constructor(call: GssCall) {
    this.#call = call;
  }

  evaluate(token: Buffer, done: Done): void {
    const context = this.#context;
    if (context === undefined) {
      this.#call((called) => {
        this.#context = called;
        if (this.#isOver) called.release();
        else this.#step(called, token, done);
      });
    } else if (this.#self === undefined) this.#step(context, token, done);
    else {
      const self = this.#self;
      context.unwrap(token, (error, offer) => {
        if (error !== undefined) this.#fail(done, `Final handshake failed: ${error.message}`);
        else this.#choose(context, offer!, self, done);
      });
    }
  }

  dispose(): void {
    this.#isOver = true;
    this.#context?.release();
  }

  #step(context: GssContext, token: Buffer, done: Done): void {
    context.step(token, (error, step) => {
      if (error !== undefined) this.#fail(done, `GSS initiate failed: ${error.message}`);
      else this.#stepped(step!, done);
    });
  }

  #stepped({ token, established }: GssStep, done: Done): void {
    this.#self = established?.self;
    done({ kind: "challenge", token });
  }

  #choose(context: GssContext, message: Buffer, self: string, done: Done): void {
    const offer = readLayerMessage(message);
    if (offer === undefined || (offer.layers & NO_LAYER) === 0) {
      this.#fail(done, "No common protection layer between client and server");
      return;
    }
    context.wrap(layerMessage(self), (error, token) => {
      if (error !== undefined) this.#fail(done, `Final handshake failed: ${error.message}`);
      else done({ kind: "complete", token: token!, authorizationId: self });
    });
  }

  #fail(done: Done, reason: string): void {
    this.dispose();
    done({ kind: "failed", reason, isFaulty: false });
  }
}
