// Whether test files that run at once have ports of their own: what each takes from its PORTS on, and what freePort() gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PORTS } from "./ensemble-world.js";

/** How many ports from the first on: three a member, and what a file adds for HTTP, TLS or another address. */
const COUNTS: Readonly<Record<keyof typeof PORTS, number>> = {
  mixed: 15,
  sasl: 9,
  kerberos: 9,
  fuzz: 9,
  hostileLeader: 9,
  rolling: 9,
  sync: 9,
  faults: 23,
  page: 13,
  guides: 9,
  prometheus: 14,
  typing: 9,
  ensemblePage: 12,
  adminCommands: 13,
  localSessions: 9,
  observerMaster: 12,
  tlsKeys: 9,
  history: 23,
  tls: 9,
  tlsRolling: 9,
  tlsPage: 17,
  metricNames: 16,
  reconfig: 65,
  kazooThree: 80,
  kazooAlone: 50,
};

/** From here on Linux gives them to callers, where nobody has set it otherwise. */
const CALLERS = { first: 32_768, count: 1 };
const FREE_PORTS = { first: 21_400, count: 250 };
const BIN = { first: 21_810, count: 11 };
/** What PORTS.observerMaster has beyond its members' ports. */
const OBSERVER_MASTER = { first: PORTS.observerMaster + 50, count: 1 };

test("Test files that run side by side have no port in common, nor one that a caller may be given", () => {
  const ranges = [
    ...Object.entries(PORTS).map(([name, first]) => {
      return { name, first, count: COUNTS[name as keyof typeof PORTS] };
    }),
    { name: "freePort()", ...FREE_PORTS },
    { name: "test/bin", ...BIN },
    { name: "the port of observer masters", ...OBSERVER_MASTER },
  ].sort((a, b) => a.first - b.first);
  ranges.push({ name: "callers' ports", ...CALLERS });
  for (const [at, { name, first, count }] of ranges.slice(0, -1).entries()) {
    const next = ranges[at + 1]!;
    assert.ok(first + count <= next.first, `${name} has ports of ${next.name}`);
  }
});
