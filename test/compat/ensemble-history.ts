// Real servers under the simulator's clients, and what those were told judged as in the simulator: by the committed history
// (test/sim/check-histories.ts; section 4 of zab-and-known-bugs.md). The committed history is what a member has in its log in
// the end, when everybody has come to rest.

import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeTxnRecord } from "../../src/operations/transactions.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import type { Disk } from "../../src/platform/platform.js";
import { plainFiles } from "../../src/storage/disk-steps.js";
import { logFiles } from "../../src/storage/file-names.js";
import { LogReader } from "../../src/storage/log-reader.js";
import { counterOf, type Zxid } from "../../src/wire/ids.js";
import { checkHistories } from "../sim/check-histories.js";
import type { Committed, CommittedTxn } from "../sim/committed-history.js";
import { WRITES } from "../sim/operation-record.js";
import { SeededRandom } from "../sim/platform/random.js";
import { Recorder, WorkloadClient } from "../sim/workload.js";
import { type Ensemble, until } from "./ensemble-world.js";

export const SESSION_TIMEOUT_MS = 6000;

const CLIENTS = 4;
const WORKLOAD = {
  depth: 10,
  thinkMs: 20,
  burst: 3,
  sessionTimeoutMs: SESSION_TIMEOUT_MS,
  registers: 8,
  closeProbability: 0.002,
  readersShare: 0,
  writeShare: 0.5,
  valueBytes: [10, 60],
} as const;

const platform = createNodePlatform({ log: { level: "OFF" } });

export class RecordedRun {
  readonly #ensemble: Ensemble;
  readonly #recorder = new Recorder();
  readonly #clients: WorkloadClient[] = [];

  /** The seed says what the clients ask for; what they are told is the machine's to say. */
  constructor(ensemble: Ensemble, seed: number) {
    this.#ensemble = ensemble;
    const random = new SeededRandom(seed);
    const servers = ensemble.connectString;
    const nowMs = () => performance.now();
    for (let i = 1; i <= CLIENTS; i++) {
      const name = `c${i}`;
      const own = random.split(name);
      this.#clients.push(
        new WorkloadClient(name, platform, servers, own, WORKLOAD, this.#recorder, nowMs),
      );
    }
  }

  get #answered(): number {
    let count = 0;
    for (const { reply } of this.#recorder.operations) if (reply !== undefined) count++;
    return count;
  }

  /** Until so many more operations have been answered. */
  async goesOn(count: number): Promise<void> {
    const wanted = this.#answered + count;
    const what = `${count} more operations are answered`;
    await until(
      what,
      () => this.#answered >= wanted,
      60_000,
      () => this.#ensemble.logs(),
    );
  }

  /** The clients come to rest, then the servers; then everything that was told is judged. */
  async end(): Promise<string> {
    for (const client of this.#clients) client.stop();
    await until("nothing is under way", () => this.#clients.every((one) => one.underWay === 0));
    await Promise.all(this.#clients.map((one) => new Promise<void>((left) => one.leave(left))));
    await this.#ensemble.stop(...this.#ensemble.members.map(({ sid }) => sid));
    const history = this.#history();
    checkHistories(history, this.#recorder);
    return this.#summary(history);
  }

  /** After a failure: nothing may keep the process alive. */
  discard(): void {
    for (const client of this.#clients) client.leave(() => {});
  }

  /** Of the member that has all of it: others may have got a snapshot instead of the beginning. */
  #history(): LoggedHistory {
    const histories = this.#ensemble.members.map(
      ({ directory }) => new LoggedHistory(platform.disk, join(directory, "data/version-2")),
    );
    const first = Math.min(...histories.map(({ committed }) => committed[0]?.zxid ?? Infinity));
    // The first transaction that there ever was; a leader may have come to nothing before.
    assert.equal(counterOf(first as Zxid), 1, "No member has the log from the beginning");
    const whole = histories.filter(({ committed }) => committed[0]?.zxid === first);
    const longest = whole.sort((a, b) => b.committed.length - a.committed.length)[0];
    assert.ok(longest, "No member has the log from the beginning");
    return longest;
  }

  /** A run in which nothing of a kind was told proves nothing about it. */
  #summary({ committed }: Committed): string {
    const { operations, sessions } = this.#recorder;
    const answered = operations.filter(({ reply }) => reply !== undefined);
    const writes = answered.filter(({ operation }) => WRITES.has(operation.kind)).length;
    const told = sessions.flatMap((session) => session.told.map(({ kind }) => kind));
    const count = (kind: string) => told.filter((one) => one === kind).length;
    const [events, lost] = [count("event"), count("lost")];
    const syncs = answered.filter(({ operation }) => operation.kind === "sync").length;
    const reads = answered.length - writes - syncs;
    assert.ok(Math.min(writes, reads, syncs, events, lost) > 0, "Not everything was tried");
    return `${committed.length} transactions, ${writes} writes, ${reads} reads, ${syncs} syncs, ${events} events, ${lost} lost connections, ${sessions.length} sessions`;
  }
}

/** What the logs of one member have, when it has come to rest after the clients have. */
class LoggedHistory implements Committed {
  readonly committed: CommittedTxn[] = [];
  readonly #index = new Map<Zxid, number>();

  constructor(disk: Disk, directory: string) {
    const files = [...logFiles(directory, plainFiles(disk, directory))];
    for (const { path } of files.sort((a, b) => a.zxid - b.zxid)) {
      const reader = new LogReader(disk, path);
      try {
        while (reader.next()) this.#add(reader.zxid, Buffer.from(reader.payload()));
      } finally {
        reader.close();
      }
    }
  }

  #add(zxid: Zxid, bytes: Buffer): void {
    if (zxid <= (this.committed.at(-1)?.zxid ?? 0)) return;
    this.#index.set(zxid, this.committed.length);
    this.committed.push({ zxid, record: decodeTxnRecord(bytes), atMs: 0 });
  }

  isLogged(zxid: Zxid): boolean {
    return this.indexOf(zxid) !== undefined;
  }

  indexOf(zxid: Zxid): number | undefined {
    if (counterOf(zxid) !== 0) return this.#index.get(zxid);
    // The beginning of an epoch stands for the last transaction before it.
    return this.committed.findLastIndex((txn) => txn.zxid < zxid);
  }
}
