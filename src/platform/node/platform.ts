// The real platform: what main, bin and cli hand to everything else.

import type { Platform } from "../platform.js";
import { NodeClock } from "./clock.js";
import { NodeDisk } from "./disk.js";
import { createNodeHostFacts } from "./host.js";
import { NodeKerberos } from "./kerberos.js";
import { type LogOptions, NodeLog } from "./log.js";
import { NodeNetwork } from "./network.js";
import { NodeRandom } from "./random.js";
import { NodeStores } from "./stores.js";
import { NodeThreads } from "./threads.js";
import { NodeTls } from "./tls.js";

export interface NodePlatformOptions {
  /** Left out: ZooKeeper's layout, INFO, standard output (zkServer.sh redirects it into the log file). */
  readonly log?: Partial<LogOptions>;
  /** For tests: as if node's handles were not what we know; see tcp-handle.ts. */
  readonly withoutHandles?: boolean;
}

export interface NodePlatform extends Platform {
  readonly log: NodeLog;
}

export function createNodePlatform(options: NodePlatformOptions = {}): NodePlatform {
  const log = NodeLog.open({
    format: "zookeeper",
    level: "INFO",
    destination: process.stdout.fd,
    ...options.log,
  });
  const host = createNodeHostFacts();
  return {
    clock: new NodeClock(),
    network: new NodeNetwork(log.child("Network"), options.withoutHandles !== true),
    tls: new NodeTls(),
    kerberos: new NodeKerberos(),
    disk: new NodeDisk(),
    stores: new NodeStores(),
    random: new NodeRandom(),
    log,
    host,
    threads: host.processors > 1 ? new NodeThreads() : undefined,
  };
}
