// The stream between leader and learner to quorum packets. Java: LearnerHandler and Learner.readPacket, over
// BinaryInputArchive.
//
//   packet = int type · long zxid · buffer data · vector<Id> authinfo        Id = ustring scheme · ustring id
//
// There is no length in front: where a packet ends is known only when its last field has begun. Incremental and pure, as
// framing.ts: a packet that lies whole in its chunk is read where it is; one that was cut is copied to a buffer of its own
// that grows with what has arrived, and the search for its end goes on where it stopped, so that a stream cut into single
// bytes costs no more than one in large pieces.
//
// What must hold: the same packets come out however the stream is cut; every length is checked before anything is kept
// for it.

import { ProtocolError } from "../errors.js";
import { getInt32 } from "../jute/bytes.js";
import { JuteReader } from "../jute/reader.js";
import { QUORUM_PACKET_AUTHINFO_MAX_BYTES, QUORUM_PACKET_IDENTITIES_MAX } from "../limits.js";
import type { Zxid } from "./ids.js";
import { QuorumPacketType } from "./op-codes.js";
import { type Id, type QuorumPacket, readIdVector } from "./records.js";

/** int type, long zxid, int length of data. */
const HEAD_BYTES = 16;
const TYPE_BYTES = 4;
const LENGTH_BYTES = 4;

/** A cut packet's buffer starts with this much and doubles: what is promised is not yet there. */
const FIRST_BUFFER_BYTES = 4096;

const NOTHING = Buffer.alloc(0);

/** Where in a packet the search for its end has got to: what the next length to be read belongs to. */
type Stage = "data" | "identities" | "string" | "whole";

/** The packet is the receiver's to keep; but a REQUEST's data are valid only during the call. */
export type OnPacket = (packet: QuorumPacket) => void;

export class PacketScanner {
  readonly #dataMaxBytes: number;
  #stage: Stage = "data";
  /** So many bytes of the packet must be there to go on: up to the next length, or all of it. */
  #wanted = HEAD_BYTES;
  #stringsLeft = 0;
  #authinfoBytes = 0;
  #gathered: Buffer = NOTHING;
  #gatheredBytes = 0;
  #stopped = false;
  readonly #copies = new JuteReader(NOTHING, 0, 0, true);
  readonly #views = new JuteReader(NOTHING);
  /** The last ones that were read, and what they were read from. */
  #identities: Id[] | null = null;
  #identityBytes: Buffer = NOTHING;

  /** `dataMaxBytes`: jute.maxbuffer and its extra size, as Java checks it. */
  constructor(dataMaxBytes: number) {
    this.#dataMaxBytes = dataMaxBytes;
  }

  /**
   * Hands on each packet that the chunk completes. Returns how far the chunk was used: all of it, unless `stop` was called;
   * the rest is the caller's then. Throws ProtocolError; the stream is lost then.
   */
  scan(chunk: Buffer, from: number, onPacket: OnPacket): number {
    let at = from;
    while (at < chunk.length && !this.#stopped) {
      at =
        this.#gatheredBytes > 0
          ? this.#resume(chunk, at, onPacket)
          : this.#take(chunk, at, onPacket);
    }
    return at;
  }

  /** Nothing is handed on after the packet that is being handed on, until `go`: what follows is not a packet. */
  stop(): void {
    this.#stopped = true;
  }

  go(): void {
    this.#stopped = false;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether the stream would end in the middle of a packet if it ended now. */
  get isMidPacket(): boolean {
    return this.#gatheredBytes > 0;
  }

  /** A packet begins at `from`. */
  #take(chunk: Buffer, from: number, onPacket: OnPacket): number {
    if (this.#search(chunk, from, chunk.length - from)) {
      return this.#handOn(chunk, from, false, onPacket);
    }
    this.#keep(chunk, from, chunk.length);
    return chunk.length;
  }

