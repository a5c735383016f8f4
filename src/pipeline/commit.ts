// Applies what a quorum holds, in zxid order, and tells whoever waits. Answers to Java's CommitProcessor, ToBeApplied and
// the write half of FinalRequestProcessor.
//
// Order on one connection: the watch events of a transaction are written while it is applied, its own reply after that, and
// then the reads that waited behind it; so a client learns of a change before it can see data that has it.

import type { ApplyResult } from "../operations/operation.js";
import { applyTxn } from "../operations/transactions.js";
import type { DataTree } from "../tree/data-tree.js";
import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { orderOf } from "./order.js";
import type { Proposal } from "./proposal.js";
import type { ReadStage } from "./read.js";

/** What others must know of an applied transaction. */
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
    const result = applyTxn(this.#tree, proposal.prepared);
    this.#applied(proposal, result);
    if (proposal.origin !== undefined) this.#reply(proposal, result);
  }

  #reply({ origin }: Proposal, result: ApplyResult): void {
    const { connection, operation, xid, receivedMs } = origin!;
    orderOf(connection).answered++;
    if (!connection.isOpen) return;
    if (operation.type === OpCode.createSession) {
      connection.sessionOpened();
    } else {
      const out = connection.startReply(xid, this.#tree.lastProcessedZxid);
      if (result.error === ErrorCode.ok) operation.encode(out, result);
      connection.finishReply(operation.type, result.error, receivedMs, this.#monotonicMs());
    }
    this.#reads.runWaiting(connection);
  }
}
