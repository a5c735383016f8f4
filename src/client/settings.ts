// What the door needs of the configuration: the fields of `Config` by the same names, so that its groups `client`,
// `limits` and `session` can be spread into one.

import type { FourLetterSettings } from "./words/whitelist.js";

export interface BlueThrottleSettings {
  readonly connectionThrottleTokens: number;
  readonly connectionThrottleFillTimeMs: number;
  readonly connectionThrottleFillCount: number;
  readonly connectionThrottleFreezeTimeMs: number;
  readonly connectionThrottleDropIncrease: number;
  readonly connectionThrottleDropDecrease: number;
  readonly connectionThrottleDecreaseRatio: number;
  readonly connectionThrottleWeightEnabled: boolean;
  readonly connectionThrottleGlobalSessionWeight: number;
  readonly connectionThrottleLocalSessionWeight: number;
  readonly connectionThrottleRenewSessionWeight: number;
}

export interface RequestThrottleSettings {
  readonly requestThrottleMaxRequests: number;
  readonly requestThrottleStallTimeMs: number;
  readonly requestThrottleDropStale: boolean;
  readonly requestStaleConnectionCheck: boolean;
  readonly requestStaleLatencyCheck: boolean;
  readonly throttledOpWaitTimeMs: number;
}

export interface DoorSettings
  extends BlueThrottleSettings,
    RequestThrottleSettings,
    FourLetterSettings {
  readonly maxClientCnxns: number;
  readonly maxCnxns: number;
  readonly nioSessionlessCnxnTimeoutMs: number;
  readonly clientTcpKeepAlive: boolean;
  readonly nettyOutstandingHandshakeLimit: number;
  readonly nettyEarlyDropSecureConnectionHandshakes: boolean;
  /** The scheme that gives who shows a certificate its identity. */
  readonly sslAuthProvider: string;
  readonly juteMaxBufferBytes: number;
  readonly globalOutstandingLimit: number;
  readonly largeRequestMaxBytes: number;
  readonly largeRequestThresholdBytes: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly localSessionsEnabled: boolean;
  readonly skipACL: boolean;
  readonly enforceAuthEnabled: boolean;
  readonly enforceAuthSchemes: readonly string[];
  readonly allowSaslFailedClients: boolean;
  /** SASL identities that may do everything. */
  readonly superUsers: readonly string[];
}
