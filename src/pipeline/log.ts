// Makes transactions durable. Answers to Java's SyncRequestProcessor.
//
// One turn of the loop gathers every transaction that was proposed, writes them with a single append, and asks for a single
// sync. Only when the disk answers is what waited for it released: our own acknowledgement. A transaction that is not on
// disk must never be acknowledged, because a quorum of such acknowledgements would commit something that a power cut can
// erase. While a sync is under way the next batch gathers; `flushDelay` and `maxBatchSize` are Java's ways to make batches
// larger on purpose.
//
// Invariant: acknowledgedZxid <= syncedZxid <= appendedZxid.

import type { Clock, DiskError, Timer } from "../platform/platform.js";
import type { Storage } from "../storage/storage.js";
import type { Zxid } from "../wire/ids.js";
import { ZXID_ZERO } from "../wire/ids.js";

export interface LogStageOptions {
  readonly flushDelayMs: number;
  readonly maxBatchSize: number;
}

export class LogStage {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #options: LogStageOptions;
  readonly #synced: (zxid: Zxid) => void;
  #appendedZxid: Zxid = ZXID_ZERO;
  #syncedZxid: Zxid = ZXID_ZERO;
  #gathered = 0;
  #flushing = false;
  #scheduled = false;
  #delay: Timer | undefined;
  #idle: (() => void) | undefined;

  /** `synced(zxid)`: everything up to and including this zxid is on disk. */
  constructor(
    storage: Storage,
    clock: Clock,
    options: LogStageOptions,
    synced: (zxid: Zxid) => void,
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.#options = options;
    this.#synced = synced;
  }

  append(bytes: Buffer, zxid: Zxid): void {
    this.#storage.append(bytes, zxid);
    this.#appendedZxid = zxid;
    this.#gathered++;
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#clock.atTurnEnd(this.#atTurnEnd);
    }
  }

  /** Calls back when everything that was appended is on disk, or can't be any more. */
  whenIdle(done: () => void): void {
    this.#idle = done;
    this.#releaseIdle();
  }

  readonly #atTurnEnd = (): void => {
    this.#scheduled = false;
    if (this.#flushing) return;
    const { flushDelayMs, maxBatchSize } = this.#options;
    if (flushDelayMs <= 0 || this.#gathered >= maxBatchSize) {
      this.#flush();
    } else if (this.#delay === undefined) {
      this.#delay = this.#clock.setTimer(flushDelayMs, () => {
        this.#delay = undefined;
        if (!this.#flushing) this.#flush();
      });
    }
  };

  #flush(): void {
    this.#delay?.cancel();
    this.#delay = undefined;
    if (this.#gathered === 0) return;
    this.#flushing = true;
    this.#gathered = 0;
    const upTo = this.#appendedZxid;
    this.#storage.flush((error?: DiskError) => {
      this.#flushing = false;
      // A failed write or sync is final: storage is fenced, has told the server, and nothing is acknowledged any more.
      if (error === undefined) {
        this.#syncedZxid = upTo;
        this.#synced(this.#syncedZxid);
        if (this.#gathered > 0) this.#atTurnEnd();
      }
      this.#releaseIdle();
    });
  }

  #releaseIdle(): void {
    if (this.#idle === undefined || this.#flushing || this.#syncedZxid < this.#appendedZxid) return;
    const done = this.#idle;
    this.#idle = undefined;
    done();
  }
}
