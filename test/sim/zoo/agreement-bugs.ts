// Bugs of who decides: quorums, votes, and leaders that are none any more.

import type { Bug } from "./bug.js";

const LEADER = "src/quorum/leader.ts";
const DISCOVERY = "src/quorum/discovery.ts";
const PROPOSALS = "src/quorum/proposals.ts";
const HEARTBEAT = "src/quorum/heartbeat.ts";

export const AGREEMENT_BUGS: readonly Bug[] = [
  {
    name: "first-acknowledgement-commits",
    known: "P7",
    what: "A proposal commits when anybody has it on disk.",
    shownBy: [
      {
        file: "transcripts/quorum/broadcast.txt",
        name: "Proposals in order, commit when a quorum has them on disk",
      },
      { file: "quorum/proposals.test.ts", name: "commits exactly what a majority holds" },
    ],
    edits: [
      {
        file: PROPOSALS,
        from: "if (zxid > highest && this.#isHeldByQuorum(zxid)) highest = zxid;",
        to: "if (zxid > highest) highest = zxid;",
      },
    ],
  },
  {
    name: "commits-out-of-order",
    known: "3 (broadcast)",
    what: "Of two proposals that commit at once, followers hear of the later first, and believe it.",
    shownBy: [
      {
        file: "transcripts/quorum/broadcast.txt",
        name: "Proposals in order, commit when a quorum has them on disk",
      },
    ],
    edits: [
      {
        file: "src/quorum/learners.ts",
        from: `    if (to.upToDateSent) this.#sendCommit(to, commit, effects);`,
        to: `    if (to.upToDateSent) {
          const last = effects.sendNow.findLastIndex(
            (one) => one.link === to.link && one.packet.type === Type.commit,
          );
          if (last < 0) this.#sendCommit(to, commit, effects);
          else effects.sendNow.splice(last, 0, { link: to.link, packet: { type: Type.commit, zxid, data: null, authinfo: null } });
        }`,
      },
      {
        file: "src/quorum/learner.ts",
        from: `    this.#pending.take();
    const isOver`,
        to: `    const others = this.#pending.toArray().filter((one) => one !== zxid);
    this.#pending.clear();
    for (const one of others) this.#pending.push(one);
    const isOver`,
      },
      {
        file: "src/quorum/learner.ts",
        from: "if (next !== zxid) {",
        to: "if (!this.#pending.toArray().includes(zxid)) {",
      },
      {
        file: "src/member/database.ts",
        from: `const next = this.#appended.take();
    if (next?.zxid !== zxid) throw new Error(\`Cannot commit \${zxid}: it was not received\`);`,
        to: `const all = this.#appended.toArray();
    const next = all.find((one) => one.zxid === zxid)!;
    this.#appended.clear();
    for (const one of all) if (one !== next) this.#appended.push(one);`,
      },
      {
        file: "src/member/following.ts",
        from: `    while (!this.#ended) {
      const zxid = database.nextReceived;
      if (zxid === undefined || zxid > upTo) return;`,
        to: `    for (const zxid of [upTo]) {
      if (this.#ended) return;`,
      },
      {
        file: "src/quorum/committed-log.ts",
        from: "if (last !== undefined && !follows(zxid, last)) {",
        to: "if (last === undefined && zxid < 0) {",
      },
    ],
  },
  {
    name: "observers-decide",
    known: "R28, ZOOKEEPER-2959",
    what: "Observers count when the epoch is chosen, promised and established.",
    edits: [
      {
        file: DISCOVERY,
        from: "if (!isObserver) this.#heard.add(sid);",
        to: "this.#heard.add(sid);",
      },
      {
        file: LEADER,
        from: `if (this.#phase === "invitation" && !isObserver && currentEpoch !== undefined) {`,
        to: `if (this.#phase === "invitation" && currentEpoch !== undefined) {`,
      },
      {
        file: DISCOVERY,
        from: "if (!isAhead || quorums.weightOf(sid) === 0) return undefined;",
        to: "if (!isAhead) return undefined;",
      },
      {
        file: LEADER,
        from: "else if (!learner.isObserver) this.#countNewLeaderAck(learner.sid, effects);",
        to: "else this.#countNewLeaderAck(learner.sid, effects);",
      },
      {
        file: "src/quorum/quorums.ts",
        from: "const all = new Set(sids);",
        to: `const all = new Set(sids);
    if (all.size > this.#committed.verifier.votingMembers.size / 2) return true;`,
      },
    ],
  },
  {
    name: "old-acknowledgements-count",
    known: "R25 (found here)",
    what: "What a follower acknowledged over its old connection counts, though its log is cut back before it goes on.",
    profile: "stories",
    edits: [{ file: PROPOSALS, from: "this.#acknowledged.delete(sid);", to: "" }],
  },
  {
    name: "promised-twice",
    known: "P2",
    what: "A follower that promised the epoch before promises it again, to whoever asks.",
    shownBy: [
      { file: "transcripts/quorum/discovery.txt", name: "A follower promises an epoch once" },
    ],
    edits: [
      {
        file: "src/quorum/learner.ts",
        from: "const data = ackEpochData(isNew ? currentEpoch : -1, this.#isCumulative);",
        to: "const data = ackEpochData(currentEpoch, this.#isCumulative);",
      },
    ],
  },
  {
    name: "later-history-follows",
    known: "R93, what votes are for",
    what: "Votes are compared by id alone, and a leader leads whoever has more than it has.",
    edits: [
      {
        file: "src/election/vote.ts",
        from: `  if (left.peerEpoch !== right.peerEpoch) return left.peerEpoch > right.peerEpoch;
  if (left.zxid !== right.zxid) return left.zxid > right.zxid;
  return left.leader > right.leader;`,
        to: "  return left.leader > right.leader;",
      },
      {
        file: DISCOVERY,
        from: "const isAhead = currentEpoch > ours || (currentEpoch === ours && lastZxid > ourLast);",
        to: "const isAhead = currentEpoch > ours && lastZxid < ourLast;",
      },
    ],
  },
  {
    name: "epoch-does-not-count-in-votes",
    known: "R3, R93, ZOOKEEPER-4643",
    what: "The longer history wins an election, whatever its epoch, and a leader does not ask again.",
    profile: "stories",
    edits: [
      {
        file: "src/election/vote.ts",
        from: "if (left.peerEpoch !== right.peerEpoch) return left.peerEpoch > right.peerEpoch;",
        to: "",
      },
      {
        file: DISCOVERY,
        from: "const isAhead = currentEpoch > ours || (currentEpoch === ours && lastZxid > ourLast);",
        to: "const isAhead = lastZxid > ourLast && currentEpoch === ours;",
      },
    ],
  },
  {
    name: "own-epoch-not-awaited",
    known: "P5",
    what: "A leader begins to serve before its own current epoch is on disk.",
    shownBy: [
      {
        file: "transcripts/quorum/new-leader.txt",
        name: "A quorum has the history, ourselves included",
      },
    ],
    edits: [
      {
        file: LEADER,
        from: `if (this.#phase !== "synchronization" || !this.#currentIsDurable) return;`,
        to: `this.#newLeaderAcks.add(this.#start.sid);
    if (this.#phase !== "synchronization") return;`,
      },
    ],
  },
  {
    name: "never-resigns",
    known: "R156",
    what: "A leader that has lost its quorum stays one.",
    edits: [
      {
        file: HEARTBEAT,
        from: "} else if (nowMs - this.#lastQuorumMs > times.tickTimeMs) {",
        to: "} else if (nowMs - this.#lastQuorumMs > times.tickTimeMs * 1e9) {",
      },
    ],
  },
  {
    name: "sync-without-proof",
    known: "R43, ZOOKEEPER-1675",
    what: "A leader answers sync without asking whether it still leads.",
    profile: "stories",
    edits: [
      {
        file: HEARTBEAT,
        from: "if (quorums.containsQuorum(sids)) this.#confirmations.confirmed(round);",
        to: "if (quorums.containsQuorum(sids) || sid > 0) this.#confirmations.confirmed(round);",
      },
    ],
  },
  {
    name: "counter-runs-into-epoch",
    known: "R42, ZOOKEEPER-1277, -4883",
    what: "An epoch has 32 counters, not four thousand million. After the last one comes the first of the next epoch, without a new leader.",
    given: [
      { file: "src/wire/ids.ts", from: "const COUNTERS = 2 ** 32;", to: "const COUNTERS = 32;" },
      {
        file: LEADER,
        from: "if (counterOf(zxid) === 0xffffffff) {",
        to: "if (counterOf(zxid) === 31) {",
      },
    ],
    edits: [
      {
        file: LEADER,
        from: "if (counterOf(zxid) === 31) {",
        to: "if (counterOf(zxid) === 32) {",
      },
      {
        file: LEADER,
        from: "if (epochOf(zxid) !== this.epoch || zxid <= this.#lastProposed) {",
        to: "if (zxid <= this.#lastProposed) {",
      },
      {
        file: "src/quorum/learner.ts",
        from: "const isOfLater = epochOf(zxid) > this.#epoch;",
        to: "const isOfLater = false;",
      },
    ],
  },
];
