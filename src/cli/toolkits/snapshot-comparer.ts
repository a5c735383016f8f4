// zkSnapshotComparer: what two snapshots have not in common. Java: SnapshotComparer.
//
//   zkSnapshotComparer.sh -l left_file -r right_file -b byte_threshold -n node_threshold [-d] [-i]

import { basename } from "node:path";
import { ExitCode } from "../../errors.js";
import { javaInt, javaIntOrDie } from "../shell/java-numbers.js";
import {
  flag,
  OptionError,
  type OptionTable,
  optionLines,
  type ParsedOptions,
  parseOptions,
} from "../shell/option-parser.js";
import { Answers } from "./answers.js";
import { ROOT } from "./node-table.js";
import type { Output } from "./output.js";
import { type Invocation, runProgram } from "./program.js";
import { SnapshotContent } from "./snapshot-content.js";
import { uncaught } from "./toolkit-error.js";
import { Comparison, Levels, type Thresholds } from "./tree-comparison.js";

function required(name: string, long: string, valueName: string, description: string) {
  const text = `(Required) ${description}`;
  return { flag: name, long, hasValue: true, isRequired: true, valueName, description: text };
}

const OPTIONS: OptionTable = {
  options: [
    required("l", "left", "LEFT", "The left snapshot file."),
    required("r", "right", "RIGHT", "The right snapshot file."),
    required(
      "b",
      "bytes",
      "BYTETHRESHOLD",
      "The node data delta size threshold, in bytes, for printing the node.",
    ),
    required(
      "n",
      "nodes",
      "NODETHRESHOLD",
      "The descendant node delta size threshold, in nodes, for printing the node.",
    ),
    { ...flag("d", "Use debug output."), long: "debug" },
    { ...flag("i", "Enter interactive mode."), long: "interactive" },
  ],
};
const USAGE = "usage: java -cp <classPath> org.apache.zookeeper.server.SnapshotComparer";
const QUESTION =
  "- Press enter to move to print current depth layer;\n" +
  "- Type a number to jump to and print all nodes at a given depth;\n" +
  "- Enter an ABSOLUTE path to print the immediate subtree of a node. Path must start with '/'.";

function main({ args, out, complain }: Invocation): number {
  let options: ParsedOptions;
  try {
    options = parseOptions(OPTIONS, args);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    complain(error.text);
    out.line(USAGE);
    for (const line of optionLines(OPTIONS)) out.line(line);
    return ExitCode.invalidInvocation;
  }
  const thresholds = {
    bytes: javaIntOrDie(options.value("b")!),
    nodes: javaIntOrDie(options.value("n")!),
    isDebug: options.has("d"),
    isInteractive: options.has("i"),
  };
  out.line("Successfully parsed options!");
  const left = load(options.value("l")!, out);
  const right = load(options.value("r")!, out);
  sayTotals(left, out);
  sayTotals(right, out);
  const comparison = new Comparison(left, right, thresholds, out);
  if (thresholds.isInteractive) new Conversation(comparison, thresholds, out).run();
  else compareAll(comparison, thresholds, out);
  out.line("All layers compared.");
  for (const [side, levels] of Object.entries({ left, right })) {
    const { damage } = levels.content;
    if (damage !== undefined) complain(`${options.value(side[0]!)} is damaged: ${damage}`);
  }
  return ExitCode.finished;
}

function load(path: string, out: Output): Levels {
  const begin = performance.now();
  const content = new SnapshotContent(path);
  const loaded = performance.now();
  out.line(`Deserialized snapshot in ${basename(path)} in ${seconds(loaded - begin)} seconds`);
  const levels = new Levels(content);
  out.line(`Processed data tree in ${seconds(performance.now() - loaded)} seconds`);
  return levels;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6);
}

function sayTotals(levels: Levels, out: Output): void {
  const { content, depth } = levels;
  out.line(`Node count: ${content.table.count}`);
  out.line(`Total size: ${content.totals.bytes(ROOT)}`);
  out.line(`Max depth: ${depth}`);
  for (let i = 0; i < depth; i++) out.line(`Count of nodes at depth ${i}: ${levels.at(i).length}`);
  out.line("");
}

function sayThresholds({ bytes, nodes }: Thresholds, out: Output): void {
  out.line(
    `Printing analysis for nodes difference larger than ${bytes} bytes or node count difference larger than ${nodes}.`,
  );
}

function depthsOf({ left, right }: Comparison): number {
  return Math.max(left.depth, right.depth);
}

function compareAll(comparison: Comparison, thresholds: Thresholds, out: Output): void {
  sayThresholds(thresholds, out);
  for (let depth = 0; depth < depthsOf(comparison); depth++) {
    out.line(`Analysis for depth ${depth}`);
    comparison.depth(depth);
  }
}

class Conversation {
  readonly #comparison: Comparison;
  readonly #thresholds: Thresholds;
  readonly #out: Output;
  readonly #depths: number;
  #depth = 0;

  constructor(comparison: Comparison, thresholds: Thresholds, out: Output) {
    this.#comparison = comparison;
    this.#thresholds = thresholds;
    this.#out = out;
    this.#depths = depthsOf(comparison);
  }

  run(): void {
    const answers = new Answers(0);
    while (this.#depth < this.#depths) {
      this.#out.line(`Current depth is ${this.#depth}`);
      this.#out.line(QUESTION);
      this.#out.flush();
      const answer = answers.line();
      if (answer === undefined) throw uncaught("java.util.NoSuchElementException", "No line found");
      sayThresholds(this.#thresholds, this.#out);
      if (this.#take(answer)) this.#out.line("");
    }
  }

  /** False: no empty line behind it. */
  #take(answer: string): boolean {
    const last = this.#depths - 1;
    if (answer === "") {
      this.#compareDepth();
      this.#depth++;
      return true;
    }
    if (answer.startsWith("/")) {
      this.#out.line(`Analysis for node ${answer}`);
      this.#comparison.below(answer);
      return true;
    }
    const depth = javaInt(answer);
    if (depth === undefined) {
      this.#out.line(
        `Input ${answer} is not valid. Depth must be in range [0, ${last}]. Path must be an absolute path which starts with '/'.`,
      );
      return true;
    }
    if (depth < 0 || depth > last) {
      this.#out.line(`Depth must be in range [0, ${last}]`);
      return false;
    }
    this.#depth = depth;
    this.#compareDepth();
    return true;
  }

  #compareDepth(): void {
    this.#out.line(`Analysis for depth ${this.#depth}`);
    this.#comparison.depth(this.#depth);
  }
}

runProgram(main);
