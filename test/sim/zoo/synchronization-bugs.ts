// Bugs of how a learner comes to its leader's history, and of what a life leaves to the next one.

import type { Bug, Edit } from "./bug.js";

const LEARNER = "src/quorum/learner.ts";
const PLAN = "src/quorum/sync-plan.ts";
const FOLLOWING = "src/member/following.ts";
const LEADING = "src/member/leading.ts";
const DATABASE = "src/member/database.ts";
const HISTORY = "src/storage/history.ts";

/** Nobody looks whether a history has a hole any more: neither the log, nor the leader, nor the learner. */
const BLIND_FOR_HOLES: readonly Edit[] = [
  {
    file: "src/storage/txn-log.ts",
    from: "if (!follows(last, zxid)) assert(false,",
    to: "if (zxid <= last) assert(false,",
  },
  {
    file: LEARNER,
    from: "if (data === null || isOfLater || !follows(zxid, this.#lastAppended)) {",
    to: "if (data === null || isOfLater) {",
  },
  {
    file: "src/quorum/committed-log.ts",
    from: "if (last !== undefined && !follows(zxid, last)) {",
    to: "if (last !== undefined && zxid <= last) {",
  },
  { file: PLAN, from: "if (!isContiguous(txns)) return undefined;", to: "" },
];

