// What members of Zooid agree to do between themselves that ZooKeeper does not know, link by link. Java has nothing like it.
//
//   LEADERINFO   int protocolVersion, int OFFER_MARK, int what the leader could do
//   ACKEPOCH     int currentEpoch,    int OFFER_MARK, int what of that is to be done on this link
//
// Java reads its own int and no further, and offers nothing; a learner answers an offer only. So a Java leader never sees a
// byte of it, a Java learner eight that it passes over, and whoever does not answer is spoken to as ever.
//
// There is one thing to offer: that an ACK or a COMMIT speaks for all proposals up to it, not for one. Between logs without gaps
// that is what they say anyway: who has a proposal on disk has those before it, and what is committed was proposed after
// nothing that is not.

import type { QuorumPacket } from "../wire/records.js";

/** "Zooi" */
const OFFER_MARK = 0x5a6f6f69;
const CUMULATIVE = 1;

const INT_BYTES = 4;
const WITH_OFFER_BYTES = 12;

/** The data of a LEADERINFO or an ACKEPOCH. */
export function intAndOffer(value: number, isCumulative: boolean): Buffer {
  const data = Buffer.allocUnsafe(isCumulative ? WITH_OFFER_BYTES : INT_BYTES);
  data.writeInt32BE(value, 0);
  if (!isCumulative) return data;
  data.writeInt32BE(OFFER_MARK, INT_BYTES);
  data.writeInt32BE(CUMULATIVE, 2 * INT_BYTES);
  return data;
}

export function offersCumulative({ data }: QuorumPacket): boolean {
  if (data === null || data.length < WITH_OFFER_BYTES) return false;
  if (data.readInt32BE(INT_BYTES) !== OFFER_MARK) return false;
  return (data.readInt32BE(2 * INT_BYTES) & CUMULATIVE) !== 0;
}
