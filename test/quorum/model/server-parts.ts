// What a model server is given, and what it sends.

import type { LoggedTxn } from "../../../src/quorum/committed-log.js";
import type { Configuration } from "../../../src/quorum/configuration.js";
import type { LinkId, Work } from "../../../src/quorum/effects.js";
import type { Zxid } from "../../../src/wire/ids.js";
import type { QuorumPacket } from "../../../src/wire/records.js";
import type { ModelServer } from "./model-server.js";

export interface Snapshot {
  readonly txns: readonly LoggedTxn[];
  readonly zxid: Zxid;
}

/** With the tree that follows a SNAP. */
export interface Parcel {
  readonly packet: QuorumPacket;
  readonly snapshot?: Snapshot;
}

export interface ServerParts {
  /** What its files say at first. */
  readonly configuration: Configuration;
  /** reconfigEnabled. */
  readonly canChange: boolean;
  readonly committedCount: number;
  /** quorum.cumulative. */
  readonly isCumulative: boolean;
  readonly send: (server: ModelServer, link: LinkId, parcel: Parcel) => void;
  readonly closeLink: (server: ModelServer, link: LinkId, why: string) => void;
  /** The learner wants another connection to the same leader. */
  readonly reconnect: (server: ModelServer) => void;
  /** The role is over: the world closes the links. */
  readonly left: (server: ModelServer, why: string) => void;
  /** For transcripts and monitors: what happens inside. */
  readonly did: (server: ModelServer, what: Work) => void;
}
