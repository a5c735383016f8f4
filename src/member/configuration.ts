// The configuration as members tell it to each other: with NEWLEADER, with notifications, in /zookeeper/config and so in the
// txn of a reconfig. It is the text of a dynamic file. Java: QuorumPeer.configFromString.

import { type MembershipOptions, parseMembership } from "../config/membership.js";
import { parseProperties } from "../config/properties.js";
import { ProtocolError } from "../errors.js";
import { getInt32 } from "../jute/bytes.js";
import { decodeTxnRecord } from "../operations/transactions.js";
import { Configuration } from "../quorum/configuration.js";
import { OpCode } from "../wire/op-codes.js";
import type { SetDataTxn } from "../wire/records.js";

/** Throws ProtocolError for what no server would have sent. */
export function parseConfiguration(text: string, options: MembershipOptions): Configuration {
  try {
    return new Configuration(parseMembership(parseProperties(text), options));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ProtocolError(`Cannot read the configuration of another server: ${why}`, {
      cause: error,
    });
  }
}

/** In a txn's header: after clientId, cxid, zxid and time. */
const TYPE_POSITION = 28;

/** What a reconfig's txn makes of the members; undefined for all other txns. */
export function configurationIn(
  txn: Buffer,
  parser: { parseConfiguration(text: string): Configuration },
): Configuration | undefined {
  const isReconfig =
    txn.length >= TYPE_POSITION + 4 && getInt32(txn, TYPE_POSITION) === OpCode.reconfig;
  if (!isReconfig) return undefined;
  const { data } = decodeTxnRecord(txn).txn as SetDataTxn;
  return parser.parseConfiguration(data?.toString("utf8") ?? "");
}
