// Goes through a subtree as Java's recursions do, parents before children and children in the order of Java's sets, but
// however deep it is.

import type { NodeTable } from "./node-table.js";

export interface Visitor {
  /** False: what is below is passed over. */
  enter(node: number, path: string, level: number): boolean;
  /** Called when all below has been visited, of every znode that was entered. */
  leave?(node: number): void;
}

interface Step {
  readonly node: number;
  readonly path: string;
  readonly children: readonly number[];
  next: number;
}

/** `path` is what the first znode is called: the root may be "/" or "". */
export function walk(table: NodeTable, node: number, path: string, visitor: Visitor): void {
  const open: Step[] = [];
  const enter = (entered: number, enteredPath: string): void => {
    const goesOn = visitor.enter(entered, enteredPath, open.length);
    const children = goesOn ? table.childrenInJavaOrder(entered) : [];
    open.push({ node: entered, path: enteredPath, children, next: 0 });
  };
  enter(node, path);
  for (let step = open.at(-1); step !== undefined; step = open.at(-1)) {
    const child = step.children[step.next++];
    if (child === undefined) {
      visitor.leave?.(step.node);
      open.pop();
    } else {
      enter(child, `${step.path === "/" ? "" : step.path}/${table.name(child)}`);
    }
  }
}
