// What the door and the server behind it tell in `mntr`, as gauges. Java: ZooKeeperServer.registerMetrics.

import type { Metrics } from "../metrics/metrics.js";
import type { Platform } from "../platform/platform.js";
import type { BlueThrottle } from "./blue-throttle.js";
import type { ServerPort } from "./server-port.js";
import type { ServerStats } from "./server-stats.js";

export interface GaugeSource {
  readonly metrics: Metrics;
  readonly platform: Platform;
  readonly port: ServerPort;
  readonly stats: ServerStats;
  readonly blueThrottle: BlueThrottle;
  readonly connectionCount: number;
  readonly inProcess: number;
  /** TLS handshakes under way. */
  readonly handshakeCount: number;
  nowMs(): number;
}

export function registerGauges(door: GaugeSource): void {
  const { metrics, port, stats, platform } = door;
  metrics.gauge("avg_latency", () => stats.latency.average);
  metrics.gauge("max_latency", () => stats.latency.maximum);
  metrics.gauge("min_latency", () => stats.latency.minimum);
  metrics.gauge("packets_received", () => stats.packetsReceived);
  metrics.gauge("packets_sent", () => stats.packetsSent);
  metrics.gauge("num_alive_connections", () => door.connectionCount);
  metrics.gauge("outstanding_requests", () => door.inProcess);
  metrics.gauge("uptime", () => door.nowMs() - stats.startedMs);
  metrics.gauge("znode_count", () => port.nodeCount());
  metrics.gauge("watch_count", () => port.watchCount());
  metrics.gauge("ephemerals_count", () => port.ephemeralsCount());
  metrics.gauge("approximate_data_size", () => port.approximateDataSize());
  metrics.gauge("global_sessions", () => port.globalSessionCount());
  metrics.gauge("local_sessions", () => port.localSessionCount());
  // -1 is what Java's OSMXBean has where the system does not tell.
  metrics.gauge("open_file_descriptor_count", () => platform.host.openFileDescriptors() ?? -1);
  metrics.gauge("max_file_descriptor_count", () => platform.host.maxFileDescriptors() ?? -1);
  metrics.gauge("connection_drop_probability", () => door.blueThrottle.dropChance);
  metrics.gauge("last_client_response_size", () => stats.responseSizes.last);
  metrics.gauge("max_client_response_size", () => stats.responseSizes.maximum);
  metrics.gauge("min_client_response_size", () => stats.responseSizes.minimum);
  metrics.gauge("outstanding_tls_handshake", () => door.handshakeCount);
  metrics.gauge("auth_failed_count", () => stats.authFailures);
  metrics.gauge("non_mtls_remote_conn_count", () => 0);
  metrics.gauge("non_mtls_local_conn_count", () => 0);
}
