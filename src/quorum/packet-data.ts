// What quorum packets carry in their data. Java writes most of it by hand (ByteBuffer, DataOutputStream), not through jute.
//
//   FOLLOWERINFO, OBSERVERINFO   long sid, int protocolVersion (0x10000), long configVersion; zxid = (acceptedEpoch, 0)
//   LEADERINFO                   int protocolVersion (0x10000) [offer];                       zxid = (newEpoch, 0)
//   ACKEPOCH                     int currentEpoch, or -1: already promised [offer];           zxid = last logged
//   PING from a learner          (long session, int timeOut)*
//   REQUEST                      long session, int cxid, int type, request;                   authinfo = identities
//   REVALIDATE to the leader     long session, int timeOut;       back: long session, bool valid
//   SYNC                         as REQUEST
//   COMMITANDACTIVATE            long designated leader
//   INFORMANDACTIVATE            long designated leader, txn
//
// [offer] is ours: offers.ts

import { ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import type { SessionId, Sid, Zxid } from "../wire/ids.js";
import { epochOf } from "../wire/ids.js";
import { QuorumPacketType } from "../wire/op-codes.js";
import { type QuorumPacket, readLearnerInfo, writeLearnerInfo } from "../wire/records.js";
import { intAndOffer } from "./offers.js";

/** Since 3.4: epochs are negotiated. Older protocols are refused. */
export const PROTOCOL_VERSION = 0x10000;

function dataOf(packet: QuorumPacket, minimumBytes: number): Buffer {
  const { data, type } = packet;
  if (data !== null && data.length >= minimumBytes) return data;
  const size = data === null ? "none" : `${data.length} bytes`;
  throw new ProtocolError(
    `Cannot read quorum packet of type ${type}: needs ${minimumBytes} bytes of data, has ${size}`,
  );
}

export interface FollowerInfo {
  readonly sid: Sid;
  readonly protocolVersion: number;
  readonly configVersion: number;
  readonly acceptedEpoch: number;
}

export function followerInfoData(sid: Sid, configVersion: number): Buffer {
  const out = new JuteWriter(20);
  writeLearnerInfo(out, { serverid: sid, protocolVersion: PROTOCOL_VERSION, configVersion });
  return out.take();
}

export function readFollowerInfo(packet: QuorumPacket): FollowerInfo {
  const info = readLearnerInfo(new JuteReader(dataOf(packet, 12)));
  const { serverid, protocolVersion } = info;
  if (protocolVersion < PROTOCOL_VERSION) {
    throw new ProtocolError(
      `Server ${serverid} speaks protocol ${protocolVersion.toString(16)} of a version before 3.4: 10000 is needed`,
    );
  }
  const acceptedEpoch = epochOf(packet.zxid);
  // 3.4 has no configurations.
  const configVersion = info.configVersion ?? 0;
  return { sid: serverid as Sid, protocolVersion, configVersion, acceptedEpoch };
}

export function leaderInfoData(isCumulative = false): Buffer {
  return intAndOffer(PROTOCOL_VERSION, isCumulative);
}

export function readLeaderInfo(packet: QuorumPacket): number {
  return dataOf(packet, 4).readInt32BE(0);
}

export function ackEpochData(currentEpoch: number, isCumulative = false): Buffer {
  return intAndOffer(currentEpoch, isCumulative);
}

/** Undefined: the epoch was promised before, this does not count. */
export function readAckEpoch(packet: QuorumPacket): number | undefined {
  const epoch = dataOf(packet, 4).readInt32BE(0);
  return epoch === -1 ? undefined : epoch;
}

export interface Touch {
  readonly sessionId: SessionId;
  readonly timeoutMs: number;
}

export function touchesData(touches: Iterable<Touch>): Buffer {
  const out = new JuteWriter();
  for (const { sessionId, timeoutMs } of touches) {
    out.bigLong(sessionId);
    out.int(timeoutMs);
  }
  return out.take();
}

export function readTouches(packet: QuorumPacket): Touch[] {
  const touches: Touch[] = [];
  if (packet.data === null) return touches;
  const reader = new JuteReader(packet.data);
  while (reader.remaining > 0) {
    touches.push({ sessionId: reader.bigLong() as SessionId, timeoutMs: reader.int() });
  }
  return touches;
}

export interface ForwardedRequest {
  readonly sessionId: SessionId;
  readonly cxid: number;
  readonly type: number;
  readonly body: Buffer;
}

/** The same in the data of a packet: no view of the body alone, which would be one more for each request. */
export interface ReceivedRequest {
  readonly sessionId: SessionId;
  readonly cxid: number;
  readonly type: number;
  /** From `bodyStart` on, the body. */
  readonly data: Buffer;
  readonly bodyStart: number;
}

const REQUEST_HEAD_BYTES = 16;
/** The length of a vector that is null: a packet's authinfo, where nobody asks. */
const NOBODY = -1;

/** As `writeQuorumPacket` has it, without the packet: there is one for each transaction. */
export function writeProposal(out: JuteWriter, zxid: Zxid, txn: Buffer): void {
  out.int(QuorumPacketType.proposal);
  out.long(zxid);
  out.buffer(txn);
  out.int(NOBODY);
}

const requestWriter = new JuteWriter();

/** Valid until the next one: a link takes a copy at once. */
export function requestData({ sessionId, cxid, type, body }: ForwardedRequest): Buffer {
  const out = requestWriter;
  out.reset();
  out.bigLong(sessionId);
  out.int(cxid);
  out.int(type);
  out.raw(body);
  return out.view();
}

const requestReader = new JuteReader(Buffer.alloc(0));

export function readRequest(packet: QuorumPacket): ReceivedRequest {
  const data = dataOf(packet, REQUEST_HEAD_BYTES);
  const reader = requestReader.read(data);
  const sessionId = reader.bigLong() as SessionId;
  const cxid = reader.int();
  const type = reader.int();
  return { sessionId, cxid, type, data, bodyStart: REQUEST_HEAD_BYTES };
}

export function revalidateData({ sessionId, timeoutMs }: Touch): Buffer {
  const out = new JuteWriter(12);
  out.bigLong(sessionId);
  out.int(timeoutMs);
  return out.take();
}

export function readRevalidate(packet: QuorumPacket): Touch {
  const reader = new JuteReader(dataOf(packet, 12));
  return { sessionId: reader.bigLong() as SessionId, timeoutMs: reader.int() };
}

export function revalidatedData(sessionId: SessionId, valid: boolean): Buffer {
  const out = new JuteWriter(9);
  out.bigLong(sessionId);
  out.bool(valid);
  return out.take();
}

export function readRevalidated(packet: QuorumPacket): {
  readonly sessionId: SessionId;
  readonly valid: boolean;
} {
  const reader = new JuteReader(dataOf(packet, 9));
  return { sessionId: reader.bigLong() as SessionId, valid: reader.bool() };
}

/** Without a txn it is COMMITANDACTIVATE's, with one INFORMANDACTIVATE's. */
export function activationData(leader: Sid, txn: Buffer = NO_BYTES): Buffer {
  const out = new JuteWriter(8 + txn.length);
  out.long(leader);
  out.raw(txn);
  return out.take();
}

export function readActivation(packet: QuorumPacket): {
  readonly leader: Sid;
  readonly txn: Buffer;
} {
  const data = dataOf(packet, 8);
  return { leader: new JuteReader(data).long() as Sid, txn: data.subarray(8) };
}

const NO_BYTES = Buffer.alloc(0);
