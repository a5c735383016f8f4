import { NO_OPTIONS } from "../shell/option-parser.js";
import type { Command } from "./command.js";

export const getAllChildrenNumber: Command = {
  name: "getAllChildrenNumber",
  usage: "path",
  options: NO_OPTIONS,
  leastWords: 2,
  async run(context, parsed) {
    context.out(String(await context.zk.getAllChildrenNumber(parsed.args[1]!)));
  },
};
