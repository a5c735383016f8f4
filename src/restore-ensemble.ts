// The same state for all members of an ensemble, through their leader.
//
// The leader lets what is under way come to its end, writes the new state under the next zxid, and looks for an election, which
// that zxid wins; whoever follows it is sent the state whole (SNAP), and it counts when a quorum has it on disk, as any
// history does. Where another server is elected instead, the leader's new state is taken back like any other end that was
// never committed: the ensemble has one state or the other, never both.
//
// The old logs are gone from the leader's disk, so that nobody can be brought over the restored state by a DIFF that does not
// have it. The next epoch is above that of the snapshot, and so are all later zxids above those in its nodes.

import type { Member } from "./member/member.js";
import type { MemberContext } from "./member/role.js";
import { zxidAfter } from "./restore.js";
import type { RestoreProblem } from "./server.js";
import type { Storage } from "./storage/storage.js";
import type { DataTree } from "./tree/data-tree.js";
import { CONFIG_PATH } from "./tree/paths.js";
import { epochOf, type Zxid } from "./wire/ids.js";

const LOOK_MS = 50;

interface Parts {
  readonly context: MemberContext;
  readonly member: Member;
  readonly storage: Storage;
}

export function restoreEnsemble(
  parts: Parts,
  tree: DataTree,
  statedZxid: Zxid,
  done: (problem?: RestoreProblem) => void,
): void {
  const { context, member } = parts;
  const isBegun = member.replaceState(async () => {
    const problem = await replace(parts, tree, statedZxid);
    if (problem !== undefined) done(problem);
    else whenEverybodys(parts, tree, done);
  });
  if (isBegun) return;
  const leader = member.leader;
  const who = leader === undefined ? "none is elected now" : `server ${leader}`;
  const text = `Only the leader can restore a snapshot, for all members: ${who}. This is server ${context.sid}`;
  done({ kind: "not here", text });
}

async function replace(
  { context, storage }: Parts,
  tree: DataTree,
  statedZxid: Zxid,
): Promise<RestoreProblem | undefined> {
  const { epochs, database } = context;
  // A leader that has logged nothing in its epoch yet has its first zxid all the same.
  const last = Math.max(storage.appendedZxid, database.tree.lastProcessedZxid) as Zxid;
  tree.lastProcessedZxid = zxidAfter(last);
  // Who the members are does not come out of a snapshot, perhaps of another ensemble: learners go by what they are sent.
  const { text, version } = context.quorums.committed;
  const nowMs = context.platform.clock.wallMs();
  tree.setData(CONFIG_PATH, Buffer.from(text, "utf8"), -1, version, nowMs);
  const epoch = epochOf(statedZxid);
  if (epoch > epochs.accepted) await epochs.setAccepted(epoch);
  const error = await storage.replace(tree.beginSnapshot());
  if (error !== undefined) return { kind: "failed", text: error.message };
  database.replaced(tree);
  return undefined;
}

/** A quorum has it, or another state came. */
function whenEverybodys(
  parts: Parts,
  tree: DataTree,
  done: (problem?: RestoreProblem) => void,
): void {
  const { context, member } = parts;
  const { clock } = context.platform;
  const { tickTimeMs, initLimitTicks } = context.times;
  const deadlineMs = clock.monotonicMs() + 2 * tickTimeMs * initLimitTicks;
  const failed = (text: string) => done({ kind: "failed", text });
  const look = () => {
    if (context.database.tree !== tree) {
      failed("Another server was elected before a quorum had the snapshot: nothing is restored");
    } else if (member.leader === context.sid && member.zabState === "broadcast") {
      done();
    } else if (clock.monotonicMs() > deadlineMs) {
      failed("No quorum has taken the snapshot yet: it is restored if this server is elected");
    } else {
      clock.setTimer(LOOK_MS, look);
    }
  };
  clock.setTimer(LOOK_MS, look);
}
