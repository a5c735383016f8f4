// What a role of a member is to the member: something that was begun and will end. Java: Leader, Follower, Observer as
// QuorumPeer.run drives them.

import type { LearnerInfo } from "../admin/admin-context.js";
import type { ClientDoor } from "../client/door.js";
import type { Config } from "../config/config.js";
import type { Metrics } from "../metrics/metrics.js";
import type { LinkSettings } from "../peer/packet-link.js";
import type { PeerAuthentication } from "../peer/peer-authentication.js";
import type { PeerTls } from "../peer/peer-tls.js";
import type { Platform } from "../platform/platform.js";
import type { CommittedLog } from "../quorum/committed-log.js";
import type { Configuration } from "../quorum/configuration.js";
import type { QuorumTimes } from "../quorum/effects.js";
import type { Quorums } from "../quorum/quorums.js";
import type { Epochs } from "../storage/epochs.js";
import type { DataTree } from "../tree/data-tree.js";
import type { TreeLoader } from "../tree/tree-loader.js";
import type { Sid } from "../wire/ids.js";
import type { ContainerManagerOptions } from "./container-manager.js";
import type { Database } from "./database.js";
import type { LocalSessionSettings } from "./local-sessions.js";
import type { ObserverMasterAddress } from "./observer-masters.js";
import type { Serving, ServingParts } from "./serving.js";

/** What all roles of one member share. */
export interface MemberContext {
  readonly platform: Platform;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly sid: Sid;
  /** Who decides, as it is now. */
  readonly quorums: Quorums;
  /** A configuration that may be committed one day is on disk when this resolves, and `quorums` says so. */
  remember(configuration: Configuration): Promise<void>;
  /** It is committed: what stands beside the roles follows it. Resolves when it is on disk. */
  activated(configuration: Configuration): Promise<void>;
  /** Throws ProtocolError for what no server would have sent. */
  parseConfiguration(text: string): Configuration;
  readonly times: QuorumTimes;
  readonly database: Database;
  readonly epochs: Epochs;
  readonly door: ClientDoor;
  /** Undefined: members speak without TLS. */
  readonly tls: PeerTls | undefined;
  /** Undefined: members do not prove who they are. */
  readonly authentication: PeerAuthentication | undefined;
  /** From what is on disk now. */
  reloadTree(): Promise<{ readonly tree: DataTree; readonly replayed: CommittedLog }>;
  newLoader(): TreeLoader;
  /** Of an observer that is to spare the leader: whom to connect to instead, now; undefined: the leader. */
  nextObserverMaster(leader: Sid): ObserverMasterAddress | undefined;
  observerMasterServes(sid: Sid): void;
  /** All that a server for clients is made of, but for its role's own. */
  servingParts(): ServingParts & { readonly containers: ContainerManagerOptions };
  /** Clients are served by it from here on; undefined: by nobody. */
  serve(serving: Serving | undefined): void;
  /** The disk cannot be relied on, or we are wrong about ourselves: the process ends. */
  fatal(error: unknown): void;
}

/** The role is over. `leader`: without an election it is this one's turn, because a reconfig says so. */
export type Resigned = (why: string, leader?: Sid) => void;

export interface Role {
  /** Discovery, synchronization or broadcast; election while looking. */
  readonly zabState: string;
  /** A leader's, or those of a follower that serves observers. */
  learners?(): readonly LearnerInfo[];
  /** A leader's: this server looks for a leader. */
  heardLooking?(sid: Sid): void;
  /** This server votes in a later round, or, in ours, for another than itself: with that everybody begins. */
  heardVote?(from: Sid, leader: Sid): void;
  /** Stops intake, lets the log come to rest, makes tree and log agree, and calls back. */
  end(done: () => void): void;
}

export function linkSettings({ config, times }: MemberContext): LinkSettings {
  const { juteMaxBufferBytes, juteMaxBufferExtraSizeBytes } = config.limits;
  return {
    stallMs: times.tickTimeMs * times.syncLimitTicks,
    // What any client may send, and what grows of it on the way (R113).
    packetMaxBytes: juteMaxBufferBytes + juteMaxBufferExtraSizeBytes,
  };
}

export function localSessionSettings({ config }: MemberContext): LocalSessionSettings {
  const { localSessionsEnabled, localSessionsUpgradingEnabled } = config.session;
  return { enabled: localSessionsEnabled, upgradingEnabled: localSessionsUpgradingEnabled };
}
