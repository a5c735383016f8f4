// What can go wrong with a simulated disk, as rules that a test injects and takes back.

export type DiskOperation =
  | "readDirectory"
  | "stat"
  | "read"
  | "makeDirectories"
  | "create"
  | "open"
  | "write"
  | "sync"
  | "truncate"
  | "close"
  | "rename"
  | "remove"
  | "syncDirectory";

export interface DiskFault {
  /** Left out: any. */
  readonly operation?: DiskOperation | readonly DiskOperation[];
  /** Tested against the path; for a rename against the old one. */
  readonly path?: RegExp;
  /** Calls that match and still go well before the first that does not. */
  readonly skip?: number;
  /** How many calls go wrong; 1 by default, Infinity for good. */
  readonly times?: number;
  /** EIO, ENOSPC, EROFS … The call fails with it. Left out: the call says that it went well. */
  readonly code?: string;
  /**
   * What the call does all the same:
   *  - "nothing" (default): nothing.
   *  - "part": a write leaves a first part of its bytes behind; a sync makes nothing durable but the cache stays queued.
   *  - "pages dropped": a sync fails once, what was queued will never be durable, and the next sync says all is well.
   *  - "all": it does everything, and then fails.
   */
  readonly effect?: "nothing" | "part" | "pages dropped" | "all";
  /** Takes this much longer. With neither code nor effect the call is only slow. */
  readonly delayMs?: number;
}

export interface InjectedFault {
  /** Calls that went wrong because of it. */
  readonly hits: number;
  remove(): void;
}

class ActiveFault implements InjectedFault {
  readonly fault: DiskFault;
  hits = 0;
  #skip: number;
  readonly #faults: Set<ActiveFault>;

  constructor(fault: DiskFault, faults: Set<ActiveFault>) {
    this.fault = fault;
    this.#skip = fault.skip ?? 0;
    this.#faults = faults;
  }

  strikes(operation: DiskOperation, path: string): boolean {
    const wanted = this.fault.operation;
    const isMeant =
      wanted === undefined ||
      (typeof wanted === "string" ? wanted === operation : wanted.includes(operation));
    if (!isMeant || this.fault.path?.test(path) === false) return false;
    if (this.#skip > 0) {
      this.#skip -= 1;
      return false;
    }
    this.hits += 1;
    if (this.hits >= (this.fault.times ?? 1)) this.remove();
    return true;
  }

  remove(): void {
    this.#faults.delete(this);
  }
}

export class DiskFaults {
  readonly #active = new Set<ActiveFault>();

  inject(fault: DiskFault): InjectedFault {
    const active = new ActiveFault(fault, this.#active);
    this.#active.add(active);
    return active;
  }

  clear(): void {
    this.#active.clear();
  }

  /** The fault that strikes this call; the one injected first wins. */
  next(operation: DiskOperation, path: string): DiskFault | undefined {
    for (const active of this.#active) {
      if (active.strikes(operation, path)) return active.fault;
    }
    return undefined;
  }
}
