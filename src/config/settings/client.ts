// The door to clients: ports, connections, four-letter words, threads and throttles of NIOServerCnxnFactory and
// NettyServerCnxnFactory.

import { custom, decimal, flag, int, list, optionalInt, optionalText, text } from "../setting.js";

export const clientSettings = {
  clientPort: optionalInt({
    name: "clientPort",
    place: "file",
    about:
      "Port for clients without TLS. Left out, no such port is opened (secureClientPort may be, or server.N may name one). A port in use ends the start with exit code 1.",
  }),
  clientPortAddress: optionalText({
    name: "clientPortAddress",
    place: "file",
    about:
      "Address to listen on for clients; every interface when left out. Needs clientPort. zkServer.sh status asks at this address.",
  }),
  secureClientPort: optionalInt({
    name: "secureClientPort",
    place: "file",
    about:
      "Port for clients with TLS; see ssl.* below. May be used beside or instead of clientPort.",
  }),
  secureClientPortAddress: optionalText({
    name: "secureClientPortAddress",
    place: "file",
    about: "Address to listen on for clients with TLS; every interface when left out.",
  }),
  clientPortListenBacklog: int({
    name: "clientPortListenBacklog",
    place: "file",
    fallback: -1,
    unit: "connections",
    about:
      "How many new connections the system may queue. -1: the system's default. Too few, and a crowd of clients reconnecting at once is refused.",
  }),
  maxClientCnxns: int({
    name: "maxClientCnxns",
    place: "file",
    fallback: 60,
    unit: "connections",
    about:
      'Connections from one client address; 0: as many as it likes. Clients behind one NAT or on one host share it: the log says "Too many connections from" and the client sees its connection closed.',
  }),
  maxCnxns: int({
    name: "maxCnxns",
    fallback: 0,
    unit: "connections",
    about:
      'Connections in all, with and without TLS; 0: as many as file descriptors allow. Above it new ones are closed: "Too many connections".',
  }),
  fourLetterWordWhitelist: list({
    name: "4lw.commands.whitelist",
    fallback: ["srvr"],
    about:
      'Four-letter words that are answered, between commas; * is all. srvr always is (zkServer.sh status needs it), isro too in read-only mode. Others get "... is not executed because it is not in the whitelist." Monitoring wants mntr,ruok,stat,conf,cons,dump,wchs.',
  }),
  nioSessionlessCnxnTimeoutMs: int({
    name: "nio.sessionlessCnxnTimeout",
    fallback: 10_000,
    unit: "ms",
    about: "A connection that has not opened a session after this long is closed.",
  }),
  clientTcpKeepAlive: flag({
    name: "clientTcpKeepAlive",
    fallback: false,
    about: "TCP keep-alive on client connections: for networks that forget idle connections.",
  }),
  serverCnxnFactory: text({
    name: "serverCnxnFactory",
    fallback: "org.apache.zookeeper.server.NIOServerCnxnFactory",
    about:
      "Java's choice between NIOServerCnxnFactory and NettyServerCnxnFactory. Both mean our one door; another name ends the start.",
  }),
  clientPortUnification: flag({
    name: "client.portUnification",
    fallback: false,
    about:
      "clientPort takes plain and TLS clients alike: for the time in which clients move to TLS.",
  }),
  clientCertReload: flag({
    name: "client.certReload",
    fallback: false,
    about: "Load the client port's key store and trust store again when their files change.",
  }),

  // ---- responses
  maxResponseCacheSize: int({
    name: "maxResponseCacheSize",
    fallback: 400,
    unit: "responses",
    about:
      "Java's cache of serialized getData responses; 0: none. Accepted without effect: data is kept as it is sent.",
  }),
  maxGetChildrenResponseCacheSize: int({
    name: "maxGetChildrenResponseCacheSize",
    fallback: 400,
    unit: "responses",
    about:
      "So many lists of 16 children and more are kept as getChildren replies have them, 16 MB at the most; 0: none.",
  }),
  intBufferStartingSizeBytes: int({
    name: "intBufferStartingSizeBytes",
    fallback: 1024,
    unit: "bytes",
    about:
      "First size of Java's response buffers; below 32 Java refuses to start. Accepted without effect.",
    adjust: (value, warn) => {
      if (value >= 32) return value;
      warn(
        `Buffer starting size (${value}) must be greater than or equal to 32. Configure with "-Dzookeeper.intBufferStartingSizeBytes=<size>" `,
      );
      return 32;
    },
  }),

  // ---- throttle of new connections (BlueThrottle)
  connectionThrottleTokens: int({
    name: "connection_throttle_tokens",
    fallback: 0,
    unit: "tokens",
    about:
      "Size of the token bucket from which new sessions are paid; 0: no throttle. Protects a server to which thousands return at once; with too few tokens clients wander from server to server.",
  }),
  connectionThrottleFillTimeMs: int({
    name: "connection_throttle_fill_time",
    fallback: 1,
    unit: "ms",
    about: "How often the bucket is filled.",
  }),
  connectionThrottleFillCount: int({
    name: "connection_throttle_fill_count",
    fallback: 1,
    unit: "tokens",
    about: "How much is filled in each time.",
  }),
  connectionThrottleFreezeTimeMs: int({
    name: "connection_throttle_freeze_time",
    fallback: -1,
    unit: "ms",
    about: "How often the probability of refusing is reconsidered; -1: never refuse by chance.",
  }),
  connectionThrottleDropIncrease: decimal({
    name: "connection_throttle_drop_increase",
    fallback: 0.02,
    about: "By how much that probability grows when the bucket is empty.",
  }),
  connectionThrottleDropDecrease: decimal({
    name: "connection_throttle_drop_decrease",
    fallback: 0.002,
    about: "By how much it falls when the bucket fills.",
  }),
  connectionThrottleDecreaseRatio: decimal({
    name: "connection_throttle_decrease_ratio",
    fallback: 0,
    about: "The bucket must be filled to this part before it falls.",
  }),
  connectionThrottleWeightEnabled: flag({
    name: "connection_throttle_weight_enabled",
    fallback: false,
    about: "New, renewed and local sessions cost different numbers of tokens.",
  }),
  connectionThrottleGlobalSessionWeight: int({
    name: "connection_throttle_global_session_weight",
    fallback: 3,
    unit: "tokens",
    about: "Price of a new global session.",
  }),
  connectionThrottleLocalSessionWeight: int({
    name: "connection_throttle_local_session_weight",
    fallback: 1,
    unit: "tokens",
    about: "Price of a new local session.",
  }),
  connectionThrottleRenewSessionWeight: int({
    name: "connection_throttle_renew_session_weight",
    fallback: 2,
    unit: "tokens",
    about: "Price of a session that comes back.",
  }),

  // ---- Java's threads and buffers: accepted, without effect on one event loop
  nioNumSelectorThreads: optionalInt({
    name: "nio.numSelectorThreads",
    about: "Threads of Java's NIO door. Accepted; Zooid has one loop.",
  }),
  nioNumWorkerThreads: optionalInt({
    name: "nio.numWorkerThreads",
    about: "Threads of Java's NIO door. Accepted; Zooid has one loop.",
  }),
  nioDirectBufferBytes: int({
    name: "nio.directBufferBytes",
    fallback: 65_536,
    unit: "bytes",
    about: "Java's direct buffers. Accepted without effect.",
  }),
  nioShutdownTimeoutMs: int({
    name: "nio.shutdownTimeout",
    fallback: 5000,
    unit: "ms",
    about: "How long Java's threads may take to end at a stop. Accepted without effect.",
  }),
  nettyAdvancedFlowControlEnabled: flag({
    name: "netty.advancedFlowControl.enabled",
    fallback: false,
    about:
      "Java's Netty flow control. Accepted without effect: reading always stops where it must.",
  }),
  nettyOutstandingHandshakeLimit: int({
    name: "netty.server.outstandingHandshake.limit",
    fallback: -1,
    unit: "handshakes",
    about: "TLS handshakes at one time; -1: no limit. Above it new TLS connections are closed.",
  }),
  nettyEarlyDropSecureConnectionHandshakes: flag({
    name: "netty.server.earlyDropSecureConnectionHandshakes",
    fallback: false,
    about: "Close TLS connections at once while the server cannot serve them.",
  }),
  controllerPort: custom<string | undefined>({
    name: "controllerPort",
    fallback: undefined,
    shown: undefined,
    read: (value) => value,
    about: "Port of Java's test controller. Accepted without effect.",
  }),
} as const;
