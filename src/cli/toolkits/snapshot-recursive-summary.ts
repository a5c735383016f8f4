// zkSnapshotRecursiveSummaryToolkit: how many znodes and bytes are below each znode of a snapshot. Java:
// SnapshotRecursiveSummary.
//
//   zkSnapshotRecursiveSummaryToolkit.sh snapshot_file starting_node max_depth

import { ExitCode } from "../../errors.js";
import { javaInt } from "../shell/java-numbers.js";
import { ROOT } from "./node-table.js";
import { type Invocation, runProgram } from "./program.js";
import { SnapshotContent } from "./snapshot-content.js";
import { uncaught } from "./toolkit-error.js";
import { walk } from "./walk.js";

const USAGE = [
  "USAGE:",
  "\n",
  "SnapshotRecursiveSummary  <snapshot_file>  <starting_node>  <max_depth>",
  "\n",
  "snapshot_file:    path to the zookeeper snapshot",
  "starting_node:    the path in the zookeeper tree where the traversal should begin",
  "max_depth:        defines the depth where the tool still writes to the output. " +
    "0 means there is no depth limit, every non-leaf node's stats will be displayed, " +
    "1 means it will only contain the starting node's and it's children's stats, " +
    "2 ads another level and so on. This ONLY affects the level of details displayed, " +
    "NOT the calculation.",
];

function main({ args, out, complain }: Invocation): number {
  const [path, start, depthText] = args;
  const maxDepth = args.length === 3 ? javaInt(depthText!) : undefined;
  if (path === undefined || start === undefined || maxDepth === undefined) {
    complain(USAGE.join("\n"));
    return ExitCode.invalidInvocation;
  }
  const content = new SnapshotContent(path);
  const { table, totals } = content;
  const first = start === "/" ? ROOT : table.find(start);
  if (first < 0)
    throw uncaught("java.lang.NullPointerException", `"${start}" is not in the snapshot`);
  walk(table, first, start, {
    enter: (node, name, level) => {
      if (maxDepth !== 0 && level > maxDepth) return false;
      if (!table.hasChildren(node)) return false;
      const indent = "--".repeat(level);
      out.line(`${indent} ${name}`);
      out.line(`${indent}   children: ${totals.count(node) - 1}`);
      out.line(`${indent}   data: ${totals.bytes(node)}`);
      return true;
    },
  });
  out.line("");
  content.close();
  if (content.damage !== undefined) complain(`${path} is damaged: ${content.damage}`);
  return ExitCode.finished;
}

runProgram(main);
