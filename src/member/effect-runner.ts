// Carries out what a quorum machine wants done, in the order that makes it safe. The machines never touch disk or network.
//
// `sendNow` leaves at once. Everything that must wait for the disk goes through one queue, first in, first out:
//
//   send      leaves when all that was appended before it is on disk
//   ack       a cumulative one: leaves for as much as is on disk, whenever there is more of it
//   persist   the epoch files are written when all that was appended before is on disk; what follows waits for them
//   remember  the file of a configuration, likewise
//
// So a promise never overtakes what it promises (DESIGN.md, laws 4 and 5).

import type { Clock, DiskError } from "../platform/platform.js";
import { Queue } from "../queue.js";
import type { LoggedTxn } from "../quorum/committed-log.js";
import type { Configuration } from "../quorum/configuration.js";
import {
  Effects,
  type EpochsToPersist,
  LEADER_LINK,
  type LinkId,
  type Outgoing,
  type Work,
} from "../quorum/effects.js";
import type { Epochs } from "../storage/epochs.js";
import type { Storage } from "../storage/storage.js";
import type { Zxid } from "../wire/ids.js";
import { QuorumPacketType } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";

export interface RunnerParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly send: (link: LinkId, packet: QuorumPacket) => void;
  /** A leader's: PROPOSALs, to all of these. */
  readonly propose?: (links: readonly LinkId[], proposals: readonly LoggedTxn[]) => void;
  /** Writes the epoch files durably. */
  readonly persist: (epochs: EpochsToPersist) => Promise<void>;
  /** Everything appended up to here is on disk. */
  readonly logged: (zxid: Zxid) => void;
  readonly persisted: (epochs: EpochsToPersist) => void;
  /** Writes the configuration durably. */
  readonly remember: (configuration: Configuration) => Promise<void>;
  readonly remembered: (configuration: Configuration) => void;
  /** A txn is on its way to the log. */
  readonly appended?: (bytes: Buffer) => void;
  /** Work other than append and persist, in its place among them. */
  readonly work: (work: Work) => void;
  /** The disk cannot be relied on any more. */
  readonly failed: (error: unknown) => void;
}

type Deferred =
  | { readonly kind: "send"; readonly after: Zxid; readonly outgoing: Outgoing }
  | Acknowledgement
  | { readonly kind: "write"; readonly after: Zxid; readonly work: WriteWork };

/** Of proposals that follow one another, the first of them `after`. */
interface Acknowledgement {
  readonly kind: "ack";
  after: Zxid;
  upTo: Zxid;
}

type WriteWork = Extract<Work, { readonly kind: "persist" | "remember" }>;

export class EffectRunner {
  readonly #parts: RunnerParts;
  readonly #deferred = new Queue<Deferred>();
  #writing = false;
  #flushing = false;
  #scheduled = false;
  /** [R8] After `stop` nothing that was begun in the old life has an effect in the new one. */
  #stopped = false;
  #whenIdle: (() => void) | undefined;
  /** As many as steps were ever within one another. */
  readonly #spare: Effects[] = [];
  #gathered: Effects | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** What a step is given, and `run` takes back. What was gathered is carried out before: steps stay in order. */
  begin(): Effects {
    this.runGathered();
    return this.#spare.pop() ?? new Effects();
  }

  /** What steps are given that are to be carried out together, before any other and at the latest by `runGathered`. */
  gather(): Effects {
    this.#gathered ??= this.begin();
    return this.#gathered;
  }

  get gathered(): Effects | undefined {
    return this.#gathered;
  }

  runGathered(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    this.#gathered = undefined;
    this.run(gathered);
  }

