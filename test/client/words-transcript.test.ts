import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startServer } from "../compat/server-process.js";
import { wordTranscript } from "./word-session.js";

/** Made by word-session.ts from live servers. */
function golden(version: string): string {
  return readFileSync(`test/client/golden/words-java-${version}.txt`, "utf8");
}

/** What was answered to each word, but for mntr, whose names grow with the versions. */
function withoutMetrics(transcript: string): string[] {
  return transcript.split("\n").filter((line) => !line.startsWith("zk_"));
}

function metricNames(transcript: string): string[] {
  return transcript.split("\n").filter((line) => line.startsWith("zk_"));
}

test("Every four-letter word says, line for line, what Java says", async () => {
  const server = await startServer("zooid", { cfg: { maxClientCnxns: 60 } });
  try {
    const ours = await wordTranscript(server.port);
    assert.deepEqual(ours.split("\n"), golden("3.9.5").split("\n"));
    assert.deepEqual(withoutMetrics(ours), withoutMetrics(golden("3.8.0")));
    const names = new Set(metricNames(ours));
    const missing = metricNames(golden("3.8.0")).filter((name) => !names.has(name));
    assert.deepEqual(missing, [], "names that 3.8 has");
  } finally {
    await server.discard();
  }
});
