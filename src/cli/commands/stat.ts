import { ErrorCode } from "../../wire/error-codes.js";
import { ZooKeeperError } from "../client/zookeeper-error.js";
import { flag, type OptionTable } from "../shell/option-parser.js";
import type { Command } from "./command.js";
import { withOldWatchWord } from "./old-forms.js";
import { printStat } from "./stat-text.js";

const OPTIONS: OptionTable = { options: [flag("w", "watch")] };

export const stat: Command = {
  name: "stat",
  usage: "[-w] path",
  options: OPTIONS,
  leastWords: 2,
  async run(context, words) {
    const parsed = withOldWatchWord(
      words,
      OPTIONS,
      "'stat path [watch]' has been deprecated. Please use 'stat [-w] path' instead.",
      context,
    );
    const path = parsed.args[1]!;
    const found = await context.zk.exists(path, parsed.has("w"));
    if (found === null) throw new ZooKeeperError(ErrorCode.noNode, path);
    printStat(context, found);
  },
};
