// The HTTP commands (Java: JettyAdminServer, Commands) and the metrics provider (PrometheusMetricsProvider).

import { flag, int, list, optionalText, text, word } from "../setting.js";

export const adminSettings = {
  enableServer: word({
    name: "admin.enableServer",
    off: "false",
    shown: "true",
    about: "The HTTP commands. Off where port 8080 belongs to somebody else.",
  }),
  serverAddress: text({
    name: "admin.serverAddress",
    fallback: "0.0.0.0",
    about: "Address they listen on. They tell everybody who asks: 127.0.0.1 is often right.",
  }),
  serverPort: int({
    name: "admin.serverPort",
    fallback: 8080,
    about:
      'Port they listen on. In use: "Problem starting AdminServer on address 0.0.0.0, port 8080 and command URL /commands", exit code 4.',
  }),
  commandURL: text({
    name: "admin.commandURL",
    fallback: "/commands",
    about: "Path before the command's name.",
  }),
  idleTimeoutMs: int({
    name: "admin.idleTimeout",
    fallback: 30_000,
    unit: "ms",
    about: "A connection without traffic is closed after this long.",
  }),
  httpVersion: int({
    name: "admin.httpVersion",
    fallback: 11,
    about: "HTTP version over TLS; 11 is 1.1. Accepted without effect: it is 1.1.",
  }),
  portUnification: flag({
    name: "admin.portUnification",
    fallback: false,
    about: "Take plain and TLS on the port. Keys are those of ssl.quorum.*.",
  }),
  forceHttps: flag({
    name: "admin.forceHttps",
    fallback: false,
    about: "Take TLS only.",
  }),
  needClientAuth: flag({
    name: "admin.needClientAuth",
    fallback: false,
    about: "Those who ask over TLS must show a certificate.",
  }),
  rateLimiterIntervalMs: int({
    name: "admin.rateLimiterIntervalInMS",
    fallback: 300_000,
    unit: "ms",
    about:
      "restore is done once in this time; snapshot once in a thousandth of it, as in ZooKeeper: 300 ms. Sooner is answered with 429.",
  }),
  snapshotEnabled: flag({
    name: "admin.snapshot.enabled",
    fallback: true,
    about: "The command snapshot.",
  }),
  pageEnabled: flag({
    name: "admin.page.enabled",
    fallback: true,
    about:
      "Zooid only: the page for people at the root of the HTTP commands' port. It shows what the commands tell everybody, and of the tree what the ACLs let whoever asks see.",
  }),
  pageHosts: list({
    name: "admin.page.hosts",
    about:
      "Zooid only: names, between commas, under which the page may be asked for besides addresses, localhost, this machine's name and those of the members. Others are refused: it may be a stranger's name that leads here (DNS rebinding).",
  }),
  restoreEnabled: flag({
    name: "admin.restore.enabled",
    fallback: true,
    about:
      "The command restore, which replaces the tree. In an ensemble the leader takes it, for all members; others answer 409.",
  }),
} as const;

export const metricsSettings = {
  className: text({
    name: "className",
    place: "file metricsProvider",
    fallback: "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
    about:
      "DefaultMetricsProvider (mntr and the HTTP commands), org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider (those and an HTTP port for Prometheus) or org.apache.zookeeper.metrics.impl.NullMetricsProvider.",
  }),
  httpHost: text({
    name: "httpHost",
    place: "file metricsProvider",
    fallback: "0.0.0.0",
    about: "Prometheus: address it listens on.",
  }),
  httpPort: int({
    name: "httpPort",
    place: "file metricsProvider",
    fallback: 7000,
    about: "Prometheus: port it listens on; -1: none. Two servers on one host need two.",
  }),
  httpsPort: int({
    name: "httpsPort",
    place: "file metricsProvider",
    fallback: -1,
    about: "Prometheus: port with TLS (3.10); -1: none.",
  }),
  exportJvmInfo: flag({
    name: "exportJvmInfo",
    place: "file metricsProvider",
    strict: false,
    fallback: true,
    about: "Prometheus: tell about the process too.",
  }),
  numWorkerThreads: int({
    name: "numWorkerThreads",
    place: "file metricsProvider",
    fallback: 1,
    unit: "threads",
    about: "Java's threads for metrics. Accepted without effect.",
  }),
  maxQueueSize: int({
    name: "maxQueueSize",
    place: "file metricsProvider",
    fallback: 1_000_000,
    unit: "values",
    about: "Java's queue for metrics. Accepted without effect.",
  }),
  workerShutdownTimeoutMs: int({
    name: "workerShutdownTimeoutMs",
    place: "file metricsProvider",
    fallback: 1000,
    unit: "ms",
    about: "Java's wait for that queue. Accepted without effect.",
  }),
  summaryRotateIntervalSeconds: int({
    name: "prometheusMetricsSummaryRotateIntervalSeconds",
    place: "file metricsProvider",
    fallback: 60,
    unit: "s",
    about: "Prometheus: quantiles are of the last so many seconds.",
  }),
  sslKeyStoreLocation: optionalText({
    name: "ssl.keyStore.location",
    place: "file metricsProvider",
    about: "Prometheus over TLS (3.10): key and certificate.",
  }),
  sslKeyStorePassword: optionalText({
    name: "ssl.keyStore.password",
    place: "file metricsProvider",
    about: "Its password.",
  }),
  sslKeyStoreType: optionalText({
    name: "ssl.keyStore.type",
    place: "file metricsProvider",
    about: "Its type.",
  }),
  sslTrustStoreLocation: optionalText({
    name: "ssl.trustStore.location",
    place: "file metricsProvider",
    about: "Certificates that are trusted.",
  }),
  sslTrustStorePassword: optionalText({
    name: "ssl.trustStore.password",
    place: "file metricsProvider",
    about: "Its password.",
  }),
  sslTrustStoreType: optionalText({
    name: "ssl.trustStore.type",
    place: "file metricsProvider",
    about: "Its type.",
  }),
  sslNeedClientAuth: flag({
    name: "ssl.need.client.auth",
    place: "file metricsProvider",
    strict: false,
    fallback: true,
    about: "Those who ask must show a certificate.",
  }),
  sslWantClientAuth: flag({
    name: "ssl.want.client.auth",
    place: "file metricsProvider",
    strict: false,
    fallback: true,
    about: "Those who ask may show a certificate.",
  }),
  sslEnabledProtocols: list({
    name: "ssl.enabledProtocols",
    place: "file metricsProvider",
    about: "TLS protocols, between commas.",
  }),
  sslCiphersuites: list({
    name: "ssl.ciphersuites",
    place: "file metricsProvider",
    about: "Cipher suites, between commas.",
  }),
} as const;
