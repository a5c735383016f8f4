// The words of the notebooks in test/transcripts/election: see the README there.

import {
  type Elected,
  type ElectionEffects,
  FastLeaderElection,
  type Outgoing,
} from "../../src/election/fast-leader-election.js";
import { type Candidate, type Notification, PeerState } from "../../src/election/vote.js";
import { HierarchicalVerifier, MajorityVerifier } from "../../src/quorum/verifier.js";
import { counterOf, epochOf, makeZxid, type Sid, type Zxid } from "../../src/wire/ids.js";

const SETTINGS = { minNotificationIntervalMs: 200, maxNotificationIntervalMs: 60_000 };
const STATES = ["looking", "following", "leading", "observing"] as const;

interface Voter {
  readonly election: FastLeaderElection;
  zxid: Zxid;
  epoch: number;
  isUp: boolean;
  elected: Elected | undefined;
}

function zxidText(zxid: Zxid): string {
  return zxid < 0 ? "-1" : `(${epochOf(zxid)},${counterOf(zxid)})`;
}

function zxidOf(text: string): Zxid {
  if (text === "-1") return -1 as Zxid;
  const [epoch, counter] = text.slice(1, -1).split(",").map(Number);
  return makeZxid(epoch!, counter!);
}

function voteText({ leader, zxid, peerEpoch }: Candidate, round: number): string {
  if (leader < 0) return `nobody, round ${round}`;
  return `${leader} with epoch ${peerEpoch}, zxid ${zxidText(zxid)}, round ${round}`;
}

export class ElectionNotebook {
  #voters = new Map<Sid, Voter>();
  #inFlight: { readonly to: Sid; readonly heard: Notification }[] = [];
  #lines: string[] = [];

  run(command: string): string {
    this.#lines = [];
    const [verb, ...words] = command.split(/\s+/);
    switch (verb) {
      case "ensemble":
        this.#ensemble(words);
        break;
      case "has":
        this.#has(this.#voter(words[0]!), words.slice(1));
        break;
      case "start":
        for (const word of words) this.#start(Number(word) as Sid);
        break;
      case "stop":
        for (const word of words) this.#stop(Number(word) as Sid);
        break;
      case "hear":
        this.#hear(words);
        break;
      case "settle":
        while (this.#inFlight.length > 0) this.#deliver();
        break;
      case "lose":
        this.#inFlight = this.#inFlight.filter(({ to }) => !words.includes(String(to)));
        break;
      case "timer":
        for (const word of words) {
          const sid = Number(word) as Sid;
          this.#took(sid, this.#voter(word).election.timeout(true));
        }
        break;
      default:
        throw new Error(`"${verb}" is not a word of this notebook`);
    }
    return this.#lines.length === 0 ? "nothing" : this.#lines.join("\n");
  }

  #voter(word: string): Voter {
    const voter = this.#voters.get(Number(word) as Sid);
    if (voter === undefined) throw new Error(`there is no server ${word}`);
    return voter;
  }

  /** ensemble 3 [observers=1] [weights=1,1,0] */
  #ensemble([count, ...options]: string[]): void {
    const given = new Map(options.map((option) => option.split("=") as [string, string]));
    const voting = Array.from({ length: Number(count) }, (_, i) => (i + 1) as Sid);
    const weights = given.get("weights")?.split(",").map(Number);
    const verifier =
      weights === undefined
        ? new MajorityVerifier(voting)
        : new HierarchicalVerifier(voting, {
            groups: voting.map((sid) => ({ sid, group: 1 })),
            weights: voting.map((sid, i) => ({ sid, weight: weights[i]! })),
          });
    const all = Number(count) + Number(given.get("observers") ?? 0);
    for (let sid = 1; sid <= all; sid++) {
      this.#voters.set(sid as Sid, {
        election: new FastLeaderElection(sid as Sid, verifier, SETTINGS),
        zxid: 0 as Zxid,
        epoch: 0,
        isUp: false,
        elected: undefined,
      });
    }
  }

  /** has 1 (1,5) [epoch=1] */
  #has(voter: Voter, [zxid, epoch]: string[]): void {
    voter.zxid = zxidOf(zxid!);
    voter.epoch = epoch === undefined ? Math.max(0, epochOf(voter.zxid)) : Number(epoch.slice(6));
    this.#lines.push("so be it");
  }

  #start(sid: Sid): void {
    const voter = this.#voters.get(sid)!;
    voter.isUp = true;
    voter.elected = undefined;
    this.#took(sid, voter.election.start({ zxid: voter.zxid, peerEpoch: voter.epoch }));
  }

  #stop(sid: Sid): void {
    const voter = this.#voters.get(sid)!;
    voter.isUp = false;
    voter.elected = undefined;
    this.#inFlight = this.#inFlight.filter(({ to }) => to !== sid);
  }

  /** hear 3 from 2 leading 2 epoch=4 zxid=(3,9) round=7: a message out of nowhere. */
  #hear([to, , from, state, leader, ...rest]: string[]): void {
    const given = new Map(rest.map((option) => option.split("=") as [string, string]));
    this.#inFlight.unshift({
      to: Number(to) as Sid,
      heard: {
        from: Number(from) as Sid,
        state: PeerState[state as keyof typeof PeerState],
        leader: Number(leader) as Sid,
        peerEpoch: Number(given.get("epoch") ?? 0),
        zxid: zxidOf(given.get("zxid") ?? "(0,0)"),
        round: Number(given.get("round") ?? 1),
        version: Number(given.get("version") ?? 2),
        config: undefined,
      },
    });
    this.#deliver();
  }

  #deliver(): void {
    const { to, heard } = this.#inFlight.shift()!;
    const voter = this.#voters.get(to)!;
    if (!voter.isUp) return;
    if (voter.elected === undefined) {
      this.#took(to, voter.election.receive(heard));
    } else if (heard.state === PeerState.looking) {
      // What a settled member answers to one that looks (Java: WorkerReceiver; here src/member/member.ts).
      const { round, ...vote } = voter.elected;
      const state = vote.leader === to ? PeerState.leading : PeerState.following;
      this.#sent(to, { ...vote, round, state, to: heard.from });
    }
  }

  #took(sid: Sid, { sendNow, elected }: ElectionEffects): void {
    const [first] = sendNow;
    if (first !== undefined) {
      const to = sendNow.map((one) => one.to).join(", ");
      this.#lines.push(
        `${sid} → ${to}  ${STATES[first.state]}, for ${voteText(first, first.round)}`,
      );
      for (const outgoing of sendNow) this.#inFlight.push(flight(sid, outgoing));
    }
    if (elected === undefined) return;
    this.#voters.get(sid)!.elected = elected;
    const role = elected.leader === sid ? "leads" : `follows ${elected.leader}`;
    this.#lines.push(`${sid} ${role}`);
  }

  #sent(from: Sid, outgoing: Outgoing): void {
    const { to, state, round } = outgoing;
    this.#lines.push(`${from} → ${to}  ${STATES[state]}: ${voteText(outgoing, round)}`);
    this.#inFlight.push(flight(from, outgoing));
  }
}

function flight(from: Sid, { to, ...rest }: Outgoing): { to: Sid; heard: Notification } {
  return { to, heard: { ...rest, from, version: 2, config: undefined } };
}
