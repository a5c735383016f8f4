// What every server that serves clients answers about itself, whatever its role. Java: ZooKeeperServer, as the commands see it.

import type {
  ClientConnection,
  ConfigurationLines,
  DisconnectReason,
  ServerPort,
  SessionDump,
} from "../client/server-port.js";
import type { JuteReader } from "../jute/reader.js";
import type { PercentileSummary } from "../metrics/instruments.js";
import type { Metrics } from "../metrics/metrics.js";
import type { OperationSettings } from "../operations/operation.js";
import type { Audit } from "../pipeline/audit.js";
import type { Logger, Platform } from "../platform/platform.js";
import type { SessionIds } from "../session/session-ids.js";
import type { Storage } from "../storage/storage.js";
import type { DataTree } from "../tree/data-tree.js";
import type { ErrorCode } from "../wire/error-codes.js";
import type { SessionId, Sid, Zxid } from "../wire/ids.js";

export interface ServingParts {
  readonly platform: Platform;
  readonly metrics: Metrics;
  readonly tree: DataTree;
  readonly storage: Storage;
  readonly operationSettings: OperationSettings;
  readonly tickTimeMs: number;
  /** Of this server, in whatever role it serves. */
  readonly sessionIds: SessionIds;
  readonly configuration: () => ConfigurationLines;
  readonly audit: Audit | undefined;
}

export abstract class Serving implements ServerPort {
  abstract readonly serverState: string;
  abstract readonly peerState: string | undefined;
  readonly readOnly: boolean = false;
  readonly observerMaster: Sid | undefined = undefined;
  protected readonly parts: ServingParts;
  protected readonly log: Logger;
  protected readonly tree: DataTree;
  protected readonly storage: Storage;
  readonly #propagation: PercentileSummary;
  #serving = false;

  constructor(parts: ServingParts) {
    this.parts = parts;
    this.#propagation = parts.metrics.percentiles.propagation_latency;
    this.log = parts.platform.log.child("ZooKeeperServer");
    this.tree = parts.tree;
    this.storage = parts.storage;
  }

  abstract createSession(connection: ClientConnection, sessionTimeoutMs: number): SessionId;
  abstract reopenSession(connection: ClientConnection, sessionId: SessionId, ms: number): void;
  abstract touchSession(connection: ClientConnection, nowMs: number): boolean;
  abstract submit(
    connection: ClientConnection,
    xid: number,
    type: number,
    body: JuteReader,
    receivedMs: number,
  ): void;
  abstract submitError(
    connection: ClientConnection,
    xid: number,
    type: number,
    error: ErrorCode,
    receivedMs: number,
  ): void;
  abstract drained(connection: ClientConnection): void;
  abstract globalSessionCount(): number;
  abstract sessionDump(): SessionDump;

  get serving(): boolean {
    return this.#serving;
  }

  get takesClients(): boolean {
    return this.#serving;
  }

  start(): void {
    this.#serving = true;
  }

  /** Takes nothing more. */
  stopServing(): void {
    this.#serving = false;
  }

  closed(connection: ClientConnection, _reason: DisconnectReason): void {
    this.tree.watches.removeWatcher(connection);
  }

  protected nowMs(): number {
    return this.parts.platform.clock.monotonicMs();
  }

  /** A transaction that was made then is applied here now. */
  protected propagated(madeMs: number): void {
    this.#propagation.add(this.parts.platform.clock.turnWallMs() - madeMs);
  }

  protected snapshotIfDue(): void {
    if (this.storage.shouldSnapshot()) this.storage.startSnapshot(this.tree.beginSnapshot());
  }

  // ------------------------------------------------------------------------------------------------------------ status

  lastProcessedZxid(): Zxid {
    return this.tree.lastProcessedZxid;
  }

  nodeCount(): number {
    return this.tree.nodeCount;
  }

  approximateDataSize(): number {
    return this.tree.approximateDataSize;
  }

  ephemeralsCount(): number {
    return this.tree.ephemeralCount;
  }

  localSessionCount(): number {
    return 0;
  }

  watchCount(): number {
    return this.tree.watches.count;
  }

  configuration(): ConfigurationLines {
    return this.parts.configuration();
  }

  dataDirSize(): number {
    return this.storage.snapshotDirectoryBytes();
  }

  logDirSize(): number {
    return this.storage.logDirectoryBytes();
  }

  ephemerals() {
    return this.tree.ephemeralsBySession();
  }

  watchSummary() {
    return this.tree.watches.data.summary();
  }

  watchesByConnection() {
    return this.tree.watches.data.byWatcher();
  }

  watchesByPath() {
    return this.tree.watches.data.byPath();
  }

  digestLog() {
    return this.tree.digestLog.entries;
  }

  proposalStats():
    | { readonly last: number; readonly min: number; readonly max: number }
    | undefined {
    return undefined;
  }

  resetStats(): void {}
}
