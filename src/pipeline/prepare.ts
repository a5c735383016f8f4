// Turns requests into transactions. Answers to Java's PrepRequestProcessor.
//
// A request is checked against the tree as it will be when everything before it has been applied, so that many writes can
// be on their way at once. What was decided is written down in the txn; nothing is decided again later.
//
// Invariant: every prepared request gets the next zxid, failed ones too (an error txn), and the tree is not touched.

import type {
  Caller,
  EnsembleView,
  ExceededQuota,
  OperationSettings,
  PrepareContext,
  SessionChecks,
  WriteOperation,
} from "../operations/operation.js";
import { PendingTree } from "../operations/pending-tree.js";
import { prepare, prepareRequest } from "../operations/transactions.js";
import type { DataTree } from "../tree/data-tree.js";
import { NO_SESSION, type Zxid } from "../wire/ids.js";
import { type Origin, type Proposal, proposalOf } from "./proposal.js";

/** Java: the sessionTracker and upgrade of PrepRequestProcessor; what goes into every PrepareContext. */
export interface PrepareParts {
  readonly tree: DataTree;
  readonly settings: OperationSettings;
  readonly sessions: SessionChecks;
  readonly ensemble?: EnsembleView | undefined;
  readonly wallMs: () => number;
  readonly onQuotaExceeded: (quota: ExceededQuota) => void;
}

export class PrepareStage {
  readonly #parts: PrepareParts;
  readonly #pending: PendingTree;
  /** One for all, filled in before each: whoever is given it does not keep it. */
  readonly #context: { -readonly [Field in keyof PrepareContext]: PrepareContext[Field] };
  #lastZxid: Zxid;

  constructor(parts: PrepareParts) {
    this.#parts = parts;
    this.#pending = new PendingTree(parts.tree, parts.settings.digestEnabled);
    this.#lastZxid = parts.tree.lastProcessedZxid;
    const { settings, sessions, ensemble, onQuotaExceeded } = parts;
    const pending = this.#pending;
    const caller = { sessionId: NO_SESSION, identities: [], owner: undefined };
    const nobody = { caller, cxid: 0, zxid: this.#lastZxid, nowMs: 0 };
    this.#context = { ...nobody, pending, sessions, settings, ensemble, onQuotaExceeded };
  }

  /** `request` is what the operation has decoded, or what the server itself wants. */
  prepareRequest(
    operation: WriteOperation,
    request: unknown,
    caller: Caller,
    cxid: number,
    origin: Origin | undefined,
  ): Proposal {
    const context = this.#nextContext(caller, cxid);
    return proposalOf(prepareRequest(context, operation, request), origin);
  }

  /** A request as a learner has sent it: whatever it is, it becomes a txn. */
  prepareForwarded(
    operation: WriteOperation,
    bytes: Buffer,
    start: number,
    caller: Caller,
    cxid: number,
  ): Proposal {
    const context = this.#nextContext(caller, cxid);
    return proposalOf(prepare(context, operation, bytes, start), undefined);
  }

  #nextContext(caller: Caller, cxid: number): PrepareContext {
    const zxid = (this.#lastZxid + 1) as Zxid;
    this.#lastZxid = zxid;
    const context = this.#context;
    context.caller = caller;
    context.cxid = cxid;
    context.zxid = zxid;
    context.nowMs = this.#parts.wallMs();
    return context;
  }

  /** The tree says it now. */
  applied(zxid: Zxid): void {
    this.#pending.discardAppliedUpTo(zxid);
  }
}
