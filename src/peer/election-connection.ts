// One connection to another server's election port, or from it: first who it is, then messages. Java: RecvWorker.
//
// A connection that we have opened needs no introduction from the other side. Whatever is wrong with what arrives costs this
// connection and nothing else.

import { ProtocolError } from "../errors.js";
import { ELECTION_MESSAGE_MAX_BYTES } from "../limits.js";
import type { Connection, ConnectionHandler, NetworkError } from "../platform/platform.js";
import { FrameLengthError, FrameSplitter } from "../wire/framing.js";
import { type Introduction, IntroductionReader } from "./election-handshake.js";
import type { QuorumAuthEvents, QuorumAuthSide } from "./quorum-auth.js";

export interface ElectionConnectionEvents {
  introduced(introduction: Introduction): void;
  /** The bytes are valid only during the call. May throw ProtocolError. */
  message(bytes: Buffer): void;
  /** After the introduction; undefined: whoever it is need not prove it. */
  readonly newAuthentication?: ((events: QuorumAuthEvents) => QuorumAuthSide) | undefined;
  drained(): void;
  /** The peer sent what the protocol does not allow; the connection is closed by it. */
  malformed(error: Error): void;
  closed(error: NetworkError | undefined): void;
}

export class ElectionConnection implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #events: ElectionConnectionEvents;
  readonly #splitter = new FrameSplitter(ELECTION_MESSAGE_MAX_BYTES);
  #introduction: IntroductionReader | undefined;
  #authentication: QuorumAuthSide | undefined;
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
    this.#authentication?.cancel();
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#authentication !== undefined) {
      this.#authentication.push(Buffer.from(chunk));
      return;
    }
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
    this.#authentication?.end();
    this.#connection.destroy();
  }

  onClose(error: NetworkError | undefined): void {
    this.stop();
    this.#events.closed(error);
  }

  /** Returns where the messages begin. */
  #introduce(chunk: Buffer): number {
    const reader = this.#introduction;
    if (reader === undefined) return 0;
    const at = reader.push(chunk);
    const { introduction } = reader;
    if (introduction === undefined) return at;
    this.#introduction = undefined;
    if (this.#events.newAuthentication === undefined) {
      this.#events.introduced(introduction);
      return at;
    }
    this.#authenticate(introduction, chunk.subarray(at));
    return chunk.length;
  }

  #authenticate(introduction: Introduction, beyond: Buffer): void {
    this.#authentication = this.#events.newAuthentication?.({
      write: (bytes) => this.#connection.write(bytes),
      done: (error, rest) => {
        this.#authentication = undefined;
        if (error !== undefined) {
          this.stop();
          // What was written, the other side should still read: why it is refused.
          this.#connection.end();
          this.#events.malformed(error);
          return;
        }
        this.#events.introduced(introduction);
        if (rest.length > 0) this.onData(rest);
      },
    });
    if (beyond.length > 0) this.#authentication?.push(Buffer.from(beyond));
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
