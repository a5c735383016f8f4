// ssl.crl: whether a certificate, or one above it, was revoked, by the lists that the certificates themselves name. Java:
// PKIXRevocationChecker with PREFER_CRLS and NO_FALLBACK.
//
// As in Java what cannot be found out counts as revoked: a certificate that names no list, a list that cannot be fetched, is out of
// date or is not signed by the certificate's issuer. Lists are kept for ten minutes, or until they are out of date.

import { REVOCATION_LIST_MAX_BYTES, REVOCATION_LISTS_MAX } from "../limits.js";
import type { Logger, Platform, TlsFacts } from "../platform/platform.js";
import { X509Certificate } from "../platform/pure-node.js";
import { type Revocability, revocabilityOf } from "./certificate.js";
import { fetchList } from "./fetch-list.js";
import { type RevocationList, readRevocationList } from "./revocation-list.js";

const KEPT_MS = 10 * 60_000;

interface Kept {
  readonly list: RevocationList;
  readonly untilMs: number;
}

type Decide = (error: Error | undefined) => void;

export class RevocationCheck {
  readonly #platform: Pick<Platform, "clock" | "disk" | "network">;
  readonly #log: Logger;
  readonly #kept = new Map<string, Kept>();
  /** Lists that are being fetched, and who waits for them. */
  readonly #waiting = new Map<string, ((result: RevocationList | Error) => void)[]>();

  constructor(platform: Pick<Platform, "clock" | "disk" | "network">, log: Logger) {
    this.#platform = platform;
    this.#log = log;
  }

  /** `decide` is called once, within the call or later. */
  check({ peerCertificates }: TlsFacts, decide: Decide): void {
    this.#checkFrom(peerCertificates, 0, decide);
  }

  #checkFrom(chain: readonly Buffer[], at: number, decide: Decide): void {
    const own = chain[at];
    if (own === undefined) {
      decide(undefined);
      return;
    }
    let facts: Revocability;
    try {
      facts = revocabilityOf(own);
    } catch (error) {
      decide(error as Error);
      return;
    }
    // What is at the top is trusted because it is in the trust store.
    if (facts.issuer.equals(facts.subject)) {
      decide(undefined);
      return;
    }
    const above = chain[at + 1];
    if (above === undefined) {
      decide(undetermined("its issuer's certificate is not at hand"));
      return;
    }
    this.#ask(facts, above, facts.listUrls, undetermined("it names no list"), (error) => {
      if (error !== undefined) decide(error);
      else this.#checkFrom(chain, at + 1, decide);
    });
  }

  /** One list after the other, until one can be relied on. */
  #ask(
    facts: Revocability,
    above: Buffer,
    urls: readonly string[],
    why: Error,
    decide: Decide,
  ): void {
    const [url, ...others] = urls;
    if (url === undefined) {
      decide(why);
      return;
    }
    this.#listAt(url, (result) => {
      const error = result instanceof Error ? result : this.#fault(result, facts, above);
      if (error !== undefined) {
        const next = undetermined(`"${url}": ${error.message}`);
        this.#ask(facts, above, others, next, decide);
      } else {
        const isRevoked = (result as RevocationList).revoked.has(facts.serial);
        decide(isRevoked ? new Error("its certificate has been revoked") : undefined);
      }
    });
  }

  #fault(list: RevocationList, facts: Revocability, above: Buffer): Error | undefined {
    if (!list.issuer.equals(facts.issuer)) return new Error("the list is of another issuer");
    try {
      const { publicKey } = new X509Certificate(above);
      return list.isSignedBy(publicKey) ? undefined : new Error("the list's signature is wrong");
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #listAt(url: string, done: (result: RevocationList | Error) => void): void {
    const nowMs = this.#platform.clock.wallMs();
    const kept = this.#kept.get(url);
    if (kept !== undefined && kept.untilMs > nowMs) {
      done(kept.list);
      return;
    }
    const waiting = this.#waiting.get(url);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(url, [done]);
    fetchList(this.#platform, url, REVOCATION_LIST_MAX_BYTES, (error, bytes) => {
      const result = error ?? this.#keep(url, bytes as Buffer);
      if (result instanceof Error) this.#log.warn(`Revocation list "${url}": ${result.message}`);
      const all = this.#waiting.get(url) ?? [];
      this.#waiting.delete(url);
      for (const one of all) one(result);
    });
  }

  #keep(url: string, bytes: Buffer): RevocationList | Error {
    const nowMs = this.#platform.clock.wallMs();
    let list: RevocationList;
    try {
      list = readRevocationList(bytes);
    } catch (error) {
      return error as Error;
    }
    if (list.nextUpdateMs !== undefined && list.nextUpdateMs <= nowMs) {
      return new Error("the list is out of date");
    }
    if (this.#kept.size >= REVOCATION_LISTS_MAX) this.#kept.clear();
    const untilMs = Math.min(nowMs + KEPT_MS, list.nextUpdateMs ?? Number.POSITIVE_INFINITY);
    this.#kept.set(url, { list, untilMs });
    return list;
  }
}

function undetermined(why: string): Error {
  return new Error(`Could not determine revocation status of its certificate: ${why}`);
}
