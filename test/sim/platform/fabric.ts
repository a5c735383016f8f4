// The simulated network between machines: addresses, names, and the rules by which packets fare.
//
// Rules are what a test changes during a run: block a direction, slow it down, refuse or ignore new connections, for all
// traffic between two machines or for one server port only (clients, quorum and election are cut off one by one). A rule
// counts from the moment it is added until its `heal`.
//
// TCP hides what a rule does: bytes are late, never lost or reordered. Only when nothing gets through for
// `retransmitLimitMs` does the sender's kernel give the connection up.

import type { SimListener } from "./listener.js";
import type { Range, SeededRandom } from "./random.js";
import type { Scheduler } from "./scheduler.js";

export interface NetworkSettings {
  /** One way, between machines. */
  readonly delayMs: Range;
  /** Bytes that both kernels together take over before a writer has to wait. */
  readonly bufferBytes: number;
  /** How often a piece is cut in two on its way, and each rest again. */
  readonly cutProbability: number;
  /** After so long without a sign of life a sender gives up (ETIMEDOUT). */
  readonly retransmitLimitMs: number;
  /** The longest wait between two attempts to send again: how late a healed connection notices. */
  readonly retransmitMaxMs: number;
}

export const DEFAULT_NETWORK: NetworkSettings = {
  delayMs: [0.05, 1],
  bufferBytes: 128 * 1024,
  cutProbability: 0.1,
  retransmitLimitMs: 120_000,
  retransmitMaxMs: 2_000,
};

/** What a rule is about; what is left out means any. */
export interface Route {
  /** Names of machines. */
  readonly from?: string | readonly string[];
  readonly to?: string | readonly string[];
  /** The listening side's port, in whichever direction the bytes go. */
  readonly port?: number;
}

export interface Treatment {
  /** Nothing gets through, and nobody is told. */
  readonly block?: boolean;
  readonly delayMs?: Range;
  /** Instead of the network's. */
  readonly cutProbability?: number;
  /** Connection attempts are answered with a reset (ECONNREFUSED). */
  readonly refuse?: boolean;
  /** Connection attempts get no answer: the accept queue is full. */
  readonly ignoreAttempts?: boolean;
}

export interface Rule {
  heal(): void;
}

/** What the network knows of a machine. */
export interface Machine {
  readonly name: string;
  readonly number: number;
  address: string;
  isPoweredOn: boolean;
  readonly listeners: Set<SimListener>;
}

/** One end of a connection, for whoever looks on or cuts in. */
export interface ConnectionEnd {
  readonly machine: Machine;
  readonly localPort: number;
  readonly remotePort: number;
  readonly isGone: boolean;
  /** Somebody on the way has forgotten this connection: nothing gets through any more, and neither end is told. */
  isForgotten: boolean;
  fail(code: string): void;
}

/** A direction of a connection that waits for a rule to go. */
export interface Stalled {
  rulesChanged(): void;
}

interface ActiveRule {
  readonly from: ReadonlySet<string> | undefined;
  readonly to: ReadonlySet<string> | undefined;
  readonly port: number | undefined;
  readonly treatment: Treatment;
}

const LOOPBACK_DELAY_MS: Range = [0.005, 0.03];

export class Fabric {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly settings: NetworkSettings;
  readonly stalled = new Set<Stalled>();
  /** Sees what a process hands to its kernel, when it does. The bytes must not be kept. */
  tap: ((from: ConnectionEnd, to: Machine, bytes: Uint8Array) => void) | undefined;
  readonly #connections = new Set<readonly [ConnectionEnd, ConnectionEnd]>();
  readonly #machines: Machine[] = [];
  readonly #names = new Map<string, readonly string[]>();
  readonly #reverseNames = new Map<string, string>();
  readonly #rules = new Set<ActiveRule>();

  constructor(scheduler: Scheduler, random: SeededRandom, settings: NetworkSettings) {
    this.scheduler = scheduler;
    this.random = random;
    this.settings = settings;
  }

  addMachine(machine: Machine): void {
    this.#machines.push(machine);
  }

  machineAt(address: string): Machine | undefined {
    return this.#machines.find((machine) => machine.address === address);
  }

  /** What a name leads to from now on, on every machine. Without addresses it cannot be resolved. */
  setName(name: string, addresses: readonly string[]): void {
    this.#names.set(name, addresses);
  }

  /** Undefined: no such name. */
  lookUp(host: string): readonly string[] | undefined {
    const set = this.#names.get(host);
    if (set !== undefined) return set.length > 0 ? set : undefined;
    if (host === "localhost") return ["127.0.0.1"];
    if (isAddress(host)) return [host];
    const machine = this.#machines.find((candidate) => candidate.name === host);
    return machine === undefined ? undefined : [machine.address];
  }

