// A world in one process: virtual time, three to five machines (or more), one seed.
//
//   const world = new SimPlatform({ seed: 7 });
//   const [a, b] = [world.addNode("a"), world.addNode("b")];
//   a.start((platform) => runServer(platform));          // what main would do, with this platform
//   await world.runUntil(() => isServing(a), 30_000);     // virtual milliseconds
//   world.network.partition(["a"], ["b"]);                // fault controls: network, a.disk, a.time, a.kill() …
//   await world.runFor(10_000);
//   world.hash                                            // the same for the same seed and the same calls
//
// Fault controls:
//   world.network   partition, addRule (block one way, delay, refuse, ignore attempts; by machine and port), healAll, setName
//   node            start, kill, powerOff, pause, address
//   node.disk       inject (any call: error, partial, dropped pages, slow), failCall(n), capacityBytes, hang/resume, wipe,
//                   damage, cutFile, removeFile, putFile, durableFile, durableRoot
//   node.time       stepWall, setRate

import { DEFAULT_NETWORK, Fabric, type NetworkSettings } from "./fabric.js";
import { SimLogBook } from "./log.js";
import { type NodeSettings, SimNode, type Surroundings } from "./node.js";
import { type Range, SeededRandom } from "./random.js";
import { Scheduler } from "./scheduler.js";
import { DEFAULT_DISK, type DiskSettings } from "./sim-disk.js";

export interface SimSettings {
  readonly seed: number;
  readonly network?: Partial<NetworkSettings>;
  readonly disk?: Partial<DiskSettings>;
  readonly turnMs?: Range;
  readonly timerLatenessMs?: Range;
}

const TURN_MS: Range = [0.01, 0.1];
const TIMER_LATENESS_MS: Range = [0, 1];

/** Virtual time that a run may wait for something before it is given up. */
const WAIT_MAX_MS = 60_000;

const SLICE_EVENTS = 10_000;

export class SimPlatform {
  readonly seed: number;
  readonly scheduler = new Scheduler();
  readonly logBook = new SimLogBook(this.scheduler);
  readonly network: Fabric;
  /** For the test itself: what it draws does not disturb the machines. */
  readonly random: SeededRandom;
  readonly nodes: SimNode[] = [];
  /** Replaces the default, which is to end the run with the error. */
  onUncaught: ((node: SimNode, error: unknown) => void) | undefined;
  readonly #root: SeededRandom;
  readonly #nodeSettings: NodeSettings;
  #isRunning = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(settings: SimSettings) {
    this.seed = settings.seed;
    this.#root = new SeededRandom(settings.seed);
    this.random = this.#root.split("test");
    const network = { ...DEFAULT_NETWORK, ...settings.network };
    this.network = new Fabric(this.scheduler, this.#root.split("network"), network);
    this.#nodeSettings = {
      turnMs: settings.turnMs ?? TURN_MS,
      timerLatenessMs: settings.timerLatenessMs ?? TIMER_LATENESS_MS,
      disk: { ...DEFAULT_DISK, ...settings.disk },
    };
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  get hash(): string {
    return this.scheduler.hash;
  }

  addNode(name: string): SimNode {
    const number = this.nodes.length + 1;
    const random = this.#root.split(`node ${name}`);
    const surroundings: Surroundings = {
      scheduler: this.scheduler,
      fabric: this.network,
      logBook: this.logBook,
      uncaught: (node, error) => this.#uncaught(node, error),
    };
    const node = new SimNode(name, number, random, this.#nodeSettings, surroundings);
    this.nodes.push(node);
    this.network.addMachine(node);
    return node;
  }

  /** Runs event by event until `isDone`, which is asked after each. Fails when it does not come about. */
  runUntil(isDone: () => boolean, limitMs = WAIT_MAX_MS): Promise<void> {
    const deadlineMs = this.nowMs + limitMs;
    return this.#run(() => {
      if (isDone()) return false;
      const next = this.scheduler.nextTimeMs();
      if (next === undefined) throw this.#gaveUp("nothing is left to happen");
      if (next > deadlineMs) throw this.#gaveUp(`${limitMs} ms have passed`);
      this.#step();
      return true;
    });
  }

  async runFor(durationMs: number): Promise<void> {
    const endMs = this.nowMs + durationMs;
    await this.#run(() => {
      const next = this.scheduler.nextTimeMs();
      if (next === undefined || next > endMs) {
        this.scheduler.nowMs = endMs;
        return false;
      }
      this.#step();
      return true;
    });
  }

  /** Runs until the promise has settled, and gives what it gave. */
  async runUntilSettled<T>(promise: Promise<T>, limitMs = WAIT_MAX_MS): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.runUntil(() => isSettled, limitMs);
    return promise;
  }

  /** Runs until nothing is left to happen: only for worlds without repeating timers. */
  runToEnd(): Promise<void> {
    return this.#run(() => {
      if (this.scheduler.nextTimeMs() === undefined) return false;
      this.#step();
      return true;
    });
  }

  /**
   * Calls `advance` until it gives false, in macrotasks of its own: what is awaited by the caller goes on only then. Two
   * drivers would interleave in an order that no seed determines.
   */
  #run(advance: () => boolean): Promise<void> {
    if (this.#isRunning)
      throw new Error("Cannot run twice at once: wait for one thing, or for Promise.all");
    this.#isRunning = true;
    return new Promise((resolve, reject) => {
      const slice = (): void => {
        try {
          for (let events = 0; events < SLICE_EVENTS; events++) {
            if (advance()) continue;
            this.#isRunning = false;
            resolve();
            return;
          }
          // Nothing in a run needs it: only so that the process hears of signals.
          setImmediate(slice);
        } catch (error) {
          this.#isRunning = false;
          reject(error);
        }
      };
      setImmediate(slice);
    });
  }

  #step(): void {
    this.scheduler.step();
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    throw failure.error;
  }

  #uncaught(node: SimNode, error: unknown): void {
    this.logBook.add(node.name, "process", "ERROR", "Uncaught exception", error);
    if (this.onUncaught !== undefined) this.onUncaught(node, error);
    else this.#failure ??= { error };
  }

  #gaveUp(why: string): Error {
    const at = `seed ${this.seed}, virtual time ${this.nowMs.toFixed(3)} ms`;
    const tail = this.logBook.lines.slice(-20).map((line) => `  ${line.node} ${line.message}`);
    return new Error(`Cannot go on waiting: ${why} (${at})\n${tail.join("\n")}`);
  }
}
