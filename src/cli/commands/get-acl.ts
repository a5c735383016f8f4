import { flag } from "../shell/option-parser.js";
import { permsText } from "./acl-text.js";
import type { Command } from "./command.js";
import { printStat } from "./stat-text.js";

export const getAcl: Command = {
  name: "getAcl",
  usage: "[-s] path",
  options: { options: [flag("s", "stats")] },
  leastWords: 2,
  async run(context, parsed) {
    const { acl, stat } = await context.zk.getACL(parsed.args[1]!);
    // An Id is printed as jute prints any record: a line of values with odd quotes.
    for (const { id, perms } of acl) {
      context.out(`${juteText(id.scheme)},${juteText(id.id)}\n: ${permsText(perms)}`);
    }
    if (parsed.has("s")) printStat(context, stat);
  },
};

/** Java: ToStringOutputArchive.escapeString: a quote before it, and none after. */
function juteText(text: string | null): string {
  if (text === null) return "";
  const escaped = text.replace(
    /[\0\n\r,}%]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `'${escaped}`;
}
