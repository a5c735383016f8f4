// The operations once more, as naively as can be: what the documentation promises, by looking through a plain map. Serves to
// check the real ones against. No ACLs, no quotas, no pending changes: each request is carried out at once or not at all.

import { ErrorCode } from "../../src/wire/error-codes.js";

export interface ModelNode {
  data: string | null;
  version: number;
  aversion: number;
  /** Children ever created. */
  created: number;
  owner: number;
  czxid: number;
  mzxid: number;
  pzxid: number;
}

/** A request in the model's terms. */
export type Deed =
  | {
      readonly verb: "create";
      readonly path: string;
      readonly data: string | null;
      readonly sequential: boolean;
      readonly ephemeral: boolean;
    }
  | { readonly verb: "delete"; readonly path: string; readonly version: number }
  | {
      readonly verb: "set";
      readonly path: string;
      readonly data: string | null;
      readonly version: number;
    }
  | { readonly verb: "setAcl"; readonly path: string; readonly version: number }
  | { readonly verb: "check"; readonly path: string; readonly version: number }
  | { readonly verb: "multi"; readonly parts: readonly Deed[] }
  | { readonly verb: "close" };

export class Model {
  nodes = new Map<string, ModelNode>([["", newNode("", 0, 0)]]);
  closed = new Set<number>();

  /** The code that the client is told, or for a multi one for each part. */
  do(deed: Deed, session: number, zxid: number): ErrorCode | readonly ErrorCode[] {
    if (deed.verb === "close") {
      for (const [path, node] of [...this.nodes]) {
        if (node.owner === session) this.#remove(path, zxid);
      }
      this.closed.add(session);
      return ErrorCode.ok;
    }
    if (deed.verb !== "multi") return this.#one(deed, session, zxid);
    const before = structuredClone(this.nodes);
    const codes: ErrorCode[] = [];
    let failedAt = -1;
    for (const [index, part] of deed.parts.entries()) {
      if (failedAt >= 0) codes.push(ErrorCode.runtimeInconsistency);
      else {
        const code = this.#one(part, session, zxid);
        if (code !== ErrorCode.ok) failedAt = index;
        codes.push(code);
      }
    }
    if (failedAt >= 0) this.nodes = before;
    return codes;
  }

  childCount(path: string): number {
    let count = 0;
    for (const other of this.nodes.keys()) if (other !== "" && parent(other) === path) count++;
    return count;
  }

  #one(deed: Deed, session: number, zxid: number): ErrorCode {
    if (this.closed.has(session)) return ErrorCode.sessionExpired;
    switch (deed.verb) {
      case "create":
        return this.#create(deed, session, zxid);
      case "delete": {
        const node = this.nodes.get(deed.path);
        if (node === undefined) return ErrorCode.noNode;
        if (deed.version !== -1 && deed.version !== node.version) return ErrorCode.badVersion;
        if (this.childCount(deed.path) > 0) return ErrorCode.notEmpty;
        this.#remove(deed.path, zxid);
        return ErrorCode.ok;
      }
      case "set": {
        const node = this.nodes.get(deed.path);
        if (node === undefined) return ErrorCode.noNode;
        if (deed.version !== -1 && deed.version !== node.version) return ErrorCode.badVersion;
        node.version++;
        node.data = deed.data;
        node.mzxid = zxid;
        return ErrorCode.ok;
      }
      case "setAcl": {
        const node = this.nodes.get(deed.path);
        if (node === undefined) return ErrorCode.noNode;
        if (deed.version !== -1 && deed.version !== node.aversion) return ErrorCode.badVersion;
        node.aversion++;
        return ErrorCode.ok;
      }
      case "check": {
        const node = this.nodes.get(deed.path);
        if (node === undefined) return ErrorCode.noNode;
        return deed.version === -1 || deed.version === node.version
          ? ErrorCode.ok
          : ErrorCode.badVersion;
      }
      default:
        throw new Error(`No part of a multi: ${deed.verb}`);
    }
  }

  #create(deed: Deed & { verb: "create" }, session: number, zxid: number): ErrorCode {
    const above = this.nodes.get(parent(deed.path));
    if (above === undefined) return ErrorCode.noNode;
    let { path } = deed;
    if (deed.sequential) path += String(above.created).padStart(10, "0");
    if (this.nodes.has(path)) return ErrorCode.nodeExists;
    if (above.owner !== 0) return ErrorCode.noChildrenForEphemerals;
    above.created++;
    above.pzxid = zxid;
    this.nodes.set(path, newNode(deed.data, deed.ephemeral ? session : 0, zxid));
    return ErrorCode.ok;
  }

  #remove(path: string, zxid: number): void {
    this.nodes.delete(path);
    const above = this.nodes.get(parent(path));
    if (above !== undefined) above.pzxid = zxid;
  }
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function newNode(data: string | null, owner: number, zxid: number): ModelNode {
  return {
    data,
    version: 0,
    aversion: 0,
    created: 0,
    owner,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
  };
}
