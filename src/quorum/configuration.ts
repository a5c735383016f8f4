// A configuration as the quorum's machines see it: who may decide, and where everybody is. Java: QuorumVerifier with its
// members, QuorumPeer.QuorumServer.
//
// It never changes: a reconfig makes another one, whose version is the zxid of the reconfig. So two with one version are one.

import { formatMembership, type Membership, participants } from "../config/membership.js";
import type { ServerSpec } from "../config/server-spec.js";
import type { Sid, Zxid } from "../wire/ids.js";
import { HierarchicalVerifier, MajorityVerifier, type QuorumVerifier } from "./verifier.js";

export class Configuration {
  readonly membership: Membership;
  readonly verifier: QuorumVerifier;
  /** As NEWLEADER, notifications, /zookeeper/config and dynamic files carry it. */
  readonly text: string;

  constructor(membership: Membership, verifier: QuorumVerifier = verifierOf(membership)) {
    this.membership = membership;
    this.verifier = verifier;
    this.text = formatMembership(membership);
  }

  get version(): Zxid {
    return this.membership.version;
  }

  serverOf(sid: Sid): ServerSpec | undefined {
    return this.membership.servers.find((server) => server.sid === sid);
  }

  isObserver(sid: Sid): boolean {
    return this.serverOf(sid)?.role === "observer";
  }

  isVoter(sid: Sid): boolean {
    return this.verifier.votingMembers.has(sid);
  }

  /** The same members under another version: what the first leader of a static configuration makes of it. */
  withVersion(version: Zxid): Configuration {
    return new Configuration({ ...this.membership, version }, this.verifier);
  }

  /** Java: QuorumMaj.equals, which takes the members and their addresses for the configuration. */
  hasSameMembersAs(other: Configuration): boolean {
    const text = ({ membership }: Configuration) =>
      formatMembership({ ...membership, version: 0 as Zxid });
    return this.version === other.version || text(this) === text(other);
  }
}

/** Where it listens for learners. */
export function leaderAddress(server: ServerSpec | undefined): string | undefined {
  return server?.addresses.map(({ host, quorumPort }) => `${host}:${quorumPort}`).join("|");
}

/** What Java makes of the server., group. and weight. lines. */
export function verifierOf(membership: Membership): QuorumVerifier {
  const voters = participants(membership).map(({ sid }) => sid);
  const { hierarchy } = membership;
  if (hierarchy === undefined) return new MajorityVerifier(voters);
  return new HierarchicalVerifier(voters, hierarchy);
}
