// What this machine and process are, in the words that Java's system properties use: `envi` and the first lines of the
// log print them, and operators' scripts parse them (os.arch is "amd64", never node's "x64").

import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, homedir, hostname, release, tmpdir, userInfo } from "node:os";
import { dirname } from "node:path";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";
import type { HostFacts, ProcessUse } from "../platform.js";

const OS_NAMES: Readonly<Record<string, string>> = {
  linux: "Linux",
  darwin: "Mac OS X",
  win32: "Windows",
  freebsd: "FreeBSD",
  sunos: "SunOS",
  aix: "AIX",
};

const OS_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "aarch64",
  ia32: "x86",
};

export function createNodeHostFacts(): HostFacts {
  return {
    hostName: hostname(),
    osName: OS_NAMES[process.platform] ?? process.platform,
    osArch: OS_ARCHITECTURES[process.arch] ?? process.arch,
    osVersion: release(),
    userName: userName(),
    userHome: homedir(),
    workingDirectory: process.cwd(),
    temporaryDirectory: tmpdir(),
    runtimeName: "Node.js",
    runtimeVersion: process.versions.node,
    runtimeHome: dirname(dirname(process.execPath)),
    processId: process.pid,
    processors: availableParallelism(),
    memory,
    openFileDescriptors,
    maxFileDescriptors,
    processUse,
  };
}

/** A container may run us under a user id without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "?";
  }
}

function memory(): { freeBytes: number; totalBytes: number; maxBytes: number } {
  const heap = getHeapStatistics();
  return {
    freeBytes: heap.total_heap_size - heap.used_heap_size,
    totalBytes: heap.total_heap_size,
    maxBytes: heap.heap_size_limit,
  };
}

export function openFileDescriptors(): number | undefined {
  const directory = process.platform === "linux" ? "/proc/self/fd" : "/dev/fd";
  try {
    // The listing itself holds one descriptor.
    return readdirSync(directory).length - 1;
  } catch {
    return undefined;
  }
}

export function maxFileDescriptors(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

function processUse(): ProcessUse {
  const heap = getHeapStatistics();
  const { external, arrayBuffers, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    startedMs: Date.now() - process.uptime() * 1000,
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    virtualBytes: virtualBytes(),
    heap: {
      usedBytes: heap.used_heap_size,
      committedBytes: heap.total_heap_size,
      maxBytes: heap.heap_size_limit,
    },
    heapSpaces: getHeapSpaceStatistics().map((space) => ({
      name: space.space_name,
      usedBytes: space.space_used_size,
      committedBytes: space.space_size,
    })),
    externalBytes: external,
    bufferBytes: arrayBuffers,
    collections: [...collectionCounts()].map(([name, { count, seconds }]) => ({
      name,
      count,
      seconds,
    })),
  };
}

function virtualBytes(): number | undefined {
  try {
    const kilobytes = /^VmSize:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

const COLLECTION_NAMES = new Map<number, string>([
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"],
]);

let collections: Map<string, { count: number; seconds: number }> | undefined;

/** Observing costs a little for each collection: nobody pays for it who does not ask. */
function collectionCounts(): Map<string, { count: number; seconds: number }> {
  if (collections !== undefined) return collections;
  const counts = new Map<string, { count: number; seconds: number }>();
  for (const name of COLLECTION_NAMES.values()) counts.set(name, { count: 0, seconds: 0 });
  new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries()) {
      const kind = (detail as { readonly kind?: number } | undefined)?.kind ?? 0;
      const entry = counts.get(COLLECTION_NAMES.get(kind) ?? "");
      if (entry === undefined) continue;
      entry.count++;
      entry.seconds += duration / 1000;
    }
  }).observe({ entryTypes: ["gc"] });
  collections = counts;
  return counts;
}