export const SYNCHRONIZATION_BUGS: readonly Bug[] = [
  {
    name: "hole-in-committed-log",
    known: "R9, ZOOKEEPER-4925",
    what: "What a synchronization brings is not kept for those whom this member will synchronize.",
    profile: "crash",
    edits: [
      ...BLIND_FOR_HOLES,
      {
        file: FOLLOWING,
        from: "else database.commitReceived(zxid, this.#isFuzzy);",
        to: "else database.commitReceived(zxid, false, false);",
      },
      {
        file: DATABASE,
        from: "commitReceived(zxid: Zxid, isFuzzy = false): Committed {",
        to: "commitReceived(zxid: Zxid, isFuzzy = false, isKept = true): Committed {",
      },
      {
        file: DATABASE,
        from: "    this.#committed.add(zxid, next.bytes);",
        to: "    if (isKept) this.#committed.add(zxid, next.bytes);",
      },
    ],
  },
  {
    name: "gap-between-log-and-memory",
    known: "R20, R21, ZOOKEEPER-2099, -2418",
    what: "A DIFF is made of what the log has and what memory has, whether they meet or not.",
    edits: [
      ...BLIND_FOR_HOLES,
      {
        file: DATABASE,
        from: "return isWhole ? txns : undefined;",
        to: "return isWhole || txns ? txns : undefined;",
      },
      {
        file: "src/storage/log-iteration.ts",
        from: "if (first === undefined || first.zxid > fromZxid) return undefined;",
        to: "if (first === undefined) return undefined;",
      },
      {
        file: PLAN,
        from: "if (counterOf(learnerLast) === 0 || found.zxid === learnerLast + 1) {",
        to: "if (counterOf(learnerLast) === 0 || at === 0) {",
      },
    ],
  },
  {
    name: "trunc-keeps-newer-snapshot",
    known: "R16, ZOOKEEPER-1549, -4837",
    what: "Who begins to lead takes a snapshot of all that it has logged. TRUNC cuts the logs and leaves newer snapshots; the tree is loaded from one of them and called by the cut.",
    profile: "stories",
    edits: [
      {
        file: LEADING,
        from: "    this.#scheduleTick();\n    this.#step((effects) => this.#leader.begin(effects));",
        to: `    this.#scheduleTick();
    const { database } = this.#context;
    database.storage.startSnapshot(database.tree.beginSnapshot());
    this.#step((effects) => this.#leader.begin(effects));`,
      },
      {
        file: HISTORY,
        from: "for (const file of snapshots.filter((one) => one.zxid > zxid)) {",
        to: "for (const file of snapshots.filter(() => false)) {",
      },
      {
        file: FOLLOWING,
        from: "if (tree.lastProcessedZxid !== zxid) {",
        to: "tree.lastProcessedZxid = zxid;\n    database.storage.continueAfter(zxid);\n    if (tree.lastProcessedZxid !== zxid) {",
      },
      {
        file: "src/storage/storage.ts",
        from: "  // ------------------------------------------------------------------------------------------------ what a leader orders",
        to: "  continueAfter(zxid: Zxid): void {\n    this.#txnLog.continueAfter(zxid);\n  }\n",
      },
    ],
  },
  {
    name: "trunc-not-durable",
    known: "H1",
    what: "TRUNC is not synced, and what is read afterwards is not made durable.",
    edits: [
      {
        file: "src/storage/disk-steps.ts",
        from: "    await step((done) => file.truncate(sizeBytes, done));\n    await step((done) => file.sync(done));",
        to: "    await step((done) => file.truncate(sizeBytes, done));",
      },
      {
        file: "src/storage/recovery.ts",
        from: "await makeDurable(context, snapshot, replaying);",
        to: "",
      },
    ],
  },
  {
    name: "newer-txns-get-diff",
    known: "R17, ZOOKEEPER-1154",
    what: "A learner that has logged what nobody else has is sent DIFF.",
    edits: [
      {
        file: PLAN,
        from: `return { kind: "trunc", end: lastTxn, txns: [] };`,
        to: `return { kind: "diff", end: lastTxn, txns: [] };`,
      },
    ],
  },
  {
    name: "snap-keeps-old-logs",
    known: "R18, R19, ZOOKEEPER-2832, -2846",
    what: "The leader's snapshot replaces the snapshots; the logs stay.",
    edits: [
      {
        file: HISTORY,
        from: "for (const file of logFiles(directories.logs, plainFiles(disk, directories.logs)).reverse()) {",
        to: "for (const file of [] as LogFile[]) {",
      },
    ],
  },
  {
    name: "snap-named-after-proposals",
    known: "R13, ZOOKEEPER-3104",
    what: "SNAP is labelled with the last zxid that was proposed, and shows what is committed.",
    edits: [
      {
        file: "src/quorum/send-sync.ts",
        from: "learners.send(learner, Type[plan.kind], plan.end, null, effects);",
        to: `const label = outstanding.at(-1)?.zxid ?? plan.end;
    learners.send(learner, Type[plan.kind], plan.kind === "snap" ? label : plan.end, null, effects);`,
      },
    ],
  },
  {
    name: "zxid-raised-by-diff",
    known: "R15, ZOOKEEPER-2355",
    what: "DIFF raises the last zxid at once; the transactions come later, or never.",
    profile: "stories",
    edits: [
      {
        file: FOLLOWING,
        from: "this.#log.info(`Getting a diff",
        to: "this.#context.database.tree.lastProcessedZxid = packet.zxid;\n this.#log.info(`Getting a diff",
      },
    ],
  },
  {
    name: "tree-kept-behind-log",
    known: "R10, ZOOKEEPER-2845",
    what: "A leader that gives up keeps its tree, without what it has logged and nobody has committed.",
    edits: [
      {
        file: LEADING,
        from: `      database.fastForward(logged);`,
        to: "",
      },
      ...BLIND_FOR_HOLES,
    ],
  },
  {
    name: "next-life-before-log-is-still",
    known: "R8, ZOOKEEPER-4541, -4712",
    what: "The next life begins while the log of the last one is being written.",
    edits: [
      {
        file: "src/member/effect-runner.ts",
        from: `    this.#whenIdle = done;
    this.#flushIfNeeded();
    this.#becomeIdle();`,
        to: "    done();",
      },
    ],
  },
  {
    name: "epoch-zxid-before-quorum",
    known: "R24, ZOOKEEPER-790, -1081",
    what: "(e,0) is the last zxid as soon as a leader is elected.",
    edits: [
      {
        file: LEADING,
        from: "    this.#scheduleTick();\n    this.#step((effects) => this.#leader.begin(effects));",
        to: `    this.#scheduleTick();
    const { database, epochs } = this.#context;
    database.tree.lastProcessedZxid = ((epochs.accepted + 1) * 2 ** 32) as Zxid;
    this.#step((effects) => this.#leader.begin(effects));`,
      },
    ],
  },
  {
    name: "ghost-ephemerals-after-load",
    known: "R15, R31, H6",
    what: "A tree that was loaded does not know which ephemerals are whose: they outlive their sessions there.",
    edits: [
      {
        file: "src/tree/owned-nodes.ts",
        from: "else if (kind === NodeKind.ephemeral) this.#addEphemeral(path, owner as SessionId);",
        to: "else if (kind === NodeKind.ephemeral && path.charCodeAt(path.length - 1) % 2 === 0) this.#addEphemeral(path, owner as SessionId);",
      },
    ],
  },
  {
    name: "sessions-closed-in-sync-leave-ephemerals",
    known: "R15, R31, ZOOKEEPER-5010",
    what: "A closeSession that comes with a synchronization ends the session, not its ephemerals.",
    edits: [
      {
        file: FOLLOWING,
        from: "else database.commitReceived(zxid, this.#isFuzzy);",
        to: `else {
          const { tree } = database;
          const { killSession } = tree;
          tree.killSession = () => [];
          database.commitReceived(zxid);
          tree.killSession = killSession;
        }`,
      },
    ],
  },
];
