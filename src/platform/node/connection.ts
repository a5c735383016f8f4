// One TCP connection of a real process; see network.ts for why it reads as it does.
//
// Life: unconnected or accepted → start → open → ending (end was called: what was written is still on its way) → closed.
// Half-closing is the peer's right only: a client may send a four-letter word, shut down its side and wait for the answer.

import * as net from "node:net";
import { assert } from "../../errors.js";
import type { Connection, ConnectionHandler, NetworkError } from "../platform.js";
import { toNetworkError } from "./errors.js";

/** As much as one read returns. Larger means fewer turns for a flood, but one connection may then hold up the others. */
const READ_BYTES = 64 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * How long an ended connection waits for its peer's last byte. Closing a socket that still has unread bytes resets it,
 * and a reset may overtake what the peer has not read yet: the answer would be lost.
 */
const LINGER_MS = 1000;

/** How long an ended connection may take to be rid of what was written: a peer that stopped reading must not keep it. */
const ENDING_MAX_MS = 10_000;

export class NodeConnection implements Connection {
  readonly socket: net.Socket;
  remoteAddress = "";
  remotePort = 0;
  localAddress = "";
  localPort = 0;
  #handler: ConnectionHandler | undefined;
  #state: "open" | "ending" | "closed" = "open";
  #isDrainOwed = false;
  #error: NetworkError | undefined;
  #endTimer: NodeJS.Timeout | undefined;

  private constructor(handle: unknown) {
    const onread = {
      buffer: readBuffer,
      callback: (length: number): boolean => this.#read(length),
    };
    // `handle` and `manualStart` are how net.Server itself builds a socket that does not read yet.
    this.socket = new net.Socket({
      allowHalfOpen: true,
      manualStart: true,
      onread,
      ...(handle === undefined ? {} : { handle }),
    } as net.SocketConstructorOpts);
  }

  static accepted(handle: unknown): NodeConnection {
    const connection = new NodeConnection(handle);
    connection.connected();
    return connection;
  }

  /** The attempt in network.ts drives `socket` until `connected` is called. */
  static unconnected(): NodeConnection {
    return new NodeConnection(undefined);
  }

  connected(): void {
    const socket = this.socket;
    socket.setNoDelay(true);
    // Asked now: a closed socket no longer knows, and who was it is wanted in the log just then.
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress);
    this.localPort = socket.localPort ?? 0;
    socket.on("error", (error) => {
      this.#error = toNetworkError(`talk to "${this.remoteAddress}:${this.remotePort}"`, error);
    });
    socket.once("end", () => this.#onEnd());
    socket.once("close", () => this.#onClose());
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, "a connection is started once");
    this.#handler = handler;
    this.socket.read(0);
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open" || bytes.length === 0) return;
    this.socket.write(bytes, this.#written);
    if (this.socket.writableLength > 0) this.#isDrainOwed = true;
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
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

  #read(length: number): boolean {
    if (this.#state === "open") {
      const handler = this.#handler;
      assert(
        handler !== undefined,
        "a connection is started in the turn in which it is handed over",
      );
      handler.onData(readBuffer.subarray(0, length) as Buffer);
    }
    return true;
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
    if (this.#state === "open") this.#handler?.onEnd();
  }

  #onClose(): void {
    this.#state = "closed";
    clearTimeout(this.#endTimer);
    this.#handler?.onClose(this.#error);
  }
}

/** A dual-stack socket calls an IPv4 peer ::ffff:1.2.3.4. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return "";
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
