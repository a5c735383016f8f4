// The tree and its services: node types, quotas, reaping, watches. Java: ContainerManager, WatchManagerFactory, EphemeralType.

import { flag, int, text } from "../setting.js";

export const treeSettings = {
  extendedTypesEnabled: flag({
    name: "extendedTypesEnabled",
    fallback: false,
    about:
      "Allows TTL nodes (create -t). Must be the same on all servers; a server id may then be at most 254. Turning it off again with TTL nodes in the tree makes them look like ephemerals of sessions that do not exist.",
  }),
  emulate353TTLNodes: flag({
    name: "emulate353TTLNodes",
    fallback: false,
    about: "Reads TTL nodes as 3.5.3 wrote them. For upgrades from exactly that version.",
  }),
  enforceQuota: flag({
    name: "enforceQuota",
    fallback: false,
    about:
      'Hard quotas (setquota -N and -B) refuse with -125 what would exceed them. Off, quotas are only reported: "Quota exceeded".',
  }),
  znodeContainerCheckIntervalMs: int({
    name: "znode.container.checkIntervalMs",
    place: "bare",
    fallback: 60_000,
    unit: "ms",
    about: "How often empty containers and outlived TTL nodes are looked for; 0: never.",
  }),
  znodeContainerMaxPerMinute: int({
    name: "znode.container.maxPerMinute",
    place: "bare",
    fallback: 10_000,
    unit: "nodes",
    about:
      "So many of them are removed a minute, so that a great clean-up does not stop the clients.",
  }),
  znodeContainerMaxNeverUsedIntervalMs: int({
    name: "znode.container.maxNeverUsedIntervalMs",
    place: "bare",
    fallback: 0,
    unit: "ms",
    about: "A container that never had a child is removed after this long; 0: never.",
  }),
  watchManagerName: text({
    name: "watchManagerName",
    fallback: "org.apache.zookeeper.server.watch.WatchManager",
    about:
      "Java's choice between WatchManager and WatchManagerOptimized. Both mean our one; another name ends the start.",
  }),
  watcherCleanThreadsNum: int({
    name: "watcherCleanThreadsNum",
    fallback: 2,
    unit: "threads",
    about: "WatchManagerOptimized only. Accepted without effect.",
  }),
  watcherCleanThreshold: int({
    name: "watcherCleanThreshold",
    fallback: 1000,
    unit: "watchers",
    about: "WatchManagerOptimized only. Accepted without effect.",
  }),
  watcherCleanIntervalSeconds: int({
    name: "watcherCleanIntervalInSeconds",
    fallback: 600,
    unit: "s",
    about: "WatchManagerOptimized only. Accepted without effect.",
  }),
  maxInProcessingDeadWatchers: int({
    name: "maxInProcessingDeadWatchers",
    fallback: -1,
    unit: "watchers",
    about: "WatchManagerOptimized only. Accepted without effect.",
  }),
  bitHashCacheSize: int({
    name: "bitHashCacheSize",
    fallback: 10,
    unit: "entries",
    about: "WatchManagerOptimized only. Accepted without effect.",
  }),
} as const;
