// What a learner is given, and what it asks of the server around it.

import type { Sid, Zxid } from "../wire/ids.js";
import type { Configuration } from "./configuration.js";
import type { QuorumTimes } from "./effects.js";
import type { Touch } from "./packet-data.js";
import type { Quorums } from "./quorums.js";

export interface LearnerStart {
  readonly sid: Sid;
  readonly isObserver: boolean;
  /** Whom we follow. */
  readonly leader: Sid;
  readonly quorums: Quorums;
  readonly times: QuorumTimes;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** The end of our log; -1 for a server that has lost its data. */
  readonly lastZxid: Zxid;
  /** A leader that offers cumulative ACK and COMMIT is taken at its word (quorum.cumulative). */
  readonly isCumulative?: boolean;
}

export interface LearnerHooks {
  /** Sessions heard of since the last call. */
  takeTouches(): Iterable<Touch>;
  /** The configuration that came with NEWLEADER, as text; undefined for what cannot be read. */
  configuration(text: string): Configuration | undefined;
  /**
   * What this txn, which is about to be appended, makes of the members; undefined for all but a reconfig. Throws ProtocolError
   * for what is no txn of that zxid: the leader is left, and nothing of it comes into the log.
   */
  configurationIn(txn: Buffer, zxid: Zxid): Configuration | undefined;
}
