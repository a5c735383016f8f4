// A short flood for every run; with figures it is flood.ts.

import assert from "node:assert/strict";
import { peerTest } from "../compat/peers.js";
import { flood } from "./flood-campaign.js";
import { seedOfRun } from "./random.js";

/** So much a crowd of 300 may cost: mostly what its requests' answers fill before nobody reads them. */
const GROWTH_ALLOWED_BYTES = 400 * 1024 * 1024;

peerTest(
  "A well-behaved client keeps its session while a crowd floods the server",
  ["zooid", "openssl"],
  async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    const { crowd, grownBytes } = await flood({ kind: "zooid", seed, requests: 2000 });
    for (const [way, count] of Object.entries(crowd)) assert.ok(count > 0, way);
    assert.ok(Object.keys(crowd).length >= 22, JSON.stringify(crowd));
    assert.ok(grownBytes < GROWTH_ALLOWED_BYTES, `It has grown by ${grownBytes} bytes`);
  },
);