  /** What DNS says of an address, whatever the name leads to. */
  setReverseName(address: string, name: string): void {
    this.#reverseNames.set(address, name);
  }

  namesOf(address: string): string[] {
    const set = this.#reverseNames.get(address);
    if (set !== undefined) return [set];
    if (address.startsWith("127.")) return ["localhost"];
    return this.#machines.filter((one) => one.address === address).map((one) => one.name);
  }

  addRule(route: Route, treatment: Treatment): Rule {
    const rule = {
      from: nameSet(route.from),
      to: nameSet(route.to),
      port: route.port,
      treatment,
    };
    this.#rules.add(rule);
    this.rulesChanged();
    return {
      heal: () => {
        this.#rules.delete(rule);
        this.rulesChanged();
      },
    };
  }

  /** Both ways between the two groups. */
  partition(a: readonly string[], b: readonly string[], port?: number): Rule {
    const only = port === undefined ? {} : { port };
    const there = this.addRule({ from: a, to: b, ...only }, { block: true });
    const back = this.addRule({ from: b, to: a, ...only }, { block: true });
    return {
      heal: () => {
        there.heal();
        back.heal();
      },
    };
  }

  connected(one: ConnectionEnd, other: ConnectionEnd): void {
    this.#connections.add([one, other]);
  }

  /** Resets every connection for which `isMeant`: both ends hear of it, each in its own time. How many there were. */
  reset(isMeant: (a: ConnectionEnd, b: ConnectionEnd) => boolean): number {
    let count = 0;
    for (const pair of this.#connections) {
      const [a, b] = pair;
      if (a.isGone && b.isGone) this.#connections.delete(pair);
      else if (isMeant(a, b)) {
        count++;
        this.#connections.delete(pair);
        for (const end of pair) {
          const delayMs = this.random.between(this.settings.delayMs);
          this.scheduler.after(delayMs, "reset", end.machine.number, () => end.fail("ECONNRESET"));
        }
      }
    }
    return count;
  }

  /** A firewall on the way loses its memory: these connections are half open, new ones are not concerned. */
  forget(isMeant: (a: ConnectionEnd, b: ConnectionEnd) => boolean): number {
    let count = 0;
    for (const pair of this.#connections) {
      const [a, b] = pair;
      if (a.isGone && b.isGone) this.#connections.delete(pair);
      else if (isMeant(a, b)) {
        count++;
        a.isForgotten = true;
        b.isForgotten = true;
      }
    }
    return count;
  }

  healAll(): void {
    this.#rules.clear();
    this.rulesChanged();
  }

  /** Also called when a machine is switched on or off. */
  rulesChanged(): void {
    for (const direction of [...this.stalled]) direction.rulesChanged();
  }

  isBlocked(from: Machine, to: Machine, port: number): boolean {
    if (!from.isPoweredOn || !to.isPoweredOn) return true;
    if (from === to) return false;
    return this.#isTreated(from, to, port, "block");
  }

  isRefused(from: Machine, to: Machine, port: number): boolean {
    return this.#isTreated(from, to, port, "refuse");
  }

  isIgnored(from: Machine, to: Machine, port: number): boolean {
    return this.#isTreated(from, to, port, "ignoreAttempts");
  }

  delayMs(from: Machine, to: Machine, port: number): number {
    let range = from === to ? LOOPBACK_DELAY_MS : this.settings.delayMs;
    for (const rule of this.#rules) {
      if (rule.treatment.delayMs !== undefined && applies(rule, from, to, port)) {
        range = rule.treatment.delayMs;
      }
    }
    return this.random.between(range);
  }

  /** How often a piece is cut in two. */
  cutProbability(from: Machine, to: Machine, port: number): number {
    let { cutProbability } = this.settings;
    for (const rule of this.#rules) {
      const treated = rule.treatment.cutProbability;
      if (treated !== undefined && applies(rule, from, to, port)) cutProbability = treated;
    }
    return cutProbability;
  }

  #isTreated(
    from: Machine,
    to: Machine,
    port: number,
    what: "block" | "refuse" | "ignoreAttempts",
  ): boolean {
    for (const rule of this.#rules) {
      if (rule.treatment[what] === true && applies(rule, from, to, port)) return true;
    }
    return false;
  }
}

function applies(rule: ActiveRule, from: Machine, to: Machine, port: number): boolean {
  if (rule.port !== undefined && rule.port !== port) return false;
  if (rule.from !== undefined && !rule.from.has(from.name)) return false;
  return rule.to === undefined || rule.to.has(to.name);
}

function nameSet(names: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (names === undefined) return undefined;
  return new Set(typeof names === "string" ? [names] : names);
}

function isAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(":");
}
