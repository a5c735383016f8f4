// One connection to another server's election port, or from it: first who it is, then messages. Java: RecvWorker.
//
// A connection that we have opened needs no introduction from the other side. Whatever is wrong with what arrives costs this
// connection and nothing else.

import { ProtocolError } from "../errors.js";
import { ELECTION_MESSAGE_MAX_BYTES } from "../limits.js";
import type { Connection, ConnectionHandler, NetworkError } from "../platform/platform.js";
import { FrameLengthError, FrameSplitter } from "../wire/framing.js";
import { type Introduction, IntroductionReader } from "./election-handshake.js";

export interface ElectionConnectionEvents {
  introduced(introduction: Introduction): void;
  /** The bytes are valid only during the call. May throw ProtocolError. */
  message(bytes: Buffer): void;
  drained(): void;
  /** The peer sent what the protocol does not allow; the connection is closed by it. */
  malformed(error: ProtocolError): void;
  closed(error: NetworkError | undefined): void;
}

export class ElectionConnection implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #events: ElectionConnectionEvents;
  readonly #splitter = new FrameSplitter(ELECTION_MESSAGE_MAX_BYTES);
  #introduction: IntroductionReader | undefined;
  #isOver = false;

  constructor(
    connection: Connection,
    isIntroductionExpected: boolean,
    events: ElectionConnectionEvents,
  ) {
    this.#connection = connection;
    this.#events = events;
    this.#introduction = isIntroductionExpected ? new IntroductionReader() : undefined;
  }

  /** Nothing is read any more, not even the rest of the chunk: the challenge is lost. */
  stop(): void {
    this.#isOver = true;
    this.#splitter.stop();
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      const messages = this.#introduce(chunk);
      if (messages < chunk.length && !this.#isOver) {
        this.#splitter.scan(chunk, messages, this.#onMessage);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.stop();
      this.#connection.destroy();
      this.#events.malformed(asInvalidPacket(error));
    }
  }

  onDrain(): void {
    if (!this.#isOver) this.#events.drained();
  }

  onEnd(): void {
    this.#connection.destroy();
  }

  onClose(error: NetworkError | undefined): void {
    this.#isOver = true;
    this.#events.closed(error);
  }

  /** Returns where the messages begin. */
  #introduce(chunk: Buffer): number {
    const reader = this.#introduction;
    if (reader === undefined) return 0;
    const at = reader.push(chunk);
    const { introduction } = reader;
    if (introduction !== undefined) {
      this.#introduction = undefined;
      this.#events.introduced(introduction);
    }
    return at;
  }

  readonly #onMessage = (bytes: Buffer, start: number, end: number): void => {
    if (start === end) throw new FrameLengthError(0);
    this.#events.message(bytes.subarray(start, end));
  };
}

/** Java's words. */
function asInvalidPacket(error: ProtocolError): ProtocolError {
  if (!(error instanceof FrameLengthError)) return error;
  return new ProtocolError(`Received packet with invalid packet: ${error.advertisedLength}`);
}
