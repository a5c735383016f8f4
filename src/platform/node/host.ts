// What this machine and process are, in the words that Java's system properties use: `envi` and the first lines of the
// log print them, and operators' scripts parse them (os.arch is "amd64", never node's "x64").

import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, homedir, hostname, release, tmpdir, userInfo } from "node:os";
import { dirname } from "node:path";
import { getHeapStatistics } from "node:v8";
import type { HostFacts } from "../platform.js";

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

function openFileDescriptors(): number | undefined {
  const directory = process.platform === "linux" ? "/proc/self/fd" : "/dev/fd";
  try {
    // The listing itself holds one descriptor.
    return readdirSync(directory).length - 1;
  } catch {
    return undefined;
  }
}

function maxFileDescriptors(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
