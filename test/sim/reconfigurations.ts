// The members of the ensemble change while everything else goes wrong: an operator who asks for another configuration now
// and then, through any client, and does not wait until all is well.
//
// What is asked for is drawn from the configuration in force: one server leaves or comes or changes its role or its ports,
// or all are named anew, with groups perhaps. Two things the operator never does, because nobody could mend them from within:
// take out the anchor, one member that everybody has known from the first day (who was away while all others were replaced
// would find nobody), and let those decide who have lost what they had.

import type { Ensemble, SimMember } from "./ensemble.js";
import { CLIENT_PORT, ELECTION_PORT, movedPort, QUORUM_PORT } from "./ensemble.js";
import type { Operation } from "./operation-record.js";
import type { RunOptions } from "./options.js";
import type { SeededRandom } from "./platform/random.js";
import { QuorumRule } from "./quorum-rule.js";

export type Reconfig = Extract<Operation, { kind: "reconfig" }>;

export interface ReconfigOptions {
  readonly spares: number;
  readonly spareRole: "participant" | "observer";
  readonly spareIsInitialized: boolean;
  /** Never leaves. */
  readonly anchor: number;
  /** Whose ports may change. */
  readonly mover: number | undefined;
  /** How often all are named anew. */
  readonly anewShare: number;
  /** How often groups are, then. */
  readonly groupShare: number;
}

export class Reconfigurations {
  readonly #ensemble: Ensemble;
  readonly #options: ReconfigOptions;
  readonly #random: SeededRandom;

  constructor(ensemble: Ensemble, { reconfig }: RunOptions) {
    if (reconfig === undefined) throw new Error("This run has no changes of the configuration");
    this.#ensemble = ensemble;
    this.#options = reconfig;
    this.#random = ensemble.world.random.split("reconfig");
  }

  /** Undefined: nothing that makes sense just now. */
  draw(inForce: QuorumRule, mayDecide: (rule: QuorumRule) => boolean): Reconfig | undefined {
    const random = this.#random;
    const members = new Map([...inForce.servers.values()].map((one) => [one.sid, one.isVoter]));
    const isAnew = inForce.hasGroups || random.chance(this.#options.anewShare);
    const leaving = new Set<number>();
    const joining = new Set<number>();
    for (let changes = random.pick([1, 1, 1, 2, 3]); changes > 0; changes--) {
      const { sid } = random.pick(this.#ensemble.members);
      if (members.has(sid) && sid !== this.#options.anchor && random.chance(0.5)) {
        members.delete(sid);
        leaving.add(sid);
        joining.delete(sid);
      } else {
        members.set(sid, random.chance(0.75));
        joining.add(sid);
      }
    }
    const lines = new Map([...members].map(([sid, isVoter]) => [sid, this.#line(sid, isVoter)]));
    const all = [...lines.values(), ...(isAnew ? this.#groups(members) : [])];
    const rule = new QuorumRule(all.join("\n"));
    if (rule.voters.length < 2 || !mayDecide(rule)) return undefined;
    if (isAnew)
      return {
        kind: "reconfig",
        joining: null,
        leaving: null,
        members: all.join(),
        fromVersion: -1,
      };
    return {
      kind: "reconfig",
      joining: joining.size === 0 ? null : [...joining].map((sid) => lines.get(sid)).join(),
      leaving: leaving.size === 0 ? null : [...leaving].join(),
      members: null,
      fromVersion: -1,
    };
  }

  pickClient<T>(clients: readonly T[]): T {
    return this.#random.pick(clients);
  }

  waitMs(everyMs: number): number {
    return -Math.log(1 - this.#random.fraction()) * everyMs;
  }

  #line(sid: number, isVoter: boolean): string {
    const { name } = this.#ensemble.members[sid - 1] as SimMember;
    const port = (first: number): number =>
      sid === this.#options.mover && this.#random.chance(0.5) ? movedPort(first) : first;
    const role = isVoter ? "participant" : "observer";
    return `server.${sid}=${name}:${port(QUORUM_PORT)}:${port(ELECTION_PORT)}:${role};${port(CLIENT_PORT)}`;
  }

  #groups(members: ReadonlyMap<number, boolean>): string[] {
    if (!this.#random.chance(this.#options.groupShare)) return [];
    return drawGroups(
      this.#random,
      [...members].filter(([, isVoter]) => isVoter).map(([sid]) => sid),
    );
  }
}

/** group. and weight. lines: one group or three, most members of weight 1. */
export function drawGroups(random: SeededRandom, voters: readonly number[]): string[] {
  const groups = new Map<number, number[]>();
  const count = voters.length >= 5 && random.chance(0.7) ? 3 : 1;
  const weights: string[] = [];
  for (const [i, sid] of [...voters].sort((a, b) => a - b).entries()) {
    // Each group has a member; the first of each weighs something.
    const group = i < count ? i + 1 : 1 + random.integer(count);
    const weight = i < count ? random.pick([1, 1, 2]) : random.pick([1, 1, 1, 2, 0]);
    groups.set(group, [...(groups.get(group) ?? []), sid]);
    weights.push(`weight.${sid}=${weight}`);
  }
  return [...[...groups].map(([group, sids]) => `group.${group}=${sids.join(":")}`), ...weights];
}
