// One connection between leader and learner, from either side. Java: LearnerHandler's queuedPackets and sendPackets, Learner's
// readPacket and writePacket.
//
// Out: what is sent in one turn of the loop leaves in one write. No more than LINK_WRITE_MAX_BYTES are with the system at a
// time, the rest waits here, bounded. While anything waits, the other side has to take some of it in each `stallMs`, or the
// link is closed: a server whose network has stopped is not waited for (R150).
//
// In: packets, until somebody asks for the raw bytes that follow one (the snapshot after SNAP). What follows those is packets
// again. Reading can be paused: nothing is handed on then, not even from the chunk that is being read.
//
// The snapshot's bytes go out between `beginRaw` and `endRaw`, from the packet before them on; packets that are sent in the
// meantime wait for its end.
//
// Invariant: bytes leave in the order in which they were given, but for packets that wait for the end of a raw stream.

import { assert, ProtocolError } from "../errors.js";
import type { Clock, Connection, ConnectionHandler, NetworkError } from "../platform/platform.js";
import type { SharedQueues } from "../strangers/shared-queues.js";
import { QuorumPacketType } from "../wire/op-codes.js";
import { PacketScanner } from "../wire/quorum-framing.js";
import type { QuorumPacket } from "../wire/records.js";
import { LinkOutbox } from "./link-outbox.js";

export interface LinkSettings {
  /** syncLimit ticks: what waits must make progress in this time. */
  readonly stallMs: number;
  /** jute.maxbuffer and its extra size: the longest data of a packet. */
  readonly packetMaxBytes: number;
  /** What waits here counts with what waits on the others of the server. */
  readonly queues?: SharedQueues;
}

export interface LinkHandler {
  /**
   * The packet is the receiver's to keep, but for a REQUEST's data (see quorum-framing.ts). May throw ProtocolError, which closes
   * the link.
   */
  received(packet: QuorumPacket): void;
  /** What came in one piece has been handed on: after each `received`, in the same turn. May throw ProtocolError likewise. */
  chunkRead?(): void;
  /** Between `beginRaw` and `endRaw`: all that was sent has been taken, the raw stream may go on. In a turn of its own. */
  drained(): void;
  /** Called once, last, never during a call of `close`. */
  closed(why: string): void;
}

/** Takes raw bytes, valid only during the call: returns how many, when the last of them is among them, or -1: all, and more to come. */
export type TakeRaw = (chunk: Buffer) => number;

export class PacketLink implements ConnectionHandler {
  /** What `observers` tells of it; to be set to 0 by whoever wants to count anew. */
  readonly stats = { packetsReceived: 0, packetsSent: 0, requests: 0 };
  /** Wall clock. */
  readonly establishedMs: number;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #outbox: LinkOutbox;
  readonly #scanner: PacketScanner;
  #handler: LinkHandler | undefined;
  #takeRaw: TakeRaw | undefined;
  /** What was read and not handed on because reading is paused. */
  #unread: Buffer[] = [];
  #paused = false;
  #reading = false;
  #why: string | undefined;
  #isClosed = false;
  #identified: (() => void) | undefined;