  /** A packet was cut before this chunk. Takes as much as is known to belong to it. */
  #resume(chunk: Buffer, from: number, onPacket: OnPacket): number {
    const count = Math.min(this.#wanted - this.#gatheredBytes, chunk.length - from);
    const at = from + count;
    this.#keep(chunk, from, at);
    if (!this.#search(this.#gathered, 0, this.#gatheredBytes)) return at;
    const gathered = this.#gathered;
    this.#gathered = NOTHING;
    this.#gatheredBytes = 0;
    this.#handOn(gathered, 0, true, onPacket);
    return at;
  }

  /** Returns where the packet ended. `owned`: nobody else writes into these bytes. */
  #handOn(bytes: Buffer, start: number, owned: boolean, onPacket: OnPacket): number {
    const end = start + this.#wanted;
    this.#stage = "data";
    this.#wanted = HEAD_BYTES;
    // A chunk is the network's, and what is proposed or confirmed outlives it. A request is prepared at once.
    const type = getInt32(bytes, start);
    const reader = owned || type === QuorumPacketType.request ? this.#views : this.#copies;
    reader.read(bytes, start + TYPE_BYTES, end);
    const zxid = reader.long() as Zxid;
    const data = reader.buffer();
    const authinfo = this.#readIdentities(reader, bytes, end);
    reader.end();
    onPacket({ type, zxid, data, authinfo });
    return end;
  }

  /** A client's requests come one after the other: who asks is mostly who asked before, and need not be read again. */
  #readIdentities(reader: JuteReader, bytes: Buffer, end: number): Id[] | null {
    const start = reader.position;
    if (end - start === LENGTH_BYTES) return readIdVector(reader);
    const known = this.#identityBytes;
    let i = 0;
    if (known.length === end - start) while (i < known.length && bytes[start + i] === known[i]) i++;
    if (i < end - start) {
      this.#identities = readIdVector(reader);
      this.#identityBytes = Buffer.from(bytes.subarray(start, end));
    } else reader.position = end;
    return this.#identities;
  }

  /** Goes on looking for the packet's end in the `length` bytes that are there of it. True when it was found. */
  #search(bytes: Buffer, start: number, length: number): boolean {
    while (this.#stage !== "whole") {
      if (length < this.#wanted) return false;
      const value = getInt32(bytes, start + this.#wanted - LENGTH_BYTES);
      this.#pass(value);
    }
    return length >= this.#wanted;
  }

  /** The int that ends the searched part is known. */
  #pass(value: number): void {
    switch (this.#stage) {
      case "data":
        checkLength(value, this.#dataMaxBytes);
        this.#stage = "identities";
        this.#authinfoBytes = 0;
        this.#wanted += Math.max(0, value) + LENGTH_BYTES;
        return;
      case "identities":
        if (value > QUORUM_PACKET_IDENTITIES_MAX) throw unreasonable(value);
        this.#stringsLeft = Math.max(0, value) * 2;
        this.#nextString(0);
        return;
      default:
        checkLength(value, this.#dataMaxBytes);
        this.#authinfoBytes += Math.max(0, value);
        if (this.#authinfoBytes > QUORUM_PACKET_AUTHINFO_MAX_BYTES) throw unreasonable(value);
        this.#stringsLeft--;
        this.#nextString(Math.max(0, value));
    }
  }

  /** `bytes` of content follow, and then the next string's length, if there is one. */
  #nextString(bytes: number): void {
    this.#stage = this.#stringsLeft > 0 ? "string" : "whole";
    this.#wanted += bytes + (this.#stringsLeft > 0 ? LENGTH_BYTES : 0);
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const needed = this.#gatheredBytes + to - from;
    if (needed > this.#gathered.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(needed, FIRST_BUFFER_BYTES, this.#gathered.length * 2),
      );
      this.#gathered.copy(grown, 0, 0, this.#gatheredBytes);
      this.#gathered = grown;
    }
    chunk.copy(this.#gathered, this.#gatheredBytes, from, to);
    this.#gatheredBytes = needed;
  }
}

function checkLength(length: number, maxBytes: number): void {
  if (length < -1 || length > maxBytes) throw unreasonable(length);
}

/** Java's words. */
function unreasonable(length: number): ProtocolError {
  return new ProtocolError(`Unreasonable length = ${length}`);
}
