// Znodes that do not stay for ever: those of sessions, containers, and those with a time to live. Java: DataTree.ephemerals,
// containers, ttls.
//
// As in Java, a session whose last ephemeral node is gone stays in the table until it is closed: `dump` shows it.

import type { SessionId } from "../wire/ids.js";
import { NodeKind } from "./ephemeral-type.js";

const NO_PATHS: ReadonlySet<string> = new Set();

export class OwnedNodes {
  readonly containers = new Set<string>();
  readonly ttls = new Set<string>();
  readonly #ephemerals = new Map<SessionId, Set<string>>();
  #ephemeralCount = 0;

  get ephemeralCount(): number {
    return this.#ephemeralCount;
  }

  ephemeralsOf(session: SessionId): ReadonlySet<string> {
    return this.#ephemerals.get(session) ?? NO_PATHS;
  }

  bySession(): ReadonlyMap<SessionId, ReadonlySet<string>> {
    return this.#ephemerals;
  }

  add(path: string, kind: NodeKind, owner: bigint): void {
    if (kind === NodeKind.container) this.containers.add(path);
    else if (kind === NodeKind.ttl) this.ttls.add(path);
    else if (kind === NodeKind.ephemeral) this.#addEphemeral(path, owner as SessionId);
  }

  remove(path: string, kind: NodeKind, owner: bigint): void {
    if (kind === NodeKind.container) this.containers.delete(path);
    else if (kind === NodeKind.ttl) this.ttls.delete(path);
    else if (kind === NodeKind.ephemeral) {
      if (this.#ephemerals.get(owner as SessionId)?.delete(path) === true) this.#ephemeralCount--;
    }
  }

  /** The session is closed: its paths are no longer anybody's. */
  takeSession(session: SessionId): Set<string> {
    const paths = this.#ephemerals.get(session);
    if (paths === undefined) return new Set();
    this.#ephemerals.delete(session);
    this.#ephemeralCount -= paths.size;
    return paths;
  }

  #addEphemeral(path: string, session: SessionId): void {
    let paths = this.#ephemerals.get(session);
    if (paths === undefined) {
      paths = new Set();
      this.#ephemerals.set(session, paths);
    }
    paths.add(path);
    this.#ephemeralCount++;
  }
}