  run(effects: Effects): void {
    if (this.#stopped) return;
    const { storage, send } = this.#parts;
    for (const { link, packet } of effects.sendNow) send(link, packet);
    if (effects.proposals.length > 0) this.#propose(effects);
    for (const work of effects.work) {
      if (work.kind === "append") {
        storage.append(work.bytes, work.zxid);
        this.#parts.appended?.(work.bytes);
        this.#scheduleFlush();
      } else if (work.kind === "persist" || work.kind === "remember") {
        this.#deferred.push({ kind: "write", after: storage.appendedZxid, work });
      } else {
        this.#parts.work(work);
        if (this.#stopped) return;
      }
    }
    const after = storage.appendedZxid;
    for (const outgoing of effects.sendAfterSync) {
      this.#deferred.push({ kind: "send", after, outgoing });
    }
    if (effects.ackUpTo > 0) this.#deferAck(effects.ackFrom, effects.ackUpTo);
    effects.clear();
    this.#spare.push(effects);
    this.#drain();
  }

  #propose({ followers, proposals }: Effects): void {
    this.#parts.propose?.(followers, proposals);
    for (const { bytes, zxid } of proposals) this.#parts.storage.append(bytes, zxid);
    this.#scheduleFlush();
  }

  #deferAck(from: Zxid, upTo: Zxid): void {
    const newest = this.#deferred.last;
    if (newest?.kind === "ack") newest.upTo = upTo;
    else this.#deferred.push({ kind: "ack", after: from, upTo });
  }

  /** Calls back when what was appended is on disk, or cannot be any more. */
  whenLogged(done: () => void): void {
    const { storage } = this.#parts;
    if (storage.fenced || storage.syncedZxid >= storage.appendedZxid) done();
    else storage.flush(() => done());
  }

  /** Nothing more is sent or told; calls back when what was appended is on disk and no file is being written. */
  stop(done: () => void): void {
    this.#stopped = true;
    this.#deferred.clear();
    this.#whenIdle = done;
    this.#flushIfNeeded();
    this.#becomeIdle();
  }

  #scheduleFlush(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.clock.atTurnEnd(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#scheduled = false;
    this.#flushIfNeeded();
  };

  #flushIfNeeded(): void {
    const { storage } = this.#parts;
    if (this.#flushing || storage.fenced || storage.syncedZxid >= storage.appendedZxid) return;
    this.#flushing = true;
    storage.flush(this.#flushed);
  }

  readonly #flushed = (error?: DiskError): void => {
    this.#flushing = false;
    if (error === undefined) {
      if (!this.#stopped) {
        this.#parts.logged(this.#parts.storage.syncedZxid);
        this.#drain();
      }
      this.#flushIfNeeded();
    }
    this.#becomeIdle();
  };

  #drain(): void {
    while (!this.#writing && !this.#stopped) {
      const next = this.#deferred.first;
      if (next === undefined || next.after > this.#parts.storage.syncedZxid) return;
      if (next.kind === "ack") {
        this.#acknowledge(next);
        continue;
      }
      this.#deferred.take();
      if (next.kind === "send") this.#parts.send(next.outgoing.link, next.outgoing.packet);
      else this.#write(next.work);
    }
  }

  /** What of it is not on disk yet keeps its place. */
  #acknowledge(ack: Acknowledgement): void {
    const { syncedZxid } = this.#parts.storage;
    const zxid = ack.upTo <= syncedZxid ? ack.upTo : syncedZxid;
    if (zxid === ack.upTo) this.#deferred.take();
    else ack.after = (zxid + 1) as Zxid;
    this.#parts.send(LEADER_LINK, { type: QuorumPacketType.ack, zxid, data: null, authinfo: null });
  }

  #write(work: WriteWork): void {
    const { persist, remember, failed } = this.#parts;
    this.#writing = true;
    const written = work.kind === "persist" ? persist(work.epochs) : remember(work.configuration);
    written.then(
      () => {
        this.#writing = false;
        if (!this.#stopped) {
          this.#written(work);
          this.#drain();
        }
        this.#becomeIdle();
      },
      (error: unknown) => failed(error),
    );
  }

  #written(work: WriteWork): void {
    if (work.kind === "persist") this.#parts.persisted(work.epochs);
    else this.#parts.remembered(work.configuration);
  }

  #becomeIdle(): void {
    const done = this.#whenIdle;
    if (done === undefined || this.#flushing || this.#writing) return;
    const { storage } = this.#parts;
    if (!storage.fenced && storage.syncedZxid < storage.appendedZxid) return;
    this.#whenIdle = undefined;
    done();
  }
}

export async function writeEpochs(epochs: Epochs, toPersist: EpochsToPersist): Promise<void> {
  const { acceptedEpoch, currentEpoch } = toPersist;
  if (acceptedEpoch !== undefined) await epochs.setAccepted(acceptedEpoch);
  if (currentEpoch !== undefined) await epochs.setCurrent(currentEpoch);
}
