// What every Platform must do: one list of properties, carried out against the real one (node.test.ts) and the simulated
// one (sim.test.ts). What only one of them can show (real sockets of others, injected faults) is tested beside it.

import { test } from "node:test";
import type { Platform } from "../../src/platform/platform.js";
import { clockContract } from "./contract-clock.js";
import { diskContract } from "./contract-disk.js";
import { fileContract } from "./contract-file.js";
import { listeningContract } from "./contract-listening.js";
import { storesContract } from "./contract-stores.js";
import { streamContract } from "./contract-stream.js";
import { tlsContract } from "./contract-tls.js";
import { withPair } from "./peer.js";
import { withTlsPair } from "./tls-peer.js";

export interface Subject {
  readonly platform: Platform;
  /** An empty directory of its own. */
  readonly directory: string;
  /** Lets the world go on until the promise has settled. */
  wait<T>(promise: Promise<T>): Promise<T>;
}

export type Contract = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

/** What has to do with connections. */
export const CONNECTION_CONTRACTS: readonly Contract[] = [
  listeningContract,
  streamContract(withPair, ""),
  streamContract(withTlsPair, " over TLS"),
  tlsContract,
];

const ALL_CONTRACTS = [
  clockContract,
  ...CONNECTION_CONTRACTS,
  diskContract,
  fileContract,
  storesContract,
];

/** Registers a test for each property. */
export function testContract(
  implementation: string,
  withSubject: (run: (subject: Subject) => Promise<void>) => Promise<void>,
  contracts: readonly Contract[] = ALL_CONTRACTS,
): void {
  for (const contract of contracts) {
    for (const [name, run] of Object.entries(contract)) {
      test(`${name} [${implementation}]`, { timeout: 20_000 }, () => withSubject(run));
    }
  }
}
