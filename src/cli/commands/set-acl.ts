import { ZooKeeperError } from "../client/zookeeper-error.js";
import { javaIntOrDie } from "../shell/java-numbers.js";
import { flag, valued } from "../shell/option-parser.js";
import { parseAcl } from "./acl-text.js";
import type { Command } from "./command.js";
import { printStat } from "./stat-text.js";
import { visitSubtree } from "./tree-walk.js";

export const setAcl: Command = {
  name: "setAcl",
  usage: "[-s] [-v version] [-R] path acl",
  options: {
    options: [flag("s", "stats"), valued("v", "version"), flag("R", "recursive")],
  },
  leastWords: 3,
  async run(context, parsed) {
    const { zk } = context;
    const [, path, text] = parsed.args;
    const acl = parseAcl(text!, context.err);
    const versionText = parsed.value("v");
    const version = versionText === undefined ? -1 : javaIntOrDie(versionText);
    if (!parsed.has("R")) {
      const stat = await zk.setACL(path!, acl, version);
      if (parsed.has("s")) printStat(context, stat);
      return;
    }
    await visitSubtree(zk, path!, false, async (visited) => {
      try {
        await zk.setACL(visited, acl, version);
      } catch (error) {
        if (!(error instanceof ZooKeeperError)) throw error;
        context.write(error.message);
      }
    });
  },
};
