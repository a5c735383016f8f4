// One connection of a real process over a net.Socket: with TLS, or where tcp-connection.ts cannot be used. See network.ts for
// why it reads as it does.
//
// Life: unconnected or accepted → start → open → ending (end was called: what was written is still on its way) → closed.
// Half-closing is the peer's right only: a client may send a four-letter word, shut down its side and wait for the answer.

import * as net from "node:net";
import { assert } from "../../errors.js";
import type { Connection, ConnectionHandler, NetworkError, TlsFacts } from "../platform.js";
import { toNetworkError } from "./errors.js";

/** As much as one read returns. Larger means fewer turns for a flood, but one connection may then hold up the others. */
const READ_BYTES = 64 * 1024;
export const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * How long an ended connection waits for its peer's last byte. Closing a socket that still has unread bytes resets it,
 * and a reset may overtake what the peer has not read yet: the answer would be lost.
 */
export const LINGER_MS = 1000;

/** How long an ended connection may take to be rid of what was written: a peer that stopped reading must not keep it. */
export const ENDING_MAX_MS = 10_000;

export class NodeConnection implements Connection {
  readonly socket: net.Socket;
  readonly tls: TlsFacts | undefined;
  remoteAddress = "";
  remotePort = 0;
  localAddress = "";
  localPort = 0;
  #handler: ConnectionHandler | undefined;
  #state: "open" | "ending" | "closed" = "open";
  #isDrainOwed = false;
  #isPaused = false;
  #error: NetworkError | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  /** Who wants to see the first bytes before the connection is started. */
  #peeking: ((first: Buffer | undefined) => void) | undefined;
  /** What was seen so, for the handler: bytes, or the end. */
  #peeked: Buffer | "end" | undefined;

  private constructor(socket: net.Socket | undefined, handle: unknown, tls?: TlsFacts) {
    this.tls = tls;
    this.socket = socket ?? this.#plainSocket(handle);
  }

  static accepted(handle: unknown): NodeConnection {
    return new NodeConnection(undefined, handle).connected();
  }

  /** The attempt in network.ts drives `socket` until `connected` is called. */
  static unconnected(): NodeConnection {
    return new NodeConnection(undefined, undefined);
  }

  /** What `plain` is after a handshake over it. */
  static secured(plain: NodeConnection, socket: net.Socket, tls: TlsFacts): NodeConnection {
    const connection = new NodeConnection(socket, undefined, tls);
    const { remoteAddress, remotePort, localAddress, localPort } = plain;
    Object.assign(connection, { remoteAddress, remotePort, localAddress, localPort });
    connection.#listen();
    return connection;
  }

  connected(): this {
    const socket = this.socket;
    socket.setNoDelay(true);
    // Asked now: a closed socket no longer knows, and who was it is wanted in the log just then.
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress);
    this.localPort = socket.localPort ?? 0;
    this.#listen();
    return this;
  }

  /**
   * Waits for the first bytes, and keeps them for the handler; undefined: there are none, and `stopPeeking` or the peer's
   * end was the reason. A connection that breaks meanwhile says nothing here.
   */
  peek(done: (first: Buffer | undefined) => void): void {
    this.#peeking = done;
    this.socket.read(0);
  }

  stopPeeking(): void {
    const done = this.#peeking;
    this.#peeking = undefined;
    if (done === undefined) return;
    this.socket.pause();
    done(undefined);
  }

  /** For TLS, which reads from the socket itself: the bytes that were seen are put back. */
  putBack(): void {
    if (this.#peeked instanceof Buffer) this.socket.unshift(this.#peeked);
    this.#peeked = undefined;
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, "a connection is started once");
    this.#handler = handler;
    if (this.tls !== undefined) this.socket.on("data", (chunk: Buffer) => this.#deliver(chunk));
    else if (this.#peeked === undefined) this.socket.read(0);
    else process.nextTick(() => this.#deliverPeeked());
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open" || bytes.length === 0) return;
    this.socket.write(bytes, this.#written);
    if (this.socket.writableLength > 0) this.#isDrainOwed = true;
  }

  pauseReading(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resumeReading(): void {
    this.#isPaused = false;
    if (this.#peeked === undefined) this.socket.resume();
  }

  setKeepAlive(on: boolean): void {
    this.socket.setKeepAlive(on);
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#endTimer = setTimeout(this.#giveUp, ENDING_MAX_MS);
    this.socket.end(this.#lastByteSent);
    // Reading must go on, or the peer's end would never be seen.
    this.socket.resume();
  }

  destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "ending";
    this.socket.destroy();
  }

  #plainSocket(handle: unknown): net.Socket {
    const onread = {
      buffer: readBuffer,
      callback: (length: number): boolean => this.#read(length),
    };
    // `handle` and `manualStart` are how net.Server itself builds a socket that does not read yet.
    return new net.Socket({
      allowHalfOpen: true,
      manualStart: true,
      onread,
      ...(handle === undefined ? {} : { handle }),
    } as net.SocketConstructorOpts);
  }

  #listen(): void {
    const socket = this.socket;
    socket.on("error", (error) => {
      this.#error = toNetworkError(`talk to "${this.remoteAddress}:${this.remotePort}"`, error);
    });
    socket.once("end", () => this.#onEnd());
    socket.once("close", () => this.#onClose());
  }

  #read(length: number): boolean {
    const chunk = readBuffer.subarray(0, length) as Buffer;
    const peeking = this.#peeking;
    if (peeking === undefined) {
      this.#deliver(chunk);
      return true;
    }
    this.#peeking = undefined;
    this.#peeked = Buffer.from(chunk);
    const first = this.#peeked;
    // In a turn of its own: the socket is paused by the return, and not before.
    process.nextTick(() => {
      if (this.#state === "open") peeking(first);
    });
    return false;
  }

  #deliver(chunk: Buffer): void {
    if (this.#state !== "open") return;
    const handler = this.#handler;
    assert(handler !== undefined, "a connection is started in the turn in which it is handed over");
    handler.onData(chunk);
  }

  #deliverPeeked(): void {
    const peeked = this.#peeked;
    this.#peeked = undefined;
    if (peeked === "end") this.#onEnd();
    else if (peeked !== undefined) this.#deliver(peeked);
    if (!this.#isPaused) this.socket.resume();
  }

  readonly #written = (error?: Error | null): void => {
    if (!this.#isDrainOwed || error || this.socket.writableLength > 0) return;
    this.#isDrainOwed = false;
    if (this.#state === "open") this.#handler?.onDrain();
  };

  readonly #lastByteSent = (): void => {
    clearTimeout(this.#endTimer);
    if (this.socket.readableEnded) this.socket.destroy();
    else if (!this.socket.destroyed) this.#endTimer = setTimeout(this.#giveUp, LINGER_MS);
  };

  readonly #giveUp = (): void => {
    this.socket.destroy();
  };

  #onEnd(): void {
    const peeking = this.#peeking;
    if (peeking !== undefined) {
      this.#peeking = undefined;
      this.#peeked = "end";
      peeking(undefined);
    } else if (this.#state === "open") this.#handler?.onEnd();
  }

  #onClose(): void {
    this.#state = "closed";
    clearTimeout(this.#endTimer);
    this.#handler?.onClose(this.#error);
  }
}

/** A dual-stack socket calls an IPv4 peer ::ffff:1.2.3.4. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return "";
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
