import { flag, type OptionTable } from "../shell/option-parser.js";
import type { Command } from "./command.js";
import { hexDump } from "./data-text.js";
import { withOldWatchWord } from "./old-forms.js";
import { printStat } from "./stat-text.js";

const NULL_DATA = Buffer.from("null");

const OPTIONS: OptionTable = {
  options: [
    flag("s", "Print znode stats additionally"),
    flag("w", "Watch for changes on the znode"),
    flag("b", "Output data in base64 format"),
    flag("x", "Output data in hexdump format"),
  ],
};

export const get: Command = {
  name: "get",
  usage: "[-s] [-w] [-b] [-x] path",
  options: OPTIONS,
  hasOptionTable: true,
  leastWords: 2,
  async run(context, words) {
    const parsed = withOldWatchWord(
      words,
      OPTIONS,
      "'get path [watch]' has been deprecated. Please use 'get [-s] [-w] path' instead.",
      context,
    );
    const { data, stat } = await context.zk.getData(parsed.args[1]!, parsed.has("w"));
    const shown = data ?? NULL_DATA;
    if (parsed.has("x")) context.out(hexDump(shown));
    else context.out(shown.toString(parsed.has("b") ? "base64" : "utf8"));
    if (parsed.has("s")) printStat(context, stat);
  },
};
