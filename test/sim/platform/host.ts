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
  };
}
