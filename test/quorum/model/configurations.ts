// Configurations of the model, and the txns that carry them: `reconfig <zxid> 1,2,3;4` has voters 1 to 3 and the observer 4.

import type { ServerSpec } from "../../../src/config/server-spec.js";
import { parseConfiguration } from "../../../src/member/configuration.js";
import { Configuration } from "../../../src/quorum/configuration.js";
import type { QuorumVerifier } from "../../../src/quorum/verifier.js";
import type { Sid, Zxid } from "../../../src/wire/ids.js";

export function configurationOf(
  version: number,
  voters: readonly number[],
  observers: readonly number[] = [],
  verifier?: QuorumVerifier,
): Configuration {
  const server = (sid: number, role: "participant" | "observer"): ServerSpec => ({
    sid: sid as Sid,
    addresses: [{ host: `zk${sid}`, quorumPort: 2888, electionPort: 3888 }],
    role,
    client: undefined,
    secureClient: undefined,
  });
  const servers = [
    ...voters.map((sid) => server(sid, "participant")),
    ...observers.map((sid) => server(sid, "observer")),
  ].sort((left, right) => left.sid - right.sid);
  return new Configuration({ version: version as Zxid, servers, hierarchy: undefined }, verifier);
}

const RECONFIG = /^reconfig (\d+) ([\d,]*);([\d,]*)$/;

export function reconfigBytes(
  zxid: Zxid,
  voters: readonly number[],
  observers: readonly number[],
): Buffer {
  return Buffer.from(`reconfig ${zxid} ${voters.join(",")};${observers.join(",")}`);
}

/** What a txn makes of the members. */
export function configurationIn(txn: Buffer): Configuration | undefined {
  const found = RECONFIG.exec(txn.toString());
  if (found === null) return undefined;
  const sids = (list: string) => (list === "" ? [] : list.split(",").map(Number));
  return configurationOf(Number(found[1]), sids(found[2]!), sids(found[3]!));
}

export function configurationOfText(text: string): Configuration {
  return parseConfiguration(text, { multiAddressEnabled: false, oraclePath: undefined });
}
