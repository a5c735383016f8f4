// One side of a connection between leader and learner, by hand: packets out, packets in, the exchange that authenticates, and
// what follows a SNAP. Written without src/.

import type { Socket } from "node:net";
import { buffer, int, join, long, vector } from "../compat/raw/bytes.js";
import { responseTo } from "../compat/sasl/digest-attempts.js";
import type { Random } from "../faults/random.js";

export const Type = {
  request: 1,
  proposal: 2,
  ack: 3,
  commit: 4,
  ping: 5,
  revalidate: 6,
  sync: 7,
  inform: 8,
  commitAndActivate: 9,
  newLeader: 10,
  followerInfo: 11,
  upToDate: 12,
  diff: 13,
  trunc: 14,
  snap: 15,
  observerInfo: 16,
  leaderInfo: 17,
  ackEpoch: 18,
  informAndActivate: 19,
} as const;

export interface Packet {
  readonly type: number;
  readonly zxid: bigint;
  readonly data: Buffer | null;
}

export const packetBytes = (type: number, zxid: bigint | number, data: Buffer | null = null) =>
  join(int(type), long(zxid), buffer(data), vector(null));

export const zxidOf = (epoch: bigint | number, counter: bigint | number): bigint =>
  BigInt.asIntN(64, (BigInt(epoch) << 32n) | BigInt(counter));

const MAGIC = long(0x5f2435013501edccn);
const QUORUM_URI = "zookeeper-quorum/zk-quorum-sasl-md5";
/** With which the stream behind a SNAP ends. */
const SIGNATURE = buffer("BenWasHere");

export class QuorumPeer {
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#wake?.();
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  send(...parts: Buffer[]): void {
    if (!this.isClosed) this.#socket.write(join(...parts));
  }

  /** What is waiting to be sent has been taken, or nobody is there any more. */
  async flushed(): Promise<void> {
    while (!this.isClosed && this.#socket.writableLength > 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  end(): void {
    this.#socket.end();
  }

  /** What has come meanwhile is of no interest. */
  forget(): void {
    this.#unread = Buffer.alloc(0);
  }

  /** The next packet; undefined when there is none in time, or the connection is closed. */
  async packet(timeoutMs = 500): Promise<Packet | undefined> {
    return this.#take(timeoutMs, (bytes) => {
      if (bytes.length < 16) return undefined;
      const length = bytes.readInt32BE(12);
      let end = 16 + Math.max(0, length);
      if (bytes.length < end + 4) return undefined;
      const identities = Math.max(0, bytes.readInt32BE(end));
      end += 4;
      for (let i = 0; i < 2 * identities; i++) {
        if (bytes.length < end + 4) return undefined;
        end += 4 + Math.max(0, bytes.readInt32BE(end));
      }
      if (bytes.length < end) return undefined;
      const data = length < 0 ? null : Buffer.from(bytes.subarray(16, 16 + length));
      const packet = { type: bytes.readInt32BE(0), zxid: bytes.readBigInt64BE(4), data };
      return { value: packet, end };
    });
  }

  /** Of this type; others are passed over, and so is the snapshot behind a SNAP. */
  async until(type: number, timeoutMs = 500): Promise<Packet | undefined> {
    for (;;) {
      const packet = await this.packet(timeoutMs);
      if (packet === undefined || packet.type === type) return packet;
      if (packet.type === Type.snap && !(await this.#passSnapshot(timeoutMs))) return undefined;
    }
  }

  #passSnapshot(timeoutMs: number): Promise<true | undefined> {
    return this.#take(timeoutMs, (bytes) => {
      const at = bytes.indexOf(SIGNATURE);
      return at < 0 ? undefined : { value: true, end: at + SIGNATURE.length };
    });
  }

  /** As a learner that knows the password; `authzid`: whom it wants to be taken for. */
  async authenticate(user: string, password: string, authzid = user): Promise<boolean> {
    this.send(authPacket(0, Buffer.alloc(0)));
    const challenge = await this.#authAnswer();
    if (challenge === undefined) return false;
    const answer = responseTo(
      challenge.token.toString("utf8"),
      { name: "", user, password, authzid },
      QUORUM_URI,
    );
    this.send(authPacket(0, answer));
    return (await this.#authAnswer())?.status === 1;
  }

  #authAnswer(): Promise<{ status: number; token: Buffer } | undefined> {
    return this.#take(30_000, (bytes) => {
      if (bytes.length < 16) return undefined;
      const end = 16 + Math.max(0, bytes.readInt32BE(12));
      if (bytes.length < end) return undefined;
      const token = Buffer.from(bytes.subarray(16, end));
      return { value: { status: bytes.readInt32BE(8), token }, end };
    });
  }

  async #take<T>(
    timeoutMs: number,
    read: (bytes: Buffer) => { value: T; end: number } | undefined,
  ): Promise<T | undefined> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = read(this.#unread);
      if (found !== undefined) {
        this.#unread = this.#unread.subarray(found.end);
        return found.value;
      }
      if (this.isClosed || Date.now() >= deadline) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, deadline - Date.now()));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** As members authenticate; status 0 is in progress. */
export const authPacket = (status: number, token: Buffer | null): Buffer =>
  join(MAGIC, int(status), buffer(token));

/** Of LEADERINFO and ACKEPOCH: what follows the number may be the offer of cumulative ACK and COMMIT, or something like it. */
export function perhapsOffer(random: Random, value: number): Buffer {
  const offer = join(int(0x5a6f6f69), int(random.pick([1, 1, 1, 0, -1])));
  return random.below(2) === 0 ? int(value) : join(int(value), offer);
}
