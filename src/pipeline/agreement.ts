// Who decides that a prepared transaction is history. A lone server's disk is enough; a leader needs a quorum's.
//
// Whoever implements this logs the proposal, and hands it to `commit` when it is decided: each proposal once, in zxid order.

import type { Clock } from "../platform/platform.js";
import { Proposals } from "../quorum/proposals.js";
import { MajorityVerifier } from "../quorum/verifier.js";
import type { Storage } from "../storage/storage.js";
import type { Sid } from "../wire/ids.js";
import { LogStage, type LogStageOptions } from "./log.js";
import type { Proposal } from "./proposal.js";

export interface Agreement {
  propose(proposal: Proposal): void;
  /** How many are proposed and not decided. */
  readonly outstanding: number;
  /** Calls back when everything that was proposed is on disk here. */
  whenIdle(done: () => void): void;
}

/** A server without a myid calls itself 0, as Java's does. */
const ALONE = 0 as Sid;

/** A quorum of one: what is on our disk is decided. */
export class SoloAgreement implements Agreement {
  readonly #proposals = new Proposals<Proposal>(new MajorityVerifier([ALONE]));
  readonly #log: LogStage;

  constructor(
    storage: Storage,
    clock: Clock,
    options: LogStageOptions,
    commit: (proposal: Proposal) => void,
  ) {
    this.#log = new LogStage(storage, clock, options, (zxid) => {
      this.#proposals.acknowledge(ALONE, zxid);
      let next = this.#proposals.takeCommitted();
      for (; next !== undefined; next = this.#proposals.takeCommitted()) commit(next);
    });
  }

  get outstanding(): number {
    return this.#proposals.length;
  }

  propose(proposal: Proposal): void {
    this.#proposals.add(proposal);
    this.#log.append(proposal.bytes, proposal.zxid);
  }

  whenIdle(done: () => void): void {
    this.#log.whenIdle(done);
  }
}
