import { StatsTrack } from "../../tree/stats-track.js";
import { ErrorCode } from "../../wire/error-codes.js";
import { ZooKeeperError } from "../client/zookeeper-error.js";
import { NO_OPTIONS } from "../shell/option-parser.js";
import type { Command } from "./command.js";
import { limitPath, statPath } from "./quota-paths.js";

export const listquota: Command = {
  name: "listquota",
  usage: "path",
  options: NO_OPTIONS,
  leastWords: 2,
  async run(context, parsed) {
    const path = parsed.args[1]!;
    context.err(`absolute path is ${limitPath(path)}`);
    try {
      const limit = new StatsTrack((await context.zk.getData(limitPath(path))).data);
      const stat = new StatsTrack((await context.zk.getData(statPath(path))).data);
      context.out(`Output quota for ${path} ${limit}`);
      context.out(`Output stat for ${path} ${stat}`);
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.code !== ErrorCode.noNode) throw error;
      context.err(`quota for ${path} does not exist.`);
    }
  },
};
