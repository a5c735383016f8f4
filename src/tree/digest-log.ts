// What the tree remembers of its digests: the last one, one of every 128 txns for the `hash` command, and what a loaded
// snapshot said its digest would be. Java: the digest half of DataTree.
//
// A fuzzy snapshot (Java's) holds some txns beyond its zxid already; the digest at its end is that of a later zxid, and
// until replay has come there, digests can neither be compared nor recorded.

import type { Zxid } from "../wire/ids.js";
import { type AdHash, DIGEST_VERSION } from "./digest.js";
import type { ZxidDigest } from "./snapshot.js";

const LOG_LIMIT = 1024;
/** In hexadecimal 80: easy to align between servers. */
const LOG_INTERVAL = 128;

/** The tree is not what the leader, the log or the snapshot says it must be. */
export interface DigestMismatch {
  readonly zxid: Zxid;
  readonly expected: bigint;
  readonly actual: bigint;
  /** Whether it is the first one of this tree, which deserves a line of its own. */
  readonly first: boolean;
}

export class DigestLog {
  /**
   * The tree may hold changes of later txns already (a snapshot from a leader that went on writing): nothing is compared or
   * recorded. Java does both, and its `hash` shows other digests than the other members'.
   */
  isUncertain = false;
  readonly #entries: ZxidDigest[] = [];
  readonly #mismatch: ((mismatch: DigestMismatch) => void) | undefined;
  #expected: ZxidDigest | undefined;
  #mismatches = 0;

  constructor(mismatch: ((mismatch: DigestMismatch) => void) | undefined) {
    this.#mismatch = mismatch;
  }

  /** Every 128th txn's, oldest first. */
  get entries(): readonly ZxidDigest[] {
    return this.#entries;
  }

  get mismatchCount(): number {
    return this.#mismatches;
  }

  /** The digest that a fuzzy snapshot promises for a zxid that replay has not reached. */
  get expected(): ZxidDigest | undefined {
    return this.#expected;
  }

  /** A snapshot was loaded: either what it says can be checked now, or replay has to come to its zxid first. */
  loaded(lastZxid: Zxid, digest: ZxidDigest | undefined, actual: AdHash): void {
    this.#expected = undefined;
    if (digest === undefined || digest.zxid <= 0 || digest.version !== DIGEST_VERSION) return;
    if (digest.zxid > lastZxid) this.#expected = digest;
    else if (digest.zxid === lastZxid) this.#compare(lastZxid, digest.digest, actual);
    // Below: the snapshot was taken at the start of an epoch, after this digest's zxid. Nothing to compare with.
  }

  /** A whole txn has been applied. */
  applied(zxid: Zxid, actual: AdHash): void {
    const expected = this.#expected;
    if (expected !== undefined) {
      if (zxid < expected.zxid) return;
      this.#expected = undefined;
      // Past it without having met it: its txn is not in the log, and the state is no longer fuzzy.
      if (zxid === expected.zxid) this.#compare(zxid, expected.digest, actual);
    }
    // As a remainder, without one: zxids are too large for the processor's.
    if (this.isUncertain || (zxid & (LOG_INTERVAL - 1)) !== 0) return;
    this.#entries.push({ zxid, version: DIGEST_VERSION, digest: actual.toBigInt() });
    if (this.#entries.length > LOG_LIMIT) this.#entries.shift();
  }

  /** Compares with what a txn carries. False: the tree is not what it must be. */
  compare(zxid: Zxid, version: number, expected: bigint, actual: AdHash): boolean {
    if (this.isUncertain || this.#expected !== undefined) return true;
    if (version !== DIGEST_VERSION) return true;
    return this.#compare(zxid, expected, actual);
  }

  #compare(zxid: Zxid, expected: bigint, actual: AdHash): boolean {
    if (actual.equalsBigInt(expected)) return true;
    this.#mismatches++;
    const first = this.#mismatches === 1;
    this.#mismatch?.({ zxid, expected, actual: actual.toBigInt(), first });
    return false;
  }
}
