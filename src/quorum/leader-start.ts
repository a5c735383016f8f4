// What a leader is given, and what it asks of the server around it.

import type { Sid, Zxid } from "../wire/ids.js";
import type { QuorumPacket } from "../wire/records.js";
import type { Configuration } from "./configuration.js";
import type { LinkId, QuorumTimes } from "./effects.js";
import type { Quorums } from "./quorums.js";
import type { LeaderHistory } from "./sync-plan.js";

export interface LeaderStart {
  readonly sid: Sid;
  readonly quorums: Quorums;
  readonly times: QuorumTimes;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** The end of our log, all of it durable and applied; -1 for a server that has lost its data, which cannot lead. */
  readonly lastZxid: Zxid;
  /** Whose votes made us leader. */
  readonly electedBy?: readonly Sid[];
  /** leader.maxTimeToWaitForEpoch; below 0: as long as initLimit allows. */
  readonly epochPatienceMs?: number;
  /** Followers that can are offered cumulative ACK and COMMIT (quorum.cumulative). */
  readonly isCumulative?: boolean;
}

export interface Proposed {
  readonly zxid: Zxid;
  readonly bytes: Buffer;
  /** Of a reconfig: what it makes of the members. */
  readonly configuration?: Configuration | undefined;
}

export interface LeaderHooks {
  /** Committed history, as it is now. */
  history(): LeaderHistory;
  /** Packets that are not Zab's: REQUEST, REVALIDATE, and the touches of PING. */
  fromLearner(sid: Sid, link: LinkId, packet: QuorumPacket): void;
}
