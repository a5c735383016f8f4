// What makes a quorum of an ensemble, once more and as simply as can be, from the text of its configuration. It shares nothing
// with src/config/membership.ts and src/quorum/verifier.ts, so that both would have to be wrong in the same way.

import { decodeTxnRecord } from "../../src/operations/transactions.js";
import { OpCode } from "../../src/wire/op-codes.js";
import type { SetDataTxn } from "../../src/wire/records.js";

export interface MemberLine {
  readonly sid: number;
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
  readonly isVoter: boolean;
}

export class QuorumRule {
  readonly text: string;
  readonly servers: ReadonlyMap<number, MemberLine>;
  readonly voters: readonly number[];
  readonly #groupOf = new Map<number, number>();
  readonly #weights = new Map<number, number>();

  /** The lines of a dynamic file, or those of zoo.cfg that name members. */
  constructor(text: string) {
    this.text = text;
    const servers = new Map<number, MemberLine>();
    for (const line of text.split("\n")) {
      const [, key = "", number = "", value = ""] = /^(\w+)\.(\d+)=(.*)$/.exec(line.trim()) ?? [];
      if (key === "server") servers.set(Number(number), memberOf(Number(number), value));
      else if (key === "weight") this.#weights.set(Number(number), Number(value));
      else if (key === "group") {
        for (const sid of value.split(":")) this.#groupOf.set(Number(sid), Number(number));
      }
    }
    this.servers = servers;
    this.voters = [...servers.values()].filter(({ isVoter }) => isVoter).map(({ sid }) => sid);
  }

  get hasGroups(): boolean {
    return this.#groupOf.size > 0;
  }

  /** More than half of the voters; with groups, more than half of the weight in more than half of the groups that weigh anything. */
  isQuorum(holders: Iterable<number>): boolean {
    const held = new Set(holders);
    if (!this.hasGroups) {
      return this.voters.filter((sid) => held.has(sid)).length > this.voters.length / 2;
    }
    const groups = [...new Set(this.#groupOf.values())].filter((group) => this.#weigh(group) > 0);
    const won = groups.filter((group) => this.#weigh(group, held) > this.#weigh(group) / 2);
    return won.length > groups.length / 2;
  }

  /** Of these, or of all of its members. */
  #weigh(group: number, of?: ReadonlySet<number>): number {
    let weight = 0;
    for (const sid of this.voters) {
      if (this.#groupOf.get(sid) !== group || of?.has(sid) === false) continue;
      weight += this.#weights.get(sid) ?? 1;
    }
    return weight;
  }
}

function memberOf(sid: number, value: string): MemberLine {
  const [host = "", quorumPort, electionPort, role] = (value.split(";")[0] as string).split(":");
  return {
    sid,
    host,
    quorumPort: Number(quorumPort),
    electionPort: Number(electionPort),
    isVoter: role !== "observer",
  };
}

/** In a txn's header: after clientId, cxid, zxid and time. */
const TYPE_POSITION = 28;

/** Of a txn as it is logged: what it is to make of the members. */
export function ruleIn(bytes: Buffer): QuorumRule | undefined {
  if (bytes.readInt32BE(TYPE_POSITION) !== OpCode.reconfig) return undefined;
  const { data } = decodeTxnRecord(bytes).txn as SetDataTxn;
  return new QuorumRule(String(data));
}
