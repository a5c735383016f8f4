// The first bytes of a connection: a four-letter word and its answer, or the length of the first frame. Java:
// NIOServerCnxn.readLength and checkFourLetterWord.
//
// A word is exactly the first four bytes; whatever follows is not looked at (people send a newline), but for stmk, whose
// next eight bytes are the mask. Anything that is not a word is a length, and goes on as one.

import { ProtocolError } from "../errors.js";
import type { Connection } from "../platform/platform.js";
import type { DoorClient, DoorContext } from "./door-context.js";
import { TextAnswer } from "./text-answer.js";
import { TELNET_CLOSE, wordOf } from "./words/whitelist.js";

const WORD_BYTES = 4;
const MASK_BYTES = 8;

export type FirstBytes =
  /** Fewer than four bytes so far. */
  | { readonly kind: "more" }
  /** It is being answered. */
  | { readonly kind: "word" }
  /** Not a word. `before`: what earlier chunks brought. */
  | { readonly kind: "length"; readonly before: Buffer | undefined };

export class WordReader {
  readonly #door: DoorContext;
  readonly #client: DoorClient;
  readonly #connection: Connection;
  #before: Buffer | undefined;
  #answer: TextAnswer | undefined;

  constructor(door: DoorContext, client: DoorClient, connection: Connection) {
    this.#door = door;
    this.#client = client;
    this.#connection = connection;
  }

  push(chunk: Buffer): FirstBytes {
    if (this.#answer !== undefined) return { kind: "word" };
    const before = this.#before;
    const bytes = before === undefined ? chunk : Buffer.concat([before, chunk]);
    const word = bytes.length < WORD_BYTES ? undefined : wordOf(bytes.readInt32BE(0));
    if (bytes.length < WORD_BYTES) {
      this.#before = Buffer.from(bytes);
      return { kind: "more" };
    }
    if (word === undefined) return { kind: "length", before };
    if (word === TELNET_CLOSE && this.#door.enabledWords.has(word)) {
      // Java finds nothing that carries it out, and goes on to take it for a length.
      this.#door.logs.connection.info(`Processing ${word} command from ${this.#client.remoteName}`);
      return { kind: "length", before };
    }
    this.#start(word, bytes);
    return { kind: "word" };
  }

  drained(): void {
    this.#answer?.drained();
  }

  cancel(): void {
    this.#answer?.cancel();
  }

  #start(word: string, bytes: Buffer): void {
    const [door, client] = [this.#door, this.#client];
    door.stats.packetsReceived++;
    client.stats.packetsReceived++;
    door.counters.bytesReceived.add(WORD_BYTES);
    const mask = this.#door.enabledWords.has(word) ? maskOf(word, bytes) : undefined;
    const answer = new TextAnswer(door.answerWord(word, client, mask), {
      write: (text) => this.#connection.write(text),
      unsentBytes: () => this.#connection.unsentBytes,
      later: (next) => door.platform.clock.atTurnEnd(next),
      done: () => this.#done(answer),
    });
    this.#answer = answer;
    // In a turn of its own, like every piece of it: the handler that brought the word has returned by then.
    door.platform.clock.atTurnEnd(() => answer.go());
  }

  #done(answer: TextAnswer): void {
    this.#door.stats.packetsSent += answer.packets;
    this.#client.closeAfterReplies("close_connection_command");
  }
}

/** The mask must have come with the word: Java reads it there and then, or gives the connection up. */
function maskOf(word: string, bytes: Buffer): bigint | undefined {
  if (word !== "stmk") return undefined;
  if (bytes.length < WORD_BYTES + MASK_BYTES) throw new ProtocolError("Trace mask is missing");
  return bytes.readBigInt64BE(WORD_BYTES);
}
