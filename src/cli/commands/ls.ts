import { flag, type OptionTable, optionLines } from "../shell/option-parser.js";
import { type Command, type CommandContext, usageError } from "./command.js";
import { withOldWatchWord } from "./old-forms.js";
import { printStat } from "./stat-text.js";
import { visitSubtree } from "./tree-walk.js";

const OPTIONS: OptionTable = {
  options: [flag("?", "help"), flag("s", "stat"), flag("w", "watch"), flag("R", "recurse")],
};

export const ls: Command = {
  name: "ls",
  usage: "[-s] [-w] [-R] path",
  options: OPTIONS,
  async run(context, words) {
    if (words.has("?")) {
      context.out("usage: ls [options] path");
      for (const line of optionLines(OPTIONS)) context.out(line);
    }
    const parsed = withOldWatchWord(
      words,
      OPTIONS,
      "'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.",
      context,
    );
    const path = parsed.args[1];
    if (path === undefined) throw usageError(ls);
    if (parsed.has("R")) {
      await visitSubtree(context.zk, path, parsed.has("w"), (visited) => context.out(visited));
    } else await printChildren(context, path, parsed.has("w"), parsed.has("s"));
  },
};

/** 3.4's name for `ls -s`. */
export const ls2: Command = {
  name: "ls2",
  usage: "path [watch]",
  options: { options: [flag("w", "watch")] },
  leastWords: 2,
  isHidden: true,
  async run(context, parsed) {
    context.err("'ls2' has been deprecated. Please use 'ls [-s] path' instead.");
    const watch = parsed.has("w") || parsed.args.length > 2;
    await printChildren(context, parsed.args[1]!, watch, true);
  },
};

async function printChildren(
  context: CommandContext,
  path: string,
  watch: boolean,
  withStat: boolean,
): Promise<void> {
  const { children, stat } = withStat
    ? await context.zk.getChildren2(path, watch)
    : { children: await context.zk.getChildren(path, watch), stat: undefined };
  context.out(`[${children.sort().join(", ")}]`);
  if (stat !== undefined) printStat(context, stat);
}
