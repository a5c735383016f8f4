// The configuration as members tell it to each other: with NEWLEADER, with notifications, in /zookeeper/config. It is the
// text of a dynamic file; and it says whose votes count. Java: QuorumPeer.configFromString, Leader.lead (where a
// configuration gets its first version), QuorumMaj, QuorumHierarchical.

import {
  formatMembership,
  type Membership,
  type MembershipOptions,
  parseMembership,
  participants,
} from "../config/membership.js";
import { parseProperties } from "../config/properties.js";
import { ProtocolError } from "../errors.js";
import { HierarchicalVerifier, MajorityVerifier, type QuorumVerifier } from "../quorum/verifier.js";
import { hex0x, ZXID_ZERO, type Zxid } from "../wire/ids.js";

/** Throws ProtocolError for what no server would have sent. */
export function readConfiguration(text: string, options: MembershipOptions): Membership {
  try {
    return parseMembership(parseProperties(text), options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ProtocolError(`Cannot read the leader's configuration: ${why}`, { cause: error });
  }
}

/**
 * What goes into NEWLEADER. A configuration that only ever was in a file has no version; the first leader that tells it to
 * others gives it the zxid of its epoch, so that it takes precedence over a newcomer's partial view (ZOOKEEPER-1783).
 */
export function newLeaderConfiguration(membership: Membership, newLeaderZxid: Zxid): Buffer {
  const version = membership.version === ZXID_ZERO ? newLeaderZxid : membership.version;
  return Buffer.from(formatMembership({ ...membership, version }), "utf8");
}

/** For the log. */
export function describeConfiguration({ version, servers }: Membership): string {
  return `version ${hex0x(version)} with servers ${servers.map(({ sid }) => sid).join(",")}`;
}

/** What Java makes of the server., group. and weight. lines. */
export function verifierOf(membership: Membership): QuorumVerifier {
  const voters = participants(membership).map(({ sid }) => sid);
  const { hierarchy } = membership;
  if (hierarchy === undefined) return new MajorityVerifier(voters);
  return new HierarchicalVerifier(voters, hierarchy);
}
