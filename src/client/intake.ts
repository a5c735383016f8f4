// A connection's input, from the first byte: a four-letter word, or frames from there on. Java: NIOServerCnxn.doIO.
//
// Here, and nowhere else, a client that breaks the protocol is dealt with: whatever ProtocolError comes out of a chunk goes
// to `onBroken`, which costs the client its connection.

import { ProtocolError } from "../errors.js";
import type { Connection } from "../platform/platform.js";
import type { FrameRange } from "../wire/framing.js";
import type { DoorClient, DoorContext } from "./door-context.js";
import { PausableFrames } from "./pausable-frames.js";
import { WordReader } from "./word-reader.js";

export interface IntakeOwner {
  readonly onFrame: FrameRange;
  readonly onBroken: (error: ProtocolError) => void;
}

export class Intake {
  readonly frames: PausableFrames;
  /** When the chunk came that is being taken, on the monotonic clock. */
  receivedMs = 0;
  #touched: "not yet" | "yes" | "refused" = "not yet";
  readonly #door: DoorContext;
  readonly #client: DoorClient;
  readonly #owner: IntakeOwner;
  /** Before the first frame, and while a word is answered. */
  #words: WordReader | undefined;
  #isAnsweringWord = false;

  constructor(door: DoorContext, client: DoorClient, connection: Connection, owner: IntakeOwner) {
    this.#door = door;
    this.#client = client;
    this.#owner = owner;
    this.#words = new WordReader(door, client, connection);
    const { juteMaxBufferBytes } = door.settings;
    const onReady = () => door.turn.willResume(client);
    this.frames = new PausableFrames(juteMaxBufferBytes, connection, owner.onFrame, onReady);
  }

  get isAnsweringWord(): boolean {
    return this.#isAnsweringWord;
  }

  /** Once per chunk. Whether there is such a session. */
  touchSession(): boolean {
    if (this.#touched === "not yet") {
      const isThere = this.#door.port.touchSession(this.#client, this.receivedMs);
      this.#touched = isThere ? "yes" : "refused";
    }
    return this.#touched === "yes";
  }

  take(chunk: Buffer): void {
    this.#start();
    try {
      if (this.#words === undefined) this.frames.push(chunk);
      else this.#takeFirst(this.#words, chunk);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Takes what was kept when reading was paused. */
  resume(): void {
    this.#start();
    try {
      this.frames.resume();
    } catch (error) {
      this.#broken(error);
    }
  }

  drained(): void {
    this.#words?.drained();
  }

  /** Nothing is taken any more; an answer that is being sent is sent to its end. */
  close(): void {
    this.frames.close();
  }

  /** The connection is gone. */
  cancel(): void {
    this.frames.close();
    this.#words?.cancel();
    this.#words = undefined;
  }

  #start(): void {
    this.receivedMs = this.#door.nowMs();
    this.#touched = "not yet";
  }

  #takeFirst(words: WordReader, chunk: Buffer): void {
    const first = words.push(chunk);
    if (first.kind === "word") this.#isAnsweringWord = true;
    if (first.kind !== "length") return;
    this.#words = undefined;
    if (first.before !== undefined) this.frames.push(first.before);
    this.frames.push(chunk);
  }

  #broken(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.#owner.onBroken(error);
  }
}
