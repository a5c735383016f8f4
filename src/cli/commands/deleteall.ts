import { pathProblem } from "../client/client-path.js";
import { Op } from "../client/multi.js";
import type { ZooKeeperClient } from "../client/zookeeper-client.js";
import { InvalidArgumentError, ZooKeeperError } from "../client/zookeeper-error.js";
import { CliError } from "../shell/cli-error.js";
import { javaInt } from "../shell/java-numbers.js";
import { type ParsedOptions, valued } from "../shell/option-parser.js";
import type { Command, CommandContext } from "./command.js";
import { listSubtree } from "./tree-walk.js";

const DEFAULT_BATCH = 1000;

/** Batches on their way at a time. */
const BATCHES_MAX = 10;

export const deleteall: Command = {
  name: "deleteall",
  usage: "path [-b batch size]",
  options: { options: [valued("b", "batch size")] },
  leastWords: 2,
  run: deleteSubtree,
};

/** 3.4's name for it. */
export const rmr: Command = {
  ...deleteall,
  name: "rmr",
  isHidden: true,
  async run(context, parsed) {
    context.err("The command 'rmr' has been deprecated. Please use 'deleteall' instead.");
    await deleteSubtree(context, parsed);
  },
};

async function deleteSubtree(context: CommandContext, parsed: ParsedOptions): Promise<void> {
  const size = parsed.value("b");
  const batch = size === undefined ? DEFAULT_BATCH : javaInt(size);
  if (batch === undefined) throw new CliError("-b argument must be an int value");
  const path = parsed.args[1]!;
  const problem = pathProblem(path);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  // Leaves first.
  const paths = (await listSubtree(context.zk, path)).reverse();
  if (batch <= 0) {
    for (const one of paths) await context.zk.delete(one);
  } else if (!(await deleteInBatches(context.zk, paths, batch))) {
    context.err("Failed to delete some node(s) in the subtree!");
  }
}

async function deleteInBatches(
  zk: ZooKeeperClient,
  paths: readonly string[],
  size: number,
): Promise<boolean> {
  const underWay = new Set<Promise<void>>();
  let isGood = true;
  const failed = (error: unknown): void => {
    if (!(error instanceof ZooKeeperError)) throw error;
    isGood = false;
  };
  for (let at = 0; at < paths.length && isGood; at += size) {
    while (underWay.size >= BATCHES_MAX) await Promise.race(underWay);
    const ops = paths.slice(at, at + size).map((path) => Op.delete(path));
    const batch: Promise<void> = zk
      .multi(ops)
      .then(() => {}, failed)
      .finally(() => underWay.delete(batch));
    underWay.add(batch);
  }
  await Promise.all(underWay);
  return isGood;
}
