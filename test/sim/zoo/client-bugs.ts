// Bugs that a client sees directly: order, watches, sessions, and what prepare decides.

import type { Bug } from "./bug.js";

const TRACKER = "src/session/session-tracker.ts";
const PENDING = "src/operations/pending-tree.ts";

export const CLIENT_BUGS: readonly Bug[] = [
  {
    name: "read-overtakes-own-write",
    known: "R130, ZOOKEEPER-1863",
    what: "A read is answered at once, also behind writes of its session.",
    edits: [
      {
        file: "src/pipeline/read.ts",
        from: `    } else if (order.isIdle) {
      this.#fill(connection, connection.identities);`,
        to: `    } else if (order.isIdle || operation.type > 0) {
      this.#fill(connection, connection.identities);`,
      },
    ],
  },
  {
    name: "answered-before-committed",
    known: "3.1 p",
    what: "A leader answers its own clients' writes when its own disk has them.",
    shownBy: [
      {
        file: "transcripts/quorum/broadcast.txt",
        name: "Proposals in order, commit when a quorum has them on disk",
      },
    ],
    edits: [
      {
        file: "src/quorum/leader.ts",
        from: "    this.#proposals.acknowledge(this.#start.sid, zxid);\n    this.#commit(effects);",
        to: `    this.#proposals.acknowledge(this.#start.sid, zxid);
    for (const sid of this.#start.verifier.votingMembers) this.#proposals.acknowledge(sid, zxid);
    this.#commit(effects);`,
      },
    ],
  },
  {
    name: "watch-events-after-data",
    known: "G8",
    what: "Watch events leave at the end of the turn, after replies that show the change.",
    shownBy: [
      {
        file: "client/requests.test.ts",
        name: "An event that fires while a reply is written goes before it",
      },
    ],
    edits: [
      {
        file: "src/client/connection.ts",
        from: "    this.#outbox.event(frame);",
        to: "    queueMicrotask(() => this.#outbox.event(frame));",
      },
    ],
  },
  {
    name: "watches-of-children-forgotten",
    known: "R134, ZOOKEEPER-3145",
    what: "A child watch is not told of a child that goes.",
    edits: [
      {
        file: "src/tree/data-tree.ts",
        from: '    this.watches.child.trigger(parentPath || "/", EventType.nodeChildrenChanged, zxid, parentAcl);\n    return ErrorCode.ok;\n  }\n\n  /** `version` is the new one. */',
        to: "    return ErrorCode.ok;\n  }\n\n",
      },
    ],
  },
  {
    name: "set-watches-without-catch-up",
    known: "R133, ZOOKEEPER-1412",
    what: "Watches that are set again after a reconnection are not told what they missed.",
    edits: [
      {
        file: "src/operations/set-watches.ts",
        from: "tree.watches.set(relativeZxid, watches, watcher, (path) => tree.get(path));",
        to: "tree.watches.set(2n ** 62n, watches, watcher, (path) => tree.get(path));",
      },
    ],
  },
  {
    name: "moved-session-not-checked",
    known: "R116 (the other half), G2",
    what: "Requests of a session are carried out through whomever they come.",
    shownBy: [
      { file: "session/session-tracker.test.ts", name: "SessionTracker lets the first owner in" },
    ],
    profile: "network",
    edits: [
      {
        file: TRACKER,
        from: `return session.owner === owner ? "ok" : "moved";`,
        to: `return session.owner === owner ? "ok" : "ok";`,
      },
    ],
  },
  {
    name: "closing-session-revived",
    known: "R111, ZOOKEEPER-1496",
    what: "A session whose closing is under way can be touched, renewed and used.",
    edits: [
      {
        file: TRACKER,
        from: "if (session === undefined || session.isClosing || session.isRemoved) return false;",
        to: "if (session === undefined || session.isRemoved) return false;",
      },
      { file: TRACKER, from: `if (session.isClosing) return "expired";`, to: "" },
      {
        file: TRACKER,
        from: "if (session === undefined || session.isClosing) return false;\n    session.owner = owner;",
        to: "if (session === undefined) return false;\n    session.owner = owner;",
      },
    ],
  },
  {
    name: "closing-leaves-what-is-on-its-way",
    known: "R110, ZOOKEEPER-1208",
    what: "closeSession does not see the ephemerals that are created and not applied yet, and nothing else cleans up.",
    edits: [
      {
        file: PENDING,
        from: "    if (created !== undefined) {",
        to: "    if (created !== undefined && created.size < 0) {",
      },
      {
        file: "src/tree/kill-session.ts",
        from: "for (const path of unlisted) deleteEphemeral(tree, session, path, zxid);",
        to: "if (paths === null) for (const path of unlisted) deleteEphemeral(tree, session, path, zxid);",
      },
    ],
  },
  {
    name: "failed-multi-leaves-changes",
    known: "R114, ZOOKEEPER-1624",
    what: "What a multi had changed before it failed is not taken back for the requests behind it.",
    edits: [
      { file: "src/operations/multi.ts", from: "      pending.rollback(mark);\n", to: "" },
      {
        file: "src/operations/transactions.ts",
        from: 'assert(context.pending.mark() === mark, "A request that failed has left changes behind");',
        to: "",
      },
    ],
  },
];
