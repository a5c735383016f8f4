// What a leader is given, and what it asks of the server around it.

import type { Sid, Zxid } from "../wire/ids.js";
import type { QuorumPacket } from "../wire/records.js";
import type { LinkId, QuorumTimes } from "./effects.js";
import type { LeaderHistory } from "./sync-plan.js";
import type { QuorumVerifier } from "./verifier.js";

export interface LeaderStart {
  readonly sid: Sid;
  readonly verifier: QuorumVerifier;
  readonly times: QuorumTimes;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** The end of our log, all of it durable and applied; -1 for a server that has lost its data, which cannot lead. */
  readonly lastZxid: Zxid;
  /** The configuration as it goes into NEWLEADER. */
  readonly configuration: Buffer | ((newLeaderZxid: Zxid) => Buffer);
  /** Whose votes made us leader. */
  readonly electedBy?: readonly Sid[];
  /** leader.maxTimeToWaitForEpoch; below 0: as long as initLimit allows. */
  readonly epochPatienceMs?: number;
  /** Whether the configuration has this server: of others only a few may connect. */
  readonly isMember?: (sid: Sid) => boolean;
  /** Of the configuration that is active here: a learner that knows a later one must not follow us. */
  readonly configVersion?: Zxid;
}

export interface Proposed {
  readonly zxid: Zxid;
  readonly bytes: Buffer;
}

export interface LeaderHooks {
  /** Committed history, as it is now. */
  history(): LeaderHistory;
  /** Packets that are not Zab's: REQUEST, REVALIDATE, and the touches of PING. */
  fromLearner(sid: Sid, link: LinkId, packet: QuorumPacket): void;
}
