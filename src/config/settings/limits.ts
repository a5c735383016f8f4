// How much the server takes on at a time. Java: ZooKeeperServer, RequestThrottler, BinaryInputArchive.

import { flag, int, optionalInt } from "../setting.js";

export const limitSettings = {
  juteMaxBufferBytes: int({
    name: "jute.maxbuffer",
    place: "bare",
    fallback: 0xfffff,
    unit: "bytes",
    about:
      'Longest request or response. A longer request closes the connection: "Len error N". Must be the same on all servers and clients; raise it only to get out of trouble (a node with too many children), never as a habit: every large request holds up all others.',
  }),
  juteMaxBufferExtraSizeBytes: optionalInt({
    name: "jute.maxbuffer.extrasize",
    unit: "bytes",
    about:
      "What records in the log and between servers may have above jute.maxbuffer for their own fields; as much again when left out, at least 1024. Too small, and a request that was accepted cannot be read back from the log.",
  }),
  globalOutstandingLimit: int({
    name: "globalOutstandingLimit",
    fallback: 1000,
    unit: "requests",
    about:
      "Requests in the whole ensemble that wait for an answer before servers stop reading from clients that send ahead. Each server counts its part. Protects memory; larger only helps clients that pipeline a lot.",
  }),
  largeRequestMaxBytes: int({
    name: "largeRequestMaxBytes",
    fallback: 100 * 1024 * 1024,
    unit: "bytes",
    about:
      "Large requests (see largeRequestThreshold) may take this much memory together; the connection of one that does not fit is closed.",
    adjust: (value, warn) => {
      if (value > 0) return value;
      warn(
        `Invalid max bytes for all large requests ${value}. It should be a positive number. Will not change the setting. The max bytes stay at 104857600`,
      );
      return 100 * 1024 * 1024;
    },
  }),
  largeRequestThresholdBytes: int({
    name: "largeRequestThreshold",
    fallback: -1,
    unit: "bytes",
    about: "From this length on a request is large; -1: none is.",
    adjust: (value, warn) => {
      if (value === -1 || value > 0) return value;
      warn(`Invalid large request threshold ${value}. It should be -1 or positive. Setting to -1 `);
      return -1;
    },
  }),
  requestThrottleMaxRequests: int({
    name: "request_throttle_max_requests",
    fallback: 0,
    unit: "requests",
    about: "Requests that may be under way in this server; 0: no limit. Above it requests wait.",
  }),
  requestThrottleStallTimeMs: int({
    name: "request_throttle_stall_time",
    fallback: 100,
    unit: "ms",
    about: "How long a request waits before the throttle looks again.",
  }),
  requestThrottleDropStale: flag({
    name: "request_throttle_drop_stale",
    fallback: true,
    about: "Drop waiting requests that have become stale.",
  }),
  requestStaleConnectionCheck: flag({
    name: "request_stale_connection_check",
    fallback: true,
    about: "A request is stale when its connection is closed.",
  }),
  requestStaleLatencyCheck: flag({
    name: "request_stale_latency_check",
    fallback: false,
    about: "A request is stale when it has waited longer than its session's time-out.",
  }),
  requestThrottlerShutdownTimeoutMs: int({
    name: "request_throttler.shutdownTimeout",
    fallback: 10_000,
    unit: "ms",
    about: "How long Java's throttler may take to end at a stop. Accepted without effect.",
  }),
  throttledOpWaitTimeMs: int({
    name: "throttled_op_wait_time",
    fallback: 0,
    unit: "ms",
    about: "Requests that waited longer are refused with -127 (ThrottledOp); 0: none is.",
  }),
  commitProcessorNumWorkerThreads: optionalInt({
    name: "commitProcessor.numWorkerThreads",
    about: "Threads of Java's CommitProcessor. Accepted; Zooid has one loop.",
  }),
  commitProcessorMaxReadBatchSize: int({
    name: "commitProcessor.maxReadBatchSize",
    fallback: -1,
    unit: "requests",
    about: "Java's read batch between commits; -1: no limit. Accepted without effect.",
  }),
  commitProcessorMaxCommitBatchSize: int({
    name: "commitProcessor.maxCommitBatchSize",
    fallback: 1,
    unit: "requests",
    about: "Java's commit batch between reads. Accepted without effect.",
  }),
  commitProcessorShutdownTimeoutMs: int({
    name: "commitProcessor.shutdownTimeout",
    fallback: 5000,
    unit: "ms",
    about: "At a stop: how long Java's CommitProcessor finishes. Accepted without effect.",
  }),
} as const;
