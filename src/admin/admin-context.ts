// What the HTTP commands may look at, and the two things that they may do. Java: what Commands gets of a ZooKeeperServer.

import type { AuthenticatingClient } from "../auth/scheme.js";
import type { WordContext } from "../client/words/word-context.js";
import type { Config } from "../config/config.js";
import type { Membership } from "../config/membership.js";
import type { HostPort } from "../config/server-spec.js";
import type { ReadableFile } from "../platform/platform.js";
import type { SnapshotFile } from "../storage/file-names.js";
import type { DataTree } from "../tree/data-tree.js";
import type { Sid, Zxid } from "../wire/ids.js";
import type { ACL, Id } from "../wire/records.js";

export interface AdminContext {
  readonly config: Config;
  /** The same view of the server that the four-letter words have. */
  readonly door: WordContext;
  /** Undefined: this server is alone. */
  readonly ensemble: () => EnsembleStatus | undefined;
  /** Syncs of the log that took longer than fsync.warningthresholdms, since `stat_reset`. */
  readonly slowSyncs: { count: number };
  lastSnapshot(): { readonly file: SnapshotFile; readonly takenMs: number } | undefined;
  /** A snapshot of now. `done` comes once, later, with undefined when it could not be taken. */
  takeSnapshot(isStreamed: boolean, done: (snapshot: TakenSnapshot | undefined) => void): void;
  /** A state that an operator sends, to take the place of what there is. One at a time: undefined while there is another. */
  beginRestore(): Restoration | undefined;
  /** What is applied here now: to be read, and not to be kept. */
  tree(): DataTree;
  /** How far the log has come. */
  readonly logged: { readonly appendedZxid: Zxid; readonly syncedZxid: Zxid };
  /** Who somebody is by this scheme and proof; undefined: nobody. */
  authenticate(
    scheme: string,
    proof: Buffer | null,
    caller: AuthenticatingClient,
  ): readonly Id[] | undefined;
  /** Who that is, to be shown; undefined for what has no name. */
  userNameOf(identity: Id): string | undefined;
  isPermitted(acl: readonly ACL[], permission: number, identities: readonly Id[]): boolean;
}

/** A snapshot that is being received and will be everybody's state. */
export interface Restoration {
  /** Copied. False: no more until `onRoom` is called. */
  push(chunk: Buffer): boolean;
  onRoom: () => void;
  /** All of it has come. `done` is called once: with the zxid that the state has now, or why there is none. */
  finish(done: (outcome: RestoreOutcome) => void): void;
  /** It will not come. */
  abandon(): void;
}

export type RestoreOutcome =
  | { readonly ok: true; readonly zxid: Zxid }
  | { readonly ok: false; readonly status: 409 | 500; readonly error: string };

export interface TakenSnapshot {
  readonly file: SnapshotFile;
  /** To be closed by whoever takes it. */
  readonly content: ReadableFile;
}

/** This server's place in its ensemble. */
export interface EnsembleStatus {
  readonly sid: Sid;
  /** Undefined while there is none. */
  readonly leader: Sid | undefined;
  /** election, discovery, synchronization, broadcast */
  readonly zabState: string;
  readonly membership: Membership;
  /** Where this server serves clients. */
  readonly clientAddress: HostPort | undefined;
  /** A leader's: who is connected to it. */
  readonly learners: () => readonly LearnerInfo[];
}

export interface LearnerInfo {
  readonly link: {
    readonly remoteAddress: string;
    readonly establishedMs: number;
    readonly queueLength: number;
    readonly unsentBytes: number;
    readonly stats: { packetsReceived: number; packetsSent: number; requests: number };
  };
  readonly sid: Sid;
  readonly isObserver: boolean;
  /** It has acknowledged NEWLEADER. */
  readonly isSynced: boolean;
  /** What it came with. */
  readonly lastZxid: Zxid;
  /** The last proposal that it has acknowledged, if any. */
  readonly ackedZxid: Zxid;
}
