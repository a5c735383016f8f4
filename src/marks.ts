// Names for what seldom happens: a recovery from a torn log, a truncation, a refused epoch. The simulator counts which of
// them its seeds reach (test/sim/marks.ts); one that no seed reaches is a place that nobody has tested.
//
// In production nobody collects, and a mark is one comparison on a path that is rare anyway. Never on the hot path.

export const MARKS = [
  // What a leader brings a learner forward with.
  "sync: nothing is missing",
  "sync: DIFF from memory",
  "sync: DIFF from the log",
  "sync: TRUNC to the end of history",
  "sync: SNAP to an empty learner",
  "sync: SNAP, the learner is ahead over an epoch",
  "sync: SNAP, what it misses is not in the log",
  "sync: SNAP, it is between two epochs",
  "sync: SNAP is asked for by the configuration",
  // How a learner takes it.
  "learner: TRUNC across a snapshot",
  "learner: TRUNC removes whole logs",
  "learner: TRUNC is not possible, everything is asked for anew",
  "learner: one COMMIT speaks for many",
  "learner: SNAP is cut off",
  "learner: SNAP is taken",
  "learner: a leader of an old epoch is refused",
  "learner: the leader votes for another",
  "learner: an epoch is met again, and promised to nobody",
  "learner: no connection to the leader",
  "learner: not synchronized within initLimit",
  // How a leader fares.
  "leader: a follower is ahead of it",
  "leader: a voter has promised a later epoch",
  "leader: its voters have found another",
  "leader: no quorum in time",
  "leader: it loses its quorum",
  "leader: a learner is closed, it does not answer",
  "leader: a learner is closed, it does not acknowledge",
  "leader: a learner comes back before its old connection is gone",
  "leader: a learner that has lost its data promises nothing",
  "leader: it had logged what it must fast-forward",
  "leader: a snapshot is sent while it serves",
  "follower: it had logged what it must fast-forward",
  "member: it has lost its data, and votes for nobody",
  "election: a later round is joined",
  "election: a running ensemble is joined in another round",
  "election: a better candidate comes while one is being settled on",
  // What is found on a disk.
  "recovery: a log is torn",
  "recovery: a log is torn before its first record",
  "recovery: a log without a header",
  "recovery: a torn end that a later log continues",
  "recovery: a snapshot is damaged, an older one is used",
  "recovery: a checkpoint is loaded",
  "recovery: an adoption is finished",
  "recovery: the checkpoint is damaged",
  "recovery: the checkpoint is gone",
  "recovery: a damaged log is refused",
  "recovery: a hole is refused",
  "recovery: currentEpoch is raised to the log's",
  "log: a batch goes past the cache",
  "log: a failure fences it",
  "log: the next file cannot be made",
  "checkpoint: a whole one",
  "checkpoint: brought forward",
  "checkpoint: TRUNC goes behind it",
  "snapshot: it cannot be written",
  "snapshot: too busy to take one",
  "snapshot: one is under way when the leader orders a rebuild",
  // Sessions and clients.
  "session: expired",
  "session: revalidated by another member",
  "session: revalidation is refused",
  "session: a write after it has moved",
  "session: a write while it is closing, or after",
  "session: ids are known that this disk has forgotten",
  "client: refused, it has seen more than this member",
  "client: refused, this member is read-only",
  "read-only: serves",
  "read-only: a write is refused",
] as const;

export type Mark = (typeof MARKS)[number];

let collector: ((mark: Mark) => void) | undefined;

export function reached(mark: Mark): void {
  collector?.(mark);
}

/** For the simulator; undefined ends it. */
export function collectMarks(by: ((mark: Mark) => void) | undefined): void {
  collector = by;
}
