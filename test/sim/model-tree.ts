// The tree as ZooKeeper's documentation has it, once more and as simply as can be: what an operation must answer, and what it
// must leave behind. It shares nothing with src/tree and src/operations, so that both would have to be wrong in the same way.

import type { MultiPart, Operation } from "./operation-record.js";

export const Code = {
  ok: 0,
  runtimeInconsistency: -2,
  unknownSession: -12,
  noNode: -101,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  sessionMoved: -118,
  notReadOnly: -119,
  ephemeralOnLocalSession: -120,
} as const;

export interface ModelNode {
  data: string;
  version: number;
  readonly czxid: number;
  mzxid: number;
  pzxid: number;
  readonly owner: bigint;
  /** Children that were ever created: what sequential names are counted by. */
  creates: number;
  readonly children: Set<string>;
}

export interface Outcome {
  readonly error: number;
  /** The path that a create has made. */
  readonly path?: string;
  /** Of a multi. */
  readonly parts?: readonly number[];
}

type Write = Extract<Operation, { kind: "create" | "delete" | "set" | "multi" }>;
type Single = Exclude<Write, { kind: "multi" }> | MultiPart;

/** Which watches a change concerns. */
export type Touched = (kind: "data" | "children", path: string) => void;

export class ModelTree {
  readonly nodes = new Map<string, ModelNode>();
  readonly sessions = new Map<bigint, "open" | "closed">();
  readonly #touched: Touched;
  #undo: (() => void)[] = [];

  constructor(touched: Touched) {
    this.#touched = touched;
    this.nodes.set("/", newNode("", 0, 0n));
  }

  write(operation: Write, session: bigint, zxid: number): Outcome {
    if (operation.kind === "multi") return this.#multi(operation.parts, session, zxid);
    this.#undo = [];
    const touched: [kind: "data" | "children", path: string][] = [];
    const outcome = this.#single(operation, session, zxid, touched);
    for (const [kind, path] of touched) this.#touched(kind, path);
    return outcome;
  }

  closeSession(session: bigint, zxid: number): void {
    this.sessions.set(session, "closed");
    const touched: [kind: "data" | "children", path: string][] = [];
    for (const [path, node] of [...this.nodes]) {
      if (node.owner === session) this.#remove(path, node, zxid, touched);
    }
    for (const [kind, path] of touched) this.#touched(kind, path);
  }

  #multi(parts: readonly MultiPart[], session: bigint, zxid: number): Outcome {
    this.#undo = [];
    const touched: [kind: "data" | "children", path: string][] = [];
    const errors: number[] = [];
    for (const part of parts) {
      const { error } = this.#single(part, session, zxid, touched);
      errors.push(error);
      if (error === Code.ok) continue;
      for (const undo of this.#undo.reverse()) undo();
      while (errors.length < parts.length) errors.push(Code.runtimeInconsistency);
      return { error: Code.ok, parts: errors };
    }
    for (const [kind, path] of touched) this.#touched(kind, path);
    return { error: Code.ok, parts: errors };
  }

  #single(
    operation: Single,
    session: bigint,
    zxid: number,
    touched: [kind: "data" | "children", path: string][],
  ): Outcome {
    if (operation.kind === "create") return this.#create(operation, session, zxid, touched);
    const node = this.nodes.get(operation.path);
    if (node === undefined) return { error: Code.noNode };
    if (operation.version !== -1 && operation.version !== node.version) {
      return { error: Code.badVersion };
    }
    if (operation.kind === "check") return { error: Code.ok };
    if (operation.kind === "delete") {
      if (node.children.size > 0) return { error: Code.notEmpty };
      this.#remove(operation.path, node, zxid, touched);
      return { error: Code.ok };
    }
    const { data, version, mzxid } = node;
    this.#undo.push(() => Object.assign(node, { data, version, mzxid }));
    Object.assign(node, { data: operation.data, version: version + 1, mzxid: zxid });
    touched.push(["data", operation.path]);
    return { error: Code.ok };
  }

  #create(
    operation: Extract<Single, { kind: "create" }>,
    session: bigint,
    zxid: number,
    touched: [kind: "data" | "children", path: string][],
  ): Outcome {
    const isSequential = "sequential" in operation && operation.sequential;
    const isEphemeral = "ephemeral" in operation && operation.ephemeral;
    const parentPath = parentOf(operation.path);
    const parent = this.nodes.get(parentPath);
    if (parent === undefined) return { error: Code.noNode };
    const suffix = isSequential ? String(parent.creates).padStart(10, "0") : "";
    const path = operation.path + suffix;
    if (this.nodes.has(path)) return { error: Code.nodeExists };
    const { creates, pzxid } = parent;
    this.#undo.push(() => {
      this.nodes.delete(path);
      parent.children.delete(nameOf(path));
      Object.assign(parent, { creates, pzxid });
    });
    this.nodes.set(path, newNode(operation.data, zxid, isEphemeral ? session : 0n));
    parent.children.add(nameOf(path));
    Object.assign(parent, { creates: creates + 1, pzxid: zxid });
    touched.push(["data", path], ["children", parentPath]);
    return { error: Code.ok, path };
  }

  #remove(
    path: string,
    node: ModelNode,
    zxid: number,
    touched: [kind: "data" | "children", path: string][],
  ): void {
    const parent = this.nodes.get(parentOf(path)) as ModelNode;
    const { pzxid } = parent;
    this.#undo.push(() => {
      this.nodes.set(path, node);
      parent.children.add(nameOf(path));
      parent.pzxid = pzxid;
    });
    this.nodes.delete(path);
    parent.children.delete(nameOf(path));
    parent.pzxid = zxid;
    touched.push(["data", path], ["children", path], ["children", parentOf(path)]);
  }
}

function newNode(data: string, zxid: number, owner: bigint): ModelNode {
  return {
    data,
    version: 0,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    owner,
    creates: 0,
    children: new Set(),
  };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
