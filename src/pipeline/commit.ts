// Applies what a quorum holds, in zxid order, and tells whoever waits. Answers to Java's CommitProcessor and ToBeApplied.
//
// Order on one connection: the watch events of a transaction are written while it is applied, its own reply after that, and
// then the reads that waited behind it; so a client learns of a change before it can see data that has it.

import type { ApplyResult } from "../operations/operation.js";
import { applyTxn } from "../operations/transactions.js";
import type { DataTree } from "../tree/data-tree.js";
import type { Proposal } from "./proposal.js";
import type { ReadStage } from "./read.js";
import { replyToWrite } from "./reply.js";

/** What others must know of an applied transaction, before its reply. */
export type Applied = (proposal: Proposal, result: ApplyResult) => void;

export class CommitStage {
  readonly #tree: DataTree;
  readonly #reads: ReadStage;
  readonly #monotonicMs: () => number;
  readonly #applied: Applied;

  constructor(tree: DataTree, reads: ReadStage, monotonicMs: () => number, applied: Applied) {
    this.#tree = tree;
    this.#reads = reads;
    this.#monotonicMs = monotonicMs;
    this.#applied = applied;
  }

  commit(proposal: Proposal): void {
    const { origin } = proposal;
    const result = applyTxn(this.#tree, proposal, origin !== undefined);
    this.#applied(proposal, result);
    if (origin === undefined) return;
    replyToWrite(origin, result, this.#tree.lastProcessedZxid, this.#monotonicMs);
    this.#reads.runWaiting(origin.connection);
  }
}
