// The ensemble: quorum and election. A server that is alone reads these and uses none. Java: QuorumPeer, Leader, Learner,
// LearnerHandler, Observer, QuorumCnxManager, FastLeaderElection.

import { choice, flag, InvalidValue, int, long, optionalText, text, word } from "../setting.js";

export const quorumSettings = {
  initLimitTicks: int({
    name: "initLimit",
    place: "file",
    fallback: 0,
    unit: "ticks",
    about:
      "How long a follower may take to connect to the leader and to be brought up to date. Needed in an ensemble. Too short for a large tree, and a returning follower begins again and again.",
  }),
  syncLimitTicks: int({
    name: "syncLimit",
    place: "file",
    fallback: 0,
    unit: "ticks",
    about:
      "How long a follower may fall behind, and how long either may be silent, before it is dropped. Needed in an ensemble.",
  }),
  connectToLearnerMasterLimitTicks: int({
    name: "connectToLearnerMasterLimit",
    place: "file",
    fallback: 0,
    unit: "ticks",
    about: "How long a learner tries to connect to its leader; 0: initLimit.",
  }),
  electionAlg: int({
    name: "electionAlg",
    place: "file",
    fallback: 3,
    about: "The election algorithm; 3 is the only one left.",
    adjust: (value) => {
      if (value === 3) return value;
      const message = "Invalid electionAlg value. Only 3 is supported.";
      throw new InvalidValue(message, "must be 3", { whole: true });
    },
  }),
  peerType: choice({
    name: "peerType",
    place: "file",
    fallback: "participant",
    values: ["participant", "observer"],
    about:
      "observer: this server follows without a vote. The server list says the same (:observer) and wins where they differ.",
  }),
  standaloneEnabled: flag({
    name: "standaloneEnabled",
    place: "file",
    fallback: true,
    about:
      "false: a single server runs as an ensemble of one, so that reconfig can make it grow. True, one server.N line is ignored and the server is standalone.",
  }),
  reconfigEnabled: flag({
    name: "reconfigEnabled",
    place: "file",
    fallback: false,
    about:
      "Lets clients change the members (reconfig). Whoever may write /zookeeper/config then rules the ensemble: set ACLs first.",
  }),
  dynamicConfigFile: optionalText({
    name: "dynamicConfigFile",
    place: "file",
    about:
      "File of the server., group. and weight. lines. The server names it itself once reconfig has changed the members; those lines must then not be in zoo.cfg.",
  }),
  quorumListenOnAllIPs: flag({
    name: "quorumListenOnAllIPs",
    place: "file",
    fallback: false,
    about: "Listen for members on every interface, not only on the address of our server.N line.",
  }),
  observerMasterPort: int({
    name: "observerMasterPort",
    place: "file",
    fallback: 0,
    about: "Followers serve observers on this port, to spare the leader; 0: they do not.",
    adjust: (value) => Math.max(0, value),
  }),
  syncEnabled: flag({
    name: "syncEnabled",
    place: "file",
    fallback: true,
    about: "Observers write log and snapshots as followers do, for quick restarts.",
  }),
  observerSyncEnabled: flag({
    name: "observer.syncEnabled",
    fallback: true,
    about: "The same as a system property, which wins over syncEnabled.",
  }),
  multiAddressEnabled: flag({
    name: "multiAddress.enabled",
    place: "fileThenProperty",
    fallback: false,
    about:
      "Allows several addresses a server, between |. No server before 3.6 may be in the ensemble.",
  }),
  multiAddressReachabilityCheckTimeoutMs: int({
    name: "multiAddress.reachabilityCheckTimeoutMs",
    place: "fileThenProperty",
    fallback: 1000,
    unit: "ms",
    about: "How long an address may take to answer before another is tried.",
  }),
  multiAddressReachabilityCheckEnabled: flag({
    name: "multiAddress.reachabilityCheckEnabled",
    place: "fileThenProperty",
    fallback: true,
    about:
      "Java: ping the addresses of a server before one is taken. Accepted without effect: the next one is tried when one is silent.",
  }),
  oraclePath: optionalText({
    name: "oraclePath",
    place: "file",
    about:
      "File that says 1 when the other of two servers is known to be dead, so that the survivor may go on alone. An oracle that errs loses writes.",
  }),
  cumulative: flag({
    name: "quorum.cumulative",
    place: "fileThenProperty",
    fallback: true,
    about:
      "Between servers that both are Zooid, one ACK and one COMMIT speak for many proposals. False: one for each, as between Java's servers.",
  }),
  cnxTimeoutMs: int({
    name: "cnxTimeout",
    fallback: 5000,
    unit: "ms",
    about: "How long connecting to another member's election port may take.",
  }),
  quorumCnxnTimeoutMs: int({
    name: "quorumCnxnTimeoutMs",
    fallback: -1,
    unit: "ms",
    about: "Silence allowed on election connections; -1: syncLimit x tickTime.",
  }),
  quorumCnxnThreadsSize: int({
    name: "quorum.cnxn.threads.size",
    place: "file",
    fallback: 20,
    unit: "threads",
    about: "Java's threads for authenticated election connections. Accepted without effect.",
  }),
  fastleaderMinNotificationIntervalMs: int({
    name: "fastleader.minNotificationInterval",
    fallback: 200,
    unit: "ms",
    about: "How long a vote that has its majority waits for a better one: part of every election.",
  }),
  fastleaderMaxNotificationIntervalMs: int({
    name: "fastleader.maxNotificationInterval",
    fallback: 60_000,
    unit: "ms",
    about: "Votes are repeated at growing intervals up to this one.",
  }),
  electionPortBindRetry: int({
    name: "electionPortBindRetry",
    fallback: 3,
    unit: "times",
    about:
      "How often opening the election port is tried; 0: for ever. Use 0 where names appear after the server has started (Kubernetes); otherwise exit code 14.",
  }),
  tcpKeepAlive: flag({
    name: "tcpKeepAlive",
    fallback: false,
    about:
      "TCP keep-alive on election connections, which are silent for weeks: for networks that forget idle connections.",
  }),
  leaderServes: word({
    name: "leaderServes",
    off: "no",
    shown: "yes",
    about: "no: the leader takes no clients. For large ensembles under many writes.",
  }),
  leaderNodelay: flag({
    name: "leader.nodelay",
    place: "bare",
    fallback: true,
    about:
      "Java: TCP_NODELAY on the leader's connections to learners. Accepted without effect: it is always on.",
  }),
  followerNodelay: flag({
    name: "follower.nodelay",
    place: "bare",
    fallback: true,
    about:
      "Java: TCP_NODELAY on a learner's connection to the leader. Accepted without effect: it is always on.",
  }),
  leaderConnectDelayDuringRetryMs: int({
    name: "leaderConnectDelayDuringRetryMs",
    fallback: 100,
    unit: "ms",
    about: "Pause between a learner's attempts to connect to the leader.",
  }),
  leaderMaxTimeToWaitForEpochMs: int({
    name: "leader.maxTimeToWaitForEpoch",
    fallback: -1,
    unit: "ms",
    about: "A new leader waits this long for a majority to accept its epoch; -1: initLimit.",
  }),
  leaderMaxConcurrentSnapSyncs: int({
    name: "leader.maxConcurrentSnapSyncs",
    fallback: 10,
    unit: "learners",
    about:
      "Java: so many observers get a snapshot at one time. Accepted without effect: a snapshot takes a megabyte of memory for each.",
  }),
  leaderMaxConcurrentDiffSyncs: int({
    name: "leader.maxConcurrentDiffSyncs",
    fallback: 100,
    unit: "learners",
    about: "Java: so many observers get transactions at one time. Accepted without effect.",
  }),
  leaderAckLoggingFrequency: int({
    name: "leader.ackLoggingFrequency",
    fallback: 1000,
    unit: "acks",
    about:
      "Java: each so many acknowledgements one is timed for the metrics. Accepted without effect.",
    adjust: (value) => (value > 0 ? value : 1000),
  }),
  leaderCloseSocketAsync: flag({
    name: "leader.closeSocketAsync",
    place: "propertyThenBare",
    fallback: false,
    about: "Java: close learners' sockets in another thread. Accepted without effect.",
  }),
  learnerCloseSocketAsync: flag({
    name: "learner.closeSocketAsync",
    place: "propertyThenBare",
    fallback: false,
    about: "Java: close the leader's socket in another thread. Accepted without effect.",
  }),
  learnerAsyncSending: flag({
    name: "learner.asyncSending",
    place: "propertyThenBare",
    fallback: false,
    about: "Java: send to the leader from another thread. Accepted without effect.",
  }),
  forwardLearnerRequestsToCommitProcessorDisabled: flag({
    name: "forward_learner_requests_to_commit_processor_disabled",
    fallback: false,
    about: "Java: learners' requests skip a stage on the leader. Accepted without effect.",
  }),
  followerSkipLearnerRequestToNextProcessor: flag({
    name: "follower.skipLearnerRequestToNextProcessor",
    fallback: false,
    about: "Java: observers' requests skip a stage on the follower. Accepted without effect.",
  }),
  observerReconnectDelayMs: long({
    name: "observer.reconnectDelayMs",
    fallback: 0,
    unit: "ms",
    about:
      "Java: an observer waits up to this long before it connects again. Accepted without effect.",
  }),
  observerElectionDelayMs: long({
    name: "observer.election.DelayMs",
    fallback: 200,
    unit: "ms",
    about: "An observer waits this long before it looks for the new leader.",
  }),
  observerMasterSizeLimitBytes: int({
    name: "observerMaster.sizeLimit",
    fallback: 32 * 1024 * 1024,
    unit: "bytes",
    about: "Java: what a follower keeps for slow observers. Accepted without effect.",
  }),
  readonlymodeEnabled: flag({
    name: "readonlymode.enabled",
    place: "bare",
    fallback: false,
    about:
      "A server that has lost the ensemble serves reads to clients that asked for it (canBeReadOnly). What they read may be old.",
  }),
  enableEagerACLCheck: flag({
    name: "enableEagerACLCheck",
    fallback: false,
    about:
      "Java: learners refuse what the ACL forbids at once instead of asking the leader. Accepted without effect: the leader refuses it.",
  }),
  sslQuorum: flag({
    name: "sslQuorum",
    place: "file",
    fallback: false,
    about: "TLS between members; see ssl.quorum.* below.",
  }),
  portUnification: flag({
    name: "portUnification",
    place: "file",
    fallback: false,
    about:
      "Members' ports take plain and TLS alike: for the time in which an ensemble moves to TLS.",
  }),
  sslQuorumReloadCertFiles: flag({
    name: "sslQuorumReloadCertFiles",
    place: "file",
    fallback: false,
    about: "Load the members' key store and trust store again when their files change.",
  }),
  authEnableSasl: flag({
    name: "quorum.auth.enableSasl",
    place: "file",
    fallback: false,
    about:
      "SASL between members, on the election and quorum ports. Switch on in three rounds of restarts: this on all members, then learnerRequireSasl on all, then serverRequireSasl. Needs both sections in the JAAS file, and fips-mode=false for DIGEST-MD5.",
  }),
  authLearnerRequireSasl: flag({
    name: "quorum.auth.learnerRequireSasl",
    place: "file",
    fallback: false,
    about:
      "This member authenticates wherever it connects to, and connects to nobody who does not let it.",
  }),
  authServerRequireSasl: flag({
    name: "quorum.auth.serverRequireSasl",
    place: "file",
    fallback: false,
    about: "This member lets in nobody who does not authenticate; needs both others.",
  }),
  authLearnerSaslLoginContext: text({
    name: "quorum.auth.learner.saslLoginContext",
    place: "file",
    fallback: "QuorumLearner",
    about: "The learner's section in the JAAS file.",
  }),
  authServerSaslLoginContext: text({
    name: "quorum.auth.server.saslLoginContext",
    place: "file",
    fallback: "QuorumServer",
    about: "The server's section in the JAAS file.",
  }),
  authKerberosServicePrincipal: text({
    name: "quorum.auth.kerberos.servicePrincipal",
    place: "file",
    fallback: "zkquorum/localhost",
    about: "The members' Kerberos principal; _HOST stands for each one's name.",
  }),
  messageTrackerBufferSize: int({
    name: "messageTracker.BufferSize",
    fallback: 10,
    unit: "messages",
    about:
      "Java: the last messages with each learner, for the log when it is lost. Accepted without effect.",
  }),
  messageTrackerEnabled: flag({
    name: "messageTracker.Enabled",
    fallback: false,
    about: "Java: whether they are kept. Accepted without effect.",
  }),
} as const;
