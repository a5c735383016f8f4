import { javaIntOrDie } from "../shell/java-numbers.js";
import { valued } from "../shell/option-parser.js";
import type { Command } from "./command.js";

/** `delete path version`: 3.4 compares the version. (Since 3.5 Java warns and deletes whatever there is, which loses data.) */
export const deleteCommand: Command = {
  name: "delete",
  usage: "[-v version] path",
  options: { options: [valued("v", "version")] },
  leastWords: 2,
  async run(context, parsed) {
    const [, path, oldVersion] = parsed.args;
    if (oldVersion !== undefined) {
      context.err(
        "'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.",
      );
    }
    const version = parsed.value("v") ?? oldVersion;
    await context.zk.delete(path!, version === undefined ? -1 : javaIntOrDie(version));
  },
};
