// Bugs of what must be on disk before something is said, or before something else is on disk.

import type { Bug } from "./bug.js";

const RUNNER = "src/member/effect-runner.ts";
const LEADER = "src/quorum/leader.ts";
const LEARNER = "src/quorum/learner.ts";
const EPOCHS = "src/storage/epochs.ts";
const TXN_LOG = "src/storage/txn-log.ts";

export const DURABILITY_BUGS: readonly Bug[] = [
  {
    name: "acknowledged-before-durable",
    known: "R2, ZOOKEEPER-4646",
    what: "Acknowledgements leave as soon as the log has been told, not when it is on disk.",
    edits: [
      {
        file: RUNNER,
        from: "if (next === undefined || next.after > this.#parts.storage.syncedZxid) return;",
        to: `if (next === undefined) return;
      if (next.kind === "write" && next.after > this.#parts.storage.syncedZxid) return;`,
      },
      {
        file: RUNNER,
        from: "const zxid = ack.upTo <= syncedZxid ? ack.upTo : syncedZxid;",
        to: "const zxid = syncedZxid < 0 ? syncedZxid : ack.upTo;",
      },
    ],
  },
  {
    name: "leader-counts-itself-before-durable",
    known: "P5",
    what: "A leader counts itself when it proposes, not when its own log has it.",
    shownBy: [
      {
        file: "transcripts/quorum/broadcast.txt",
        name: "Proposals in order, commit when a quorum has them on disk",
      },
    ],
    edits: [
      {
        file: LEADER,
        from: "this.#proposals.add(proposal);",
        to: "this.#proposals.add(proposal); this.#proposals.acknowledge(this.#start.sid, zxid);",
      },
    ],
  },
  {
    name: "newleader-acked-before-history",
    known: "R1, ZOOKEEPER-3911",
    what: "NEWLEADER is acknowledged at once; history and epoch follow when the disk has time.",
    edits: [
      {
        file: LEARNER,
        from: "this.#send(Type.ack, packet.zxid, null, effects.sendAfterSync);",
        to: "this.#send(Type.ack, packet.zxid, null, effects.sendNow);",
      },
    ],
  },
  {
    name: "epoch-before-history",
    known: "R3, ZOOKEEPER-4643, -4785",
    what: "The current epoch is written without waiting for the history that it stands for.",
    profile: "stories",
    edits: [
      {
        file: RUNNER,
        from: `this.#deferred.push({ kind: "write", after: storage.appendedZxid, work });`,
        to: `const isEpoch = work.kind === "persist" && work.epochs.currentEpoch !== undefined;
        this.#deferred.push({ kind: "write", after: isEpoch ? (0 as Zxid) : storage.appendedZxid, work });`,
      },
    ],
  },
  {
    name: "promise-before-durable",
    known: "R39, ZOOKEEPER-2307",
    what: "ACKEPOCH leaves before the accepted epoch is on disk.",
    edits: [
      {
        file: LEARNER,
        from: "this.#send(Type.ackEpoch, this.#lastAppended, data, effects.sendAfterSync);",
        to: "this.#send(Type.ackEpoch, this.#lastAppended, data, effects.sendNow);",
      },
    ],
  },
  {
    name: "accepted-epoch-in-memory",
    known: "R24, ZOOKEEPER-335",
    what: "The accepted epoch is kept in memory alone: after a restart it is what the log says.",
    edits: [
      { file: EPOCHS, from: "await write(this.#disk, this.#directory, ACCEPTED, epoch);", to: "" },
      {
        file: EPOCHS,
        from: `if (epochs.#accepted < epochs.#current) {`,
        to: "epochs.#accepted = Math.max(epochs.#accepted, epochs.#current);\n    if (epochs.#accepted < 0) {",
      },
    ],
  },
  {
    name: "invited-before-accepted",
    known: "P5",
    what: "LEADERINFO leaves before the leader's own accepted epoch is on disk.",
    shownBy: [
      {
        file: "transcripts/quorum/discovery.txt",
        name: "everybody has it on disk before saying so",
      },
    ],
    edits: [
      { file: LEADER, from: "if (!this.#acceptedIsDurable) return;", to: "" },
      {
        file: LEADER,
        from: 'effects.work.push({ kind: "persist", epochs: { acceptedEpoch: this.epoch } });',
        to: `effects.work.push({ kind: "persist", epochs: { acceptedEpoch: this.epoch } });
    for (const learner of this.#learners.all()) if (learner.phase === "registered") this.#invite(learner, effects);`,
      },
    ],
  },
  {
    name: "epoch-file-directory-not-synced",
    known: "H3",
    what: "An epoch file is synced and renamed; the directory is not synced.",
    edits: [
      {
        file: "src/storage/disk-steps.ts",
        from: "  await disk.syncDirectory(directory);",
        to: "",
      },
    ],
  },
  {
    name: "log-file-directory-not-synced",
    known: "H4",
    what: "A new log file is synced and named; the directory is not synced.",
    edits: [
      {
        file: TXN_LOG,
        from: "    await this.#disk.syncDirectory(this.#directory);",
        to: "",
      },
    ],
  },
  {
    name: "log-file-not-synced-when-new",
    known: "R71, ZOOKEEPER-4744",
    what: "A new log file gets its name and its first records without a sync.",
    edits: [
      {
        file: TXN_LOG,
        from: `      step((done) => file.sync(done)),
      this.#giveName(file),`,
        to: "      this.#giveName(file),",
      },
    ],
  },
  {
    name: "failed-sync-tried-again",
    known: "R30, ZOOKEEPER-4882",
    what: "A sync of the log that failed is tried again, and believed.",
    edits: [
      {
        file: TXN_LOG,
        from: `    file.sync((error) => {
      this.#noteSync(startMs);
      finish(error);
    });`,
        to: `    file.sync((first) => {
      if (first === undefined) finish();
      else file.sync(finish);
    });`,
      },
    ],
  },
  {
    name: "page-cache-believed-after-failed-sync",
    known: "R30, fsyncgate",
    what: "After a restart the log is synced, not written again: what a sync had dropped looks right and is not there.",
    edits: [
      {
        file: "src/storage/recovery.ts",
        from: "if (rewritten.includes(path)) await rewriteFile(disk, path, start, end);",
        to: "if (rewritten.includes(path)) await syncFile(disk, path);",
      },
    ],
  },
  {
    name: "recovered-tail-not-synced",
    known: "H5",
    what: "What a start reads from the page cache is taken for durable.",
    edits: [
      {
        file: "src/storage/recovery.ts",
        from: "await makeDurable(context, snapshot, replaying);",
        to: "",
      },
    ],
  },
  {
    name: "torn-record-taken",
    known: "R77",
    what: "The checksum of a log record is not looked at.",
    edits: [
      {
        file: "src/storage/log-reader.ts",
        from: "if (view.getInt32(at) !== 0 || adler32View(view, start, end) !== checksum) {",
        to: "if (view.getInt32(at) !== 0) {",
      },
      {
        file: "src/storage/log-reader.ts",
        from: `if (page[end] !== RECORD_END) return this.#endAt(offset, "its last byte is missing");`,
        to: "",
      },
    ],
  },
  {
    name: "snapshot-not-synced",
    known: "R14, ZOOKEEPER-2872, H10",
    what: "A snapshot gets its name without a sync; the leader's too, after which the logs go.",
    edits: [
      {
        file: "src/storage/snapshot-writer.ts",
        from: "if (this.#syncedTo < this.position) await step((done) => this.#file.sync(done));",
        to: "",
      },
      {
        file: "src/storage/snapshot-writer.ts",
        from: "const isSynced = end - this.#syncedTo >= this.#syncBytes;",
        to: "const isSynced = end < 0;",
      },
    ],
  },
  {
    name: "snap-taken-before-it-is-written",
    known: "R11, R14, ZOOKEEPER-3642, H2",
    what: "The leader's snapshot is in the tree, and acknowledged, before it is in a file.",
    edits: [
      {
        file: "src/storage/storage.ts",
        from: `    const file = await this.#snapshots.write(source);
    try {
      await retireOtherHistory(this.#platform.disk, this.directories, file);`,
        to: `    const file = { zxid: source.lastZxid, name: "", path: "", compression: "", sizeBytes: 0 } as WrittenSnapshot;
    const end = () => { this.#snapshotting = undefined; };
    this.#snapshotting = this.#snapshots.write(source).then(end, end);
    try {`,
      },
    ],
  },
  {
    name: "snapshot-named-after-the-log",
    known: "R13, R50, ZOOKEEPER-3104, -1090",
    what: "A snapshot is named after the last zxid that was logged, not the last that is in it.",
    edits: [
      {
        file: "src/member/serving.ts",
        from: "if (this.storage.shouldSnapshot()) this.storage.startSnapshot(this.tree.beginSnapshot());",
        to: `if (!this.storage.shouldSnapshot()) return;
    const source = this.tree.beginSnapshot();
    Object.defineProperty(source, "lastZxid", { value: this.storage.appendedZxid });
    this.storage.startSnapshot(source);`,
      },
    ],
  },
];