  /** `identified` is called once: when the first packet has come, or the link is closed. */
  constructor(
    connection: Connection,
    clock: Clock,
    settings: LinkSettings,
    identified?: () => void,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.establishedMs = clock.wallMs();
    this.#identified = identified;
    this.#scanner = new PacketScanner(settings.packetMaxBytes);
    this.#outbox = new LinkOutbox(connection, clock, settings, {
      giveUp: (why) => this.close(why),
      rawTaken: () => this.#handler?.drained(),
    });
  }

  /** As Java prints it: /127.0.0.1:2888. */
  get remoteAddress(): string {
    const { remoteAddress, remotePort } = this.#connection;
    return `/${remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
  }

  /**
   * What has been sent and the other side has not taken, but for packets that wait for the end of a raw stream. Infinite once
   * the link is closed: nothing will be taken any more.
   */
  get unsentBytes(): number {
    return this.#outbox.unsentBytes;
  }

  /** Pieces of the queue, each of which holds the packets of a turn. */
  get queueLength(): number {
    return this.#outbox.queueLength;
  }

  /** Must be called in the turn in which the link was handed over. */
  start(handler: LinkHandler): void {
    this.#handler = handler;
    this.#connection.start(this);
  }

  // -------------------------------------------------------------------------------------------------------------- out

  send(packet: QuorumPacket): void {
    this.stats.packetsSent++;
    this.#outbox.send(packet);
  }

  /** Packets that are serialized already, once for many links: so many of them. */
  sendEncoded(bytes: Uint8Array, count = 1): void {
    this.stats.packetsSent += count;
    this.#outbox.sendEncoded(bytes);
  }

  /** What has been sent leaves now, not with what the turn adds. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Packets that are sent from here on wait for `endRaw`. */
  beginRaw(): void {
    this.#outbox.beginRaw();
  }

  /**
   * The bytes belong to the link from here on. It takes any number of them: the caller waits for `drained` while
   * `unsentBytes` is more than it wants to have in memory.
   */
  sendRaw(bytes: Uint8Array): void {
    this.#outbox.sendRaw(bytes);
  }

  endRaw(): void {
    this.#outbox.endRaw();
  }

  // --------------------------------------------------------------------------------------------------------------- in

  /** From the end of the packet that is being received on, bytes go to `take`, until it has its last. */
  readRaw(take: TakeRaw): void {
    assert(this.#takeRaw === undefined, "one raw stream at a time");
    this.#takeRaw = take;
    this.#scanner.stop();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#scanner.stop();
    this.#connection.pauseReading();
  }

  /** What is at hand is handed on in this turn, but not during the call. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#takeRaw === undefined) this.#scanner.go();
    this.#clock.atTurnEnd(() => this.#readOn());
  }

  onData(chunk: Buffer): void {
    if (this.#why !== undefined) return;
    if (this.#paused || this.#unread.length > 0) this.#unread.push(Buffer.from(chunk));
    else this.#read(chunk);
  }

  #readOn(): void {
    if (this.#reading) return;
    while (!this.#paused && this.#why === undefined) {
      const chunk = this.#unread.shift();
      if (chunk === undefined) {
        this.#connection.resumeReading();
        return;
      }
      this.#read(chunk);
    }
  }

  /** Hands the chunk on; what cannot be now is kept. */
  #read(chunk: Buffer): void {
    this.#reading = true;
    try {
      const at = this.#handOn(chunk);
      if (at < chunk.length && this.#why === undefined) {
        this.#unread.unshift(Buffer.from(chunk.subarray(at)));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(error.message);
    } finally {
      this.#reading = false;
    }
  }

  /** Returns up to where. */
  #handOn(chunk: Buffer): number {
    let at = 0;
    try {
      while (at < chunk.length && !this.#paused && this.#why === undefined) {
        at = this.#takeRaw === undefined ? this.#readPackets(chunk, at) : this.#readRaw(chunk, at);
      }
    } finally {
      this.#handler?.chunkRead?.();
    }
    return at;
  }

  #readPackets(chunk: Buffer, from: number): number {
    return this.#scanner.scan(chunk, from, this.#onPacket);
  }

  readonly #onPacket = (packet: QuorumPacket): void => {
    this.stats.packetsReceived++;
    if (packet.type === QuorumPacketType.request) this.stats.requests++;
    if (this.#identified !== undefined) this.#identify();
    if (this.#why === undefined) this.#handler?.received(packet);
  };

  #readRaw(chunk: Buffer, from: number): number {
    const rest = from === 0 ? chunk : chunk.subarray(from);
    const taken = this.#takeRaw!(rest);
    if (taken < 0) return chunk.length;
    assert(taken <= rest.length, "no more was taken than there was");
    this.#takeRaw = undefined;
    if (!this.#paused) this.#scanner.go();
    return from + taken;
  }

  onDrain(): void {
    this.#outbox.drained();
  }

  onEnd(): void {
    this.close("The other side has closed the connection");
  }

  // ------------------------------------------------------------------------------------------------------------ close

  /** Closes now; what was not sent is lost. `closed` follows. */
  close(why: string): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    this.#stop();
    this.#connection.destroy();
  }

  /** Sends what was given, then closes. */
  end(why: string): void {
    if (this.#why !== undefined) return;
    this.#outbox.flushAll();
    this.#why = why;
    this.#stop();
    this.#connection.end();
  }

  onClose(error: NetworkError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop();
    this.#why ??= error?.message ?? "The connection was closed";
    this.#handler?.closed(this.#why);
  }

  #identify(): void {
    const identified = this.#identified;
    this.#identified = undefined;
    identified?.();
  }

  #stop(): void {
    this.#identify();
    this.#unread = [];
    this.#scanner.stop();
    this.#outbox.close();
  }
}
