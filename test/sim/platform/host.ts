// What a simulated machine says of itself.

import type { HostFacts } from "../../../src/platform/platform.js";

export function createSimHostFacts(name: string, processId: number): HostFacts {
  return {
    hostName: name,
    osName: "Simulated",
    osArch: "none",
    osVersion: "1",
    userName: "zooid",
    userHome: "/home/zooid",
    workingDirectory: "/",
    temporaryDirectory: "/tmp",
    runtimeName: "Node.js",
    runtimeVersion: "0.0.0",
    runtimeHome: "/usr",
    processId,
    processors: 1,
    memory: () => ({ freeBytes: 2 ** 29, totalBytes: 2 ** 30, maxBytes: 2 ** 30 }),
    openFileDescriptors: () => 32,
    maxFileDescriptors: () => 1024,
    processUse: () => ({
      startedMs: 0,
      cpuSeconds: 1.5,
      residentBytes: 2 ** 30,
      virtualBytes: undefined,
      heap: { usedBytes: 2 ** 29, committedBytes: 2 ** 30, maxBytes: 2 ** 30 },
      heapSpaces: [{ name: "old_space", usedBytes: 2 ** 29, committedBytes: 2 ** 30 }],
      externalBytes: 2 ** 20,
      bufferBytes: 2 ** 19,
      collections: [{ name: "major", count: 2, seconds: 0.25 }],
    }),
  };
}
