// What other members say of themselves: their answers to the four-letter word srvr, which every version answers. Asked only
// while somebody looks, of the addresses in the configuration, and of each at most once in INTERVAL_MS, however many look.

import type { HostPort } from "../../config/server-spec.js";
import { PROBE_ANSWER_MAX_BYTES } from "../../limits.js";
import type { Connection, Platform, Timer } from "../../platform/platform.js";

const INTERVAL_MS = 2000;
const TIMEOUT_MS = 1000;

/** Undefined fields were not told. */
export interface MemberAnswer {
  /** leader, follower, observer, read-only, "not serving", unreachable; null: not known yet. */
  readonly state: string | null;
  readonly zxid?: string | undefined;
  /** How many transactions we had applied then that it had not; undefined between epochs. */
  readonly behind?: number | undefined;
  readonly connections?: number | undefined;
  readonly outstanding?: number | undefined;
  readonly version?: string | undefined;
}

interface Asked {
  answer: MemberAnswer;
  askedMs: number;
  cancel: (() => void) | undefined;
}

export class MemberProbe {
  readonly #platform: Platform;
  readonly #ownZxid: () => number;
  readonly #asked = new Map<string, Asked>();

  constructor(platform: Platform, ownZxid: () => number) {
    this.#platform = platform;
    this.#ownZxid = ownZxid;
  }

  /** What is known now; asks anew for the next time. */
  ask(target: HostPort): MemberAnswer {
    const key = `${target.host} ${target.port}`;
    let asked = this.#asked.get(key);
    const nowMs = this.#platform.clock.monotonicMs();
    if (asked === undefined) {
      asked = { answer: { state: null }, askedMs: Number.NEGATIVE_INFINITY, cancel: undefined };
      this.#asked.set(key, asked);
    }
    if (asked.cancel === undefined && nowMs - asked.askedMs >= INTERVAL_MS) {
      asked.askedMs = nowMs;
      this.#start(target, asked);
    }
    return asked.answer;
  }

  stop(): void {
    for (const { cancel } of this.#asked.values()) cancel?.();
    this.#asked.clear();
  }

  #start(target: HostPort, asked: Asked): void {
    const { clock, network } = this.#platform;
    let text = "";
    let timer: Timer | undefined;
    let connection: Connection | undefined;
    let isDone = false;
    const done = (answer: MemberAnswer | undefined) => {
      if (isDone) return;
      isDone = true;
      timer?.cancel();
      attempt?.cancel();
      connection?.destroy();
      asked.cancel = undefined;
      if (answer !== undefined) asked.answer = answer;
    };
    const finished = () =>
      done(text === "" ? { state: "unreachable" } : parse(text, this.#ownZxid()));
    asked.cancel = () => done(undefined);
    timer = clock.setTimer(TIMEOUT_MS, () => done({ state: "unreachable" }));
    const attempt = network.connect(target, { timeoutMs: TIMEOUT_MS }, (error, one) => {
      if (error !== undefined || one === undefined) {
        done({ state: "unreachable" });
        return;
      }
      connection = one;
      one.start({
        onData(chunk) {
          text += chunk.toString("latin1");
          if (text.length > PROBE_ANSWER_MAX_BYTES) finished();
        },
        onDrain() {},
        onEnd: finished,
        onClose: finished,
      });
      one.write(Buffer.from("srvr", "latin1"));
    });
  }
}

function parse(text: string, ownZxid: number): MemberAnswer {
  const value = (name: string) => new RegExp(`^${name}: (.{1,100})$`, "m").exec(text)?.[1];
  const count = (name: string) => {
    const found = value(name);
    return found !== undefined && /^\d{1,15}$/.test(found) ? Number(found) : undefined;
  };
  const mode = value("Mode");
  if (mode === undefined) return { state: "not serving" };
  const zxid = value("Zxid");
  return {
    state: mode,
    zxid,
    behind: zxid === undefined ? undefined : behind(ownZxid, Number(zxid)),
    connections: count("Connections"),
    outstanding: count("Outstanding"),
    version: value("Zookeeper version"),
  };
}

const COUNTERS = 2 ** 32;

function behind(ownZxid: number, zxid: number): number | undefined {
  const isOneEpoch = Math.floor(ownZxid / COUNTERS) === Math.floor(zxid / COUNTERS);
  return isOneEpoch ? ownZxid - zxid : undefined;
}
