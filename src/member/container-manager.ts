// Removes containers that have become empty and TTL nodes that have outlived their time. Java: ContainerManager.
//
// Every check interval it looks for candidates and proposes their removal one by one, at most `maxPerMinute`, so that a
// great clean-up does not stop the clients. A proposal is only that: whether the node is still empty is decided, again, when
// it is prepared (operations/delete-container.ts).

import type { Clock, Logger, Timer } from "../platform/platform.js";
import type { DataTree } from "../tree/data-tree.js";
import { NodeKind, ttlMsOf } from "../tree/ephemeral-type.js";

export interface ContainerManagerOptions {
  readonly checkIntervalMs: number;
  readonly maxPerMinute: number;
  /** 0: a container that never had a child stays. */
  readonly maxNeverUsedIntervalMs: number;
}

const MINUTE_MS = 60_000;

export class ContainerManager {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #tree: DataTree;
  readonly #options: ContainerManagerOptions;
  readonly #propose: (path: string) => void;
  #timer: Timer | undefined;

  constructor(
    clock: Clock,
    log: Logger,
    tree: DataTree,
    options: ContainerManagerOptions,
    propose: (path: string) => void,
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#tree = tree;
    this.#options = options;
    this.#propose = propose;
  }

  start(): void {
    const { checkIntervalMs } = this.#options;
    if (checkIntervalMs <= 0) return;
    this.#timer = this.#clock.setTimer(checkIntervalMs, () => this.#removeEach(this.candidates()));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  candidates(): string[] {
    const found: string[] = [];
    const nowMs = this.#clock.wallMs();
    const { maxNeverUsedIntervalMs } = this.#options;
    for (const path of this.#tree.containers) {
      const node = this.#tree.get(path);
      if (node === undefined || node.childCount > 0) continue;
      // One that has just been made must not vanish before its first child comes.
      const wasUsed = node.cversion > 0;
      const isForgotten =
        maxNeverUsedIntervalMs !== 0 && nowMs - node.mtime > maxNeverUsedIntervalMs;
      if (wasUsed || isForgotten) found.push(path);
    }
    for (const path of this.#tree.ttls) {
      const node = this.#tree.get(path);
      if (node === undefined || node.childCount > 0 || node.kind !== NodeKind.ttl) continue;
      const ttlMs = ttlMsOf(node.ephemeralOwner);
      if (ttlMs !== 0 && nowMs - node.mtime > ttlMs) found.push(path);
    }
    return found;
  }

  #removeEach(paths: string[]): void {
    const path = paths.shift();
    if (path === undefined) {
      this.start();
      return;
    }
    this.#log.info(`Attempting to delete candidate container: ${path}`);
    this.#propose(path);
    // A leader that has given out the last zxid of its epoch resigns within.
    if (this.#timer === undefined) return;
    const pauseMs = MINUTE_MS / this.#options.maxPerMinute;
    this.#timer = this.#clock.setTimer(pauseMs, () => this.#removeEach(paths));
  }
}
