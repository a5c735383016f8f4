// The first bytes on a connection to the election port: who is calling. Java: QuorumCnxManager.InitialMessage.
//
//   until 3.4    long sid
//   since 3.5    long -65536, long sid, int length, "host:port"
//   since 3.6    long -65535, long sid, int length, "host:port|host:port…"       only with multiAddress.enabled
//
// The address is where the caller listens for elections: a server that is not in our configuration can be called back. Java
// observers before 3.5 call themselves Long.MAX_VALUE: they are given an id of their own, below zero.

import type { HostPort } from "../config/server-spec.js";
import { ProtocolError } from "../errors.js";
import { JuteWriter } from "../jute/writer.js";
import { ELECTION_ADDRESSES_MAX_BYTES } from "../limits.js";
import type { Sid } from "../wire/ids.js";
import { formatAddress, isWildcard } from "./addresses.js";

const ONE_ADDRESS = -65536;
const SEVERAL_ADDRESSES = -65535;

const SID_AT = 8;
const LENGTH_AT = 16;
const ADDRESSES_AT = 20;

/** Java: QuorumPeer.OBSERVER_ID. */
const ANY_OBSERVER = 2n ** 63n - 1n;

export interface Introduction {
  /** Undefined: an observer without an id. */
  readonly sid: Sid | undefined;
  /** Where it says that it can be reached; wildcards are left out. */
  readonly addresses: readonly HostPort[];
}

export function encodeIntroduction(
  sid: Sid,
  addresses: readonly HostPort[],
  multiAddressEnabled: boolean,
): Buffer {
  const told = multiAddressEnabled ? addresses : addresses.slice(0, 1);
  const text = Buffer.from(told.map(formatAddress).join("|"), "utf8");
  const out = new JuteWriter(ADDRESSES_AT + text.length);
  out.long(multiAddressEnabled ? SEVERAL_ADDRESSES : ONE_ADDRESS);
  out.long(sid);
  out.buffer(text);
  return out.take();
}

/** Gathers the introduction, however it is cut. */
export class IntroductionReader {
  readonly #bytes = Buffer.alloc(ADDRESSES_AT + ELECTION_ADDRESSES_MAX_BYTES);
  #length = 0;
  #introduction: Introduction | undefined;

  /** Undefined until it is complete. */
  get introduction(): Introduction | undefined {
    return this.#introduction;
  }

  /** Takes what belongs to it and returns how much that is; the rest are messages. Throws ProtocolError. */
  push(chunk: Buffer): number {
    let at = 0;
    while (this.#introduction === undefined && at < chunk.length) {
      const count = Math.min(this.#wanted() - this.#length, chunk.length - at);
      chunk.copy(this.#bytes, this.#length, at, at + count);
      this.#length += count;
      at += count;
      if (this.#length === this.#wanted()) this.#introduction = this.#read();
    }
    return at;
  }

  /** How long it is, as far as is known. */
  #wanted(): number {
    if (this.#length < SID_AT) return SID_AT;
    if (this.#bytes.readInt32BE(0) >= 0) return SID_AT;
    if (this.#length < ADDRESSES_AT) return ADDRESSES_AT;
    const version = this.#bytes.readBigInt64BE(0);
    if (version !== BigInt(ONE_ADDRESS) && version !== BigInt(SEVERAL_ADDRESSES)) {
      throw new ProtocolError(`Got unrecognized protocol version ${version}`);
    }
    const length = this.#bytes.readInt32BE(LENGTH_AT);
    if (length <= 0 || length > ELECTION_ADDRESSES_MAX_BYTES) {
      throw new ProtocolError(`Unreasonable buffer length: ${length}`);
    }
    return ADDRESSES_AT + length;
  }

  #read(): Introduction {
    const bytes = this.#bytes;
    if (bytes.readInt32BE(0) >= 0) return { sid: toSid(bytes.readBigInt64BE(0)), addresses: [] };
    const text = bytes.toString("utf8", ADDRESSES_AT, this.#length);
    const addresses = text.split("|").map(parseAddress);
    return {
      sid: toSid(bytes.readBigInt64BE(SID_AT)),
      addresses: addresses.filter(({ host }) => !isWildcard(host)),
    };
  }
}

function toSid(value: bigint): Sid | undefined {
  if (value === ANY_OBSERVER) return undefined;
  const sid = Number(value);
  if (Number.isSafeInteger(sid)) return sid as Sid;
  throw new ProtocolError(`Server id is ${value}: want at most 53 bits`);
}

function parseAddress(text: string): HostPort {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(.*)$/.exec(text);
  if (match === null) throw new ProtocolError(`Badly formed address: ${text}`);
  const host = match[1] ?? match[2] ?? "";
  const port = /^[+-]?\d{1,10}$/.test(match[3]!) ? Number(match[3]) : Number.NaN;
  if (!(port >= 0 && port <= 65535)) throw new ProtocolError(`Bad port number: ${match[3]}`);
  return { host, port };
}
