// The time without service for one writer when the leader is killed (kill -9), side by side with Java, round by round.
//
//   node dist/test/bench/failover.js [--rounds 10] [--kinds java39,zooid] [--tick 2000]
//
// Three servers, one writer that sets one node as fast as it is answered and comes back as fast as it can, at any server. The
// gap is from the last acknowledgement before the kill to the first one after it. The killed server is started again before
// the next round.

import { parseArgs } from "node:util";
import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { ZooKeeperError } from "../../src/cli/client/zookeeper-error.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import { Ensemble } from "../compat/ensemble-world.js";
import type { ServerKind } from "../compat/peers.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    kinds: { type: "string", default: "java39,zooid" },
    tick: { type: "string", default: "2000" },
    port: { type: "string", default: "32100" },
    verbose: { type: "boolean", default: false },
  },
});

const platform = createNodePlatform({ log: { level: "OFF" } });

/** Sets one node, one request at a time, and remembers the longest time between two answers. */
class LoneWriter {
  readonly #client: ZooKeeperClient;
  lastAnswerMs = performance.now();
  longestGapMs = 0;
  count = 0;
  isStopped = false;
  readonly done: Promise<void>;

  constructor(client: ZooKeeperClient) {
    this.#client = client;
    this.done = this.#run();
  }

  async #run(): Promise<void> {
    const data = Buffer.alloc(100);
    while (!this.isStopped) {
      try {
        await this.#client.setData("/failover", data);
      } catch (error) {
        if (!(error instanceof ZooKeeperError && error.isUncertain)) throw error;
        await this.#client.untilConnected();
        continue;
      }
      const nowMs = performance.now();
      this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.lastAnswerMs);
      this.lastAnswerMs = nowMs;
      this.count++;
    }
  }

  async untilMore(count: number): Promise<void> {
    const wanted = this.count + count;
    while (this.count < wanted) await new Promise((resume) => setTimeout(resume, 10));
  }
}

async function measure(kind: ServerKind, basePort: number, rounds: number): Promise<number[]> {
  const members = [kind, kind, kind].map((one) => ({ kind: one }));
  const cfg = { tickTime: Number(values.tick), initLimit: 10, syncLimit: 5 };
  const ensemble = new Ensemble({ basePort, members, cfg });
  const gaps: number[] = [];
  try {
    await ensemble.startLedBy(3);
    const client = ZooKeeperClient.connect(platform, ensemble.connectString, {
      sessionTimeoutMs: 20_000,
      reconnectPauseMaxMs: 5,
      roundPauseMs: 10,
    });
    await client.untilConnected();
    await client.create("/failover");
    const writer = new LoneWriter(client);
    for (let round = 0; round < rounds; round++) {
      await writer.untilMore(500);
      const leader = await ensemble.leader();
      writer.longestGapMs = 0;
      await ensemble.kill9(leader);
      await writer.untilMore(200);
      gaps.push(writer.longestGapMs);
      if (values.verbose) process.stderr.write(`${ensemble.logs()}\n`);
      process.stdout.write(`${kind} round ${round + 1}: ${writer.longestGapMs.toFixed(0)} ms\n`);
      await ensemble.start(leader);
    }
    writer.isStopped = true;
    await writer.done;
    await client.close();
  } finally {
    await ensemble.discard();
  }
  return gaps;
}

function summary(gaps: readonly number[]): string {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(0);
  return `median ${at(0.5)} ms, ${at(0)} to ${at(1)} ms, ${gaps.length} kills`;
}

const results = new Map<string, number[]>();
for (const [i, kind] of values.kinds.split(",").entries()) {
  const basePort = Number(values.port) + 20 * i;
  results.set(kind, await measure(kind as ServerKind, basePort, Number(values.rounds)));
}
for (const [kind, gaps] of results) process.stdout.write(`${kind}: ${summary(gaps)}\n`);
