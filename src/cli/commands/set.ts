import { decodeBase64 } from "../shell/java-base64.js";
import { javaIntOrDie } from "../shell/java-numbers.js";
import { flag, valued } from "../shell/option-parser.js";
import type { Command } from "./command.js";
import { printStat } from "./stat-text.js";

export const set: Command = {
  name: "set",
  usage: "path data [-s] [-v version] [-b]",
  options: {
    options: [
      flag("s", "Print znode stats additionally"),
      valued("v", "Set with an expected version"),
      flag("b", "Supply data in base64 format"),
    ],
  },
  hasOptionTable: true,
  leastWords: 3,
  async run(context, parsed) {
    const [, path, text] = parsed.args;
    const data = parsed.has("b") ? decodeBase64(text!) : Buffer.from(text!);
    const version = parsed.value("v");
    const stat = await context.zk.setData(
      path!,
      data,
      version === undefined ? -1 : javaIntOrDie(version),
    );
    if (parsed.has("s")) printStat(context, stat);
  },
};
