// One raw connection to a server: bytes out, frames in, in the order in which they came.

import { connect, type Socket } from "node:net";
import { bool, buffer, frame, int, join, long } from "./bytes.js";
import type { Request } from "./requests.js";

export interface Handshake {
  readonly protocolVersion?: number;
  readonly lastZxidSeen?: bigint | number;
  readonly timeoutMs?: number;
  readonly sessionId?: bigint;
  readonly password?: Buffer | null;
  /** undefined: the byte is not sent, as clients before 3.4 do. */
  readonly readOnly?: boolean | undefined;
  /** Sent after the record, within the frame. */
  readonly extra?: Buffer;
}

export function handshakeBytes(h: Handshake): Buffer {
  const record = join(
    int(h.protocolVersion ?? 0),
    long(h.lastZxidSeen ?? 0),
    int(h.timeoutMs ?? 10_000),
    long(h.sessionId ?? 0n),
    buffer(h.password === undefined ? Buffer.alloc(16) : h.password),
  );
  const readOnly = "readOnly" in h && h.readOnly === undefined ? [] : [bool(h.readOnly ?? false)];
  return frame(record, ...readOnly, h.extra ?? Buffer.alloc(0));
}

const NOTHING = Buffer.alloc(0);
/** A busy machine keeps one waiting. */
const SILENCE_MAX_MS = 30_000;

export class RawConnection {
  readonly #socket: Socket;
  #unread: Buffer = NOTHING;
  #waiting: (() => void) | undefined;
  /** Frames that nobody has taken yet, without their length. */
  readonly frames: Buffer[] = [];
  isClosed = false;
  sessionId = 0n;
  password: Buffer = NOTHING;
  timeoutMs = 0;
  nextXid = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => {});
    socket.once("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static open(port: number, host = "127.0.0.1"): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** Over a connection that is there: TLS. */
  static over(socket: Socket): RawConnection {
    return new RawConnection(socket);
  }

  send(bytes: Buffer): void {
    if (!this.isClosed) this.#socket.write(bytes);
  }

  /** Returns the xid under which the answer will come. */
  request(request: Request): number {
    const xid = request.xid ?? this.nextXid++;
    this.send(frame(int(xid), int(request.type), request.body));
    return xid;
  }

  /** Reads the answer to a handshake that was sent: true when there is a session. */
  noteSession(answer: Buffer): boolean {
    if (answer.length < 20) return false;
    this.timeoutMs = answer.readInt32BE(4);
    this.sessionId = answer.readBigInt64BE(8);
    this.password = Buffer.from(answer.subarray(20, 20 + Math.max(0, answer.readInt32BE(16))));
    return this.sessionId !== 0n;
  }

  /** Handshake in one go; rejects when the server closes instead. */
  async establish(handshake: Handshake = {}): Promise<void> {
    this.send(handshakeBytes(handshake));
    const answer = await this.next();
    if (answer === undefined) throw new Error("The server closed the connection at the handshake");
    if (!this.noteSession(answer)) throw new Error("The server refused the session");
  }

  /** The next frame; undefined once the connection is closed and nothing is left. Rejects in silence. */
  async next(timeoutMs = SILENCE_MAX_MS): Promise<Buffer | undefined> {
    if (await this.waitFor(() => this.frames.length > 0, timeoutMs)) return this.frames.shift();
    if (this.isClosed) return undefined;
    throw new Error(`Nothing came in ${timeoutMs} ms`);
  }

  /** Waits until `condition` holds, asked anew whenever a frame came; false when closed or in silence. */
  waitFor(condition: () => boolean, timeoutMs = SILENCE_MAX_MS): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve(result);
      };
      const timer = setTimeout(() => finish(condition()), timeoutMs);
      const look = () => {
        if (condition()) finish(true);
        else if (this.isClosed) finish(false);
      };
      this.#waiting = look;
      look();
    });
  }

  /** Says that nothing more will come. */
  end(): void {
    if (!this.isClosed) this.#socket.end();
  }

  destroy(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) return resolve();
      this.#socket.once("close", () => resolve());
      this.#socket.destroy();
    });
  }

  #take(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    let start = 0;
    while (this.#unread.length - start >= 4) {
      const length = this.#unread.readInt32BE(start);
      if (length < 0) {
        // No frame: the text of a four-letter word, for which a fuzzer's bytes may have been taken.
        this.#socket.destroy();
        return;
      }
      if (this.#unread.length - start - 4 < length) break;
      this.frames.push(this.#unread.subarray(start + 4, start + 4 + length));
      start += 4 + length;
    }
    this.#unread = this.#unread.subarray(start);
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.();
  }
}
