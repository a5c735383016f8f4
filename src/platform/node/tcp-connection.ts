// One TCP connection of a real process, on node's handle (tcp-handle.ts) instead of a net.Socket. To its user it is
// what connection.ts is, with the same life: accepted → start → open → ending → closed.
//
// A write is one system call, made at once. What the system does not take of it node keeps and writes later, and only then
// does the write cost an object: the request that is made for it.
//
// Reading goes into one buffer that all connections share; that is why a chunk is valid only during the call of onData.

import { assert } from "../../errors.js";
import type { Connection, ConnectionHandler, NetworkError } from "../platform.js";
import { ENDING_MAX_MS, LINGER_MS, plainAddress, readBuffer } from "./connection.js";
import { toNetworkError } from "./errors.js";
import {
  END_OF_FILE,
  type HandleRequest,
  type SocketName,
  type TcpHandle,
  tcpHandles,
  type WriteRequest,
} from "./tcp-handle.js";

/** The next write's: most are done at once and leave it as it is. */
let spareRequest: WriteRequest | undefined;

export class TcpConnection implements Connection {
  readonly tls = undefined;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #handle: TcpHandle;
  #handler: ConnectionHandler | undefined;
  #state: "open" | "ending" | "closing" | "closed" | "given away" = "open";
  #isPaused = false;
  #writesUnderWay = 0;
  #hasPeerEnded = false;
  #isLastByteSent = false;
  #error: NetworkError | undefined;
  #endTimer: NodeJS.Timeout | undefined;

  constructor(handle: TcpHandle) {
    this.#handle = handle;
    handle.setNoDelay(true);
    const name: SocketName = {};
    handle.getpeername(name);
    this.remoteAddress = plainAddress(name.address);
    this.remotePort = name.port ?? 0;
  }

  /** Asked for by few, and only while the connection is there. */
  get localAddress(): string {
    return plainAddress(this.#localName().address);
  }

  get localPort(): number {
    return this.#localName().port ?? 0;
  }

  get unsentBytes(): number {
    return this.#writesUnderWay === 0 ? 0 : this.#handle.writeQueueSize;
  }

  /** Before the start: the handle is somebody else's from here on, and this connection is no more. */
  giveAway(): TcpHandle {
    assert(this.#handler === undefined && this.#state === "open", "it has not been started");
    this.#state = "given away";
    return this.#handle;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, "a connection is started once");
    this.#handler = handler;
    const handle = this.#handle;
    handle.connection = this;
    handle.onread = onRead;
    handle.useUserBuffer(readBuffer);
    if (this.#state === "open" && !this.#isPaused) this.#readOn();
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open" || bytes.length === 0) return;
    spareRequest ??= tcpHandles!.newWriteRequest();
    const error = this.#handle.writeBuffer(spareRequest, bytes);
    if (error === 0 && !tcpHandles!.isWriteUnderWay()) return;
    const request = spareRequest;
    spareRequest = undefined;
    if (error === 0) this.#await(request, bytes);
    else this.#fail(error);
  }

  #await(request: WriteRequest, bytes: Uint8Array): void {
    request.buffer = bytes;
    request.connection = this;
    request.oncomplete = onWritten;
    this.#writesUnderWay++;
  }

  pauseReading(): void {
    this.#isPaused = true;
    if (this.#state === "open" && this.#handler !== undefined) this.#handle.readStop();
  }

  resumeReading(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#state === "open" && this.#handler !== undefined) this.#readOn();
  }

  setKeepAlive(on: boolean): void {
    this.#handle.setKeepAlive(on, 0);
  }

  end(): void {
    if (this.#state !== "open") return;
    assert(this.#handler !== undefined, "a connection is started before it is ended");
    this.#state = "ending";
    this.#endTimer = setTimeout(giveUp, ENDING_MAX_MS, this);
    // Reading must go on, or the peer's end would never be seen.
    if (this.#isPaused) this.#readOn();
    const request = tcpHandles!.newShutdownRequest();
    request.connection = this;
    request.oncomplete = onShutdown;
    const result = this.#handle.shutdown(request);
    if (result !== 0) this.lastByteSent();
  }

  destroy(): void {
    if (this.#state !== "open" && this.#state !== "ending") return;
    this.#close();
  }

  #localName(): SocketName {
    const name: SocketName = {};
    if (this.#state === "open" || this.#state === "ending") this.#handle.getsockname(name);
    return name;
  }

  /** Only for `onRead`: so many bytes are in the buffer, or an error. */
  read(length: number): void {
    if (length > 0) {
      if (this.#state === "open") this.#handler?.onData(readBuffer.subarray(0, length));
    } else if (length === END_OF_FILE) this.#peerHasEnded();
    else if (length < 0) this.#fail(length);
  }

  /** Only for `onWritten`. */
  written(status: number): void {
    this.#writesUnderWay--;
    if (status < 0) this.#fail(status);
    else if (this.#writesUnderWay === 0 && this.#state === "open") this.#handler?.onDrain();
  }

  /** Only for `onShutdown`. */
  lastByteSent(): void {
    if (this.#state !== "ending") return;
    this.#isLastByteSent = true;
    clearTimeout(this.#endTimer);
    if (this.#hasPeerEnded) this.#close();
    else this.#endTimer = setTimeout(giveUp, LINGER_MS, this);
  }

  #peerHasEnded(): void {
    this.#hasPeerEnded = true;
    if (this.#state === "open") this.#handler?.onEnd();
    else if (this.#isLastByteSent) this.destroy();
  }

  #fail(errno: number): void {
    if (this.#state !== "open" && this.#state !== "ending") return;
    const action = `talk to "${this.remoteAddress}:${this.remotePort}"`;
    this.#error = toNetworkError(action, { errno });
    this.#close();
  }

  #readOn(): void {
    const error = this.#handle.readStart();
    if (error < 0) this.#fail(error);
  }

  #close(): void {
    this.#state = "closing";
    clearTimeout(this.#endTimer);
    this.#handle.close(() => {
      this.#state = "closed";
      this.#handler?.onClose(this.#error);
    });
  }
}

function giveUp(connection: TcpConnection): void {
  connection.destroy();
}

function onRead(this: TcpHandle): void {
  (this.connection as TcpConnection).read(tcpHandles!.readResult());
}

function onWritten(this: HandleRequest, status: number): void {
  (this.connection as TcpConnection).written(status);
}

function onShutdown(this: HandleRequest): void {
  (this.connection as TcpConnection).lastByteSent();
}
