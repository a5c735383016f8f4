// A vote on the wire. Java: FastLeaderElection.buildMsg and Messenger.WorkerReceiver.
//
//   int state · long leader · long zxid · long round                        28 bytes: before 3.4
//   … long peerEpoch                                                        36: 3.4.0 to 3.4.5
//   … int version (1)                                                       40: from 3.4.6
//   … int version (2) · int configLength · config, UTF-8                    since 3.5
//
// We send the last form and read all. Java from 3.5 on takes the version of a message of 40 bytes for 0 and drops one of 36;
// here the sender's own word counts: its version says whether its vote still means what it meant when it was cast (R90).
//
// An observer proposes nobody: Java writes the least long three times. Those do not fit a number and are known by a name.

import { ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import { epochOf, type Sid, type Zxid } from "../wire/ids.js";
import type { Outgoing } from "./fast-leader-election.js";
import { type Notification, PeerState } from "./vote.js";

/** Stands for Java's Long.MIN_VALUE, in a vote for nobody. */
const NOBODY = Number.MIN_SAFE_INTEGER;
const LEAST_LONG = -(2n ** 63n);

const VERSION = 2;
const WITHOUT_PEER_EPOCH_BYTES = 28;
const WITHOUT_VERSION_BYTES = 36;
const WITHOUT_CONFIG_BYTES = 40;
const FIXED_BYTES = 44;

export function encodeNotification(outgoing: Outgoing, config: string): Buffer {
  const text = Buffer.from(config, "utf8");
  const out = new JuteWriter(FIXED_BYTES + text.length);
  out.int(outgoing.state);
  writeLong(out, outgoing.leader);
  writeLong(out, outgoing.zxid);
  writeLong(out, outgoing.round);
  writeLong(out, outgoing.peerEpoch);
  out.int(VERSION);
  out.buffer(text);
  return out.take();
}

/** What follows a notification is not looked at, as Java does not: a later version may have more to say. */
export function decodeNotification(from: Sid, bytes: Buffer): Notification {
  const { length } = bytes;
  if (length !== WITHOUT_PEER_EPOCH_BYTES && length < WITHOUT_VERSION_BYTES) {
    throw new ProtocolError(
      `Cannot read notification of server ${from}: has ${length} bytes, needs ${WITHOUT_PEER_EPOCH_BYTES} or at least ${WITHOUT_VERSION_BYTES}`,
    );
  }
  const reader = new JuteReader(bytes);
  const state = readState(from, reader);
  const leader = readLong(reader) as Sid;
  const zxid = readLong(reader) as Zxid;
  const round = readLong(reader);
  const peerEpoch = length === WITHOUT_PEER_EPOCH_BYTES ? epochOf(zxid) : readLong(reader);
  const version = length < WITHOUT_CONFIG_BYTES ? 0 : reader.int();
  const config = version < VERSION ? undefined : readConfig(from, reader, bytes);
  return { from, state, leader, zxid, round, peerEpoch, version, config };
}

function readState(from: Sid, reader: JuteReader): PeerState {
  const state = reader.int();
  if (state >= PeerState.looking && state <= PeerState.observing) return state as PeerState;
  throw new ProtocolError(
    `Cannot read notification of server ${from}: state is ${state}, not one of 0 to 3`,
  );
}

function readConfig(from: Sid, reader: JuteReader, bytes: Buffer): string {
  const length = reader.int();
  if (length < 0 || length > reader.remaining) {
    throw new ProtocolError(
      `Cannot read notification of server ${from}: its configuration has ${length} bytes, of which ${reader.remaining} are there`,
    );
  }
  return bytes.toString("utf8", reader.position, reader.position + length);
}

function readLong(reader: JuteReader): number {
  const start = reader.position;
  if (reader.bigLong() === LEAST_LONG) return NOBODY;
  reader.position = start;
  return reader.long();
}

function writeLong(out: JuteWriter, value: number): void {
  if (value === NOBODY) out.bigLong(LEAST_LONG);
  else out.long(value);
}
