// Sends a learner our tree, a slice at a time, no faster than it takes it. Java: LearnerHandler's serializeSnapshot.
//
// The source shows one zxid all the time, so what is proposed meanwhile is not in it: those packets wait on the link behind it.

import type { PacketLink } from "../peer/packet-link.js";
import { snapshotStream } from "../storage/snapshot-stream.js";
import type { SnapshotSource } from "../tree/snapshot.js";

/** So much waits on the link at a time: enough to keep it busy, nothing to the memory of the machine. */
const WAITING_MAX_BYTES = 1024 * 1024;

export class SnapshotSender {
  readonly #link: PacketLink;
  readonly #source: SnapshotSource;
  readonly #slices: Generator<Buffer>;
  readonly #done: () => void;
  #isOver = false;

  constructor(link: PacketLink, source: SnapshotSource, done: () => void) {
    this.#link = link;
    this.#source = source;
    this.#slices = snapshotStream(source);
    this.#done = done;
    link.beginRaw();
  }

  /** Called again each time the link has taken what it had. */
  goOn(): void {
    while (!this.#isOver && this.#link.unsentBytes < WAITING_MAX_BYTES) {
      const next = this.#slices.next();
      if (next.done === true) {
        this.#link.endRaw();
        this.stop();
        return;
      }
      // A slice is valid only until the next.
      this.#link.sendRaw(Buffer.from(next.value));
    }
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#source.release();
    this.#done();
  }
}
