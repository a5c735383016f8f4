// Two trees side by side, depth by depth or below one znode. Java: SnapshotComparer.
//
// Java sorts the paths of a depth. Here they are found in that order without being sorted, or held, all at once: those of
// one parent are sorted, and parents are gone through in the order of their paths with a slash behind them ("/a-b/x" comes
// before "/a/x").

import { ROOT } from "./node-table.js";
import type { Output } from "./output.js";
import type { SnapshotContent } from "./snapshot-content.js";

export interface Thresholds {
  readonly bytes: number;
  readonly nodes: number;
  /** Prints every comparison. */
  readonly isDebug: boolean;
  /** Prints what is below the thresholds, too. */
  readonly isInteractive: boolean;
}

/** The znodes of a snapshot by depth, those of each depth in the order of their paths. */
export class Levels {
  readonly content: SnapshotContent;
  readonly #levels: Int32Array[] = [];

  constructor(content: SnapshotContent) {
    this.content = content;
    let level: Int32Array = Int32Array.of(ROOT);
    let parents = level;
    while (level.length > 0) {
      this.#levels.push(level);
      level = this.#below(parents, "");
      parents = this.#below(parents, "/");
    }
  }

  get depth(): number {
    return this.#levels.length;
  }

  at(depth: number): Int32Array {
    return this.#levels[depth] ?? new Int32Array(0);
  }

  children(node: number): Int32Array {
    return this.#below(Int32Array.of(node), "");
  }

  #below(parents: Int32Array, ending: string): Int32Array {
    const { table } = this.content;
    let length = 0;
    let below = new Int32Array(parents.length);
    for (const parent of parents) {
      const children = table.children(parent);
      if (length + children.length > below.length) {
        const grown = new Int32Array((length + children.length) * 2);
        grown.set(below);
        below = grown;
      }
      below.set(children.length < 2 ? children : this.#sorted(children, ending), length);
      length += children.length;
    }
    return below.slice(0, length);
  }

  #sorted(nodes: readonly number[], ending: string): number[] {
    const named = nodes.map((node) => ({ node, name: this.content.table.name(node) + ending }));
    named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return named.map(({ node }) => node);
  }
}

interface Side {
  readonly label: string;
  readonly bytes: number;
  readonly descendants: number;
}

export class Comparison {
  readonly left: Levels;
  readonly right: Levels;
  readonly #thresholds: Thresholds;
  readonly #out: Output;

  constructor(left: Levels, right: Levels, thresholds: Thresholds, out: Output) {
    this.left = left;
    this.right = right;
    this.#thresholds = thresholds;
    this.#out = out;
  }

  depth(depth: number): void {
    this.#compare(this.left.at(depth), this.right.at(depth));
  }

  /** The immediate children of a znode. */
  below(path: string): void {
    const left = this.left.content.table.find(path);
    const right = this.right.content.table.find(path);
    if (left < 0 && right < 0) {
      this.#out.line(`Path ${path} is neither found in left tree nor right tree.`);
      return;
    }
    const none = new Int32Array(0);
    this.#compare(
      left < 0 ? none : this.left.children(left),
      right < 0 ? none : this.right.children(right),
    );
  }

  #compare(leftNodes: Int32Array, rightNodes: Int32Array): void {
    const { isDebug } = this.#thresholds;
    let leftAt = 0;
    let rightAt = 0;
    let left = side(this.left, leftNodes[leftAt]);
    let right = side(this.right, rightNodes[rightAt]);
    while (left !== undefined || right !== undefined) {
      const order = orderOf(left, right);
      if (isDebug && left !== undefined && right !== undefined) {
        this.#out.line(`Comparing ${left.label} to ${right.label}`);
        this.#out.line(order < 0 ? "left is less" : order > 0 ? "right is less" : "same");
      }
      if (order === 0) this.#sayBoth(left!, right!);
      else this.#sayOne(order < 0 ? left! : right!, order < 0 ? "left" : "right");
      if (order <= 0) left = side(this.left, leftNodes[++leftAt]);
      if (order >= 0) right = side(this.right, rightNodes[++rightAt]);
    }
  }

  #sayOne({ label, bytes, descendants }: Side, where: "left" | "right"): void {
    const { isDebug, isInteractive, ...limits } = this.#thresholds;
    if (bytes > limits.bytes || descendants > limits.nodes) {
      this.#out.line(
        `Node ${label} found only in ${where} tree. Descendant size: ${bytes}. Descendant count: ${descendants}`,
      );
    } else if (isDebug || isInteractive) {
      this.#out.line(`Filtered ${where} node ${label} of size ${bytes}`);
    }
  }

  #sayBoth(left: Side, right: Side): void {
    const { isDebug, isInteractive, ...limits } = this.#thresholds;
    const bytes = right.bytes - left.bytes;
    const descendants = right.descendants - left.descendants;
    if (Math.abs(bytes) > limits.bytes || Math.abs(descendants) > limits.nodes) {
      this.#out.line(
        `Node ${left.label} found in both trees. Delta: ${bytes} bytes, ${descendants} descendants`,
      );
    } else if (isDebug || isInteractive) {
      this.#out.line(
        `Filtered node ${left.label} of left size ${left.bytes}, right size ${right.bytes}`,
      );
    }
  }
}

function side({ content }: Levels, node: number | undefined): Side | undefined {
  if (node === undefined) return undefined;
  const { table, totals } = content;
  return {
    label: table.path(node),
    bytes: totals.bytes(node),
    descendants: totals.count(node) - 1,
  };
}

/** Below 0: only the left tree has it. */
function orderOf(left: Side | undefined, right: Side | undefined): number {
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return left.label < right.label ? -1 : left.label > right.label ? 1 : 0;
}
