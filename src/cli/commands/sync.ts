import { ErrorCode } from "../../wire/error-codes.js";
import { ZooKeeperError } from "../client/zookeeper-error.js";
import { NO_OPTIONS } from "../shell/option-parser.js";
import type { Command } from "./command.js";

/** Java waits for 30 s and then says `null`; a lost connection ends the wait before that, here and there. */
export const sync: Command = {
  name: "sync",
  usage: "path",
  options: NO_OPTIONS,
  leastWords: 2,
  async run(context, parsed) {
    let code: number = ErrorCode.ok;
    try {
      await context.zk.sync(parsed.args[1]!);
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error;
      code = error.code;
    }
    context.out(code === ErrorCode.ok ? "Sync is OK" : `Sync has failed. rc=${code}`);
  },
};
