import { readFileSync } from "node:fs";
import {
  checkMembership,
  formatMembership,
  isMembershipKey,
  parseMembership,
} from "../../config/membership.js";
import { parsePropertiesBytes } from "../../config/properties.js";
import { CliError } from "../shell/cli-error.js";
import { javaLong } from "../shell/java-numbers.js";
import { flag, type ParsedOptions, valued } from "../shell/option-parser.js";
import { type Command, usageError } from "./command.js";
import { printStat } from "./stat-text.js";

export const reconfig: Command = {
  name: "reconfig",
  usage:
    "[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | " +
    "[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]",
  options: {
    options: [
      flag("s", "stats"),
      valued("v", "required current config version"),
      valued("file", "path of config file to parse for membership"),
      valued("members", "comma-separated list of config strings for non-incremental reconfig"),
      valued("add", "comma-separated list of config strings for new servers"),
      valued("remove", "comma-separated list of server IDs to remove"),
    ],
  },
  async run(context, parsed) {
    const version = versionOf(parsed);
    const joining = parsed.value("add")?.toLowerCase() ?? null;
    const leaving = parsed.value("remove")?.toLowerCase() ?? null;
    const file = parsed.value("file");
    const members =
      file === undefined ? (parsed.value("members")?.toLowerCase() ?? null) : membersIn(file);
    const { data, stat } = await context.zk.reconfigure(joining, leaving, members, version);
    context.out(`Committed new configuration:\n${data?.toString("utf8") ?? ""}`);
    if (parsed.has("s")) printStat(context, stat);
  },
};

/** -1 for any; what cannot be meant is refused. */
function versionOf(parsed: ParsedOptions): bigint {
  const isWhole = parsed.has("file") || parsed.has("members");
  const isIncremental = parsed.has("add") || parsed.has("remove");
  if (!isWhole && !isIncremental) throw usageError(reconfig);
  const text = parsed.value("v");
  const version = text === undefined ? -1n : javaLong(text, 16);
  if (version === undefined) {
    throw new CliError("-v must be followed by a long (configuration version)");
  }
  if (isWhole && isIncremental) {
    throw new CliError(
      "Can't use -file or -members together with -add or -remove (mixing incremental" +
        " and non-incremental modes is not allowed)",
    );
  }
  if (parsed.has("file") && parsed.has("members")) {
    throw new CliError("Can't use -file and -members together (conflicting non-incremental modes)");
  }
  return version;
}

function membersIn(file: string): string {
  try {
    const entries = parsePropertiesBytes(readFileSync(file));
    for (const { key } of entries) {
      if (!isMembershipKey(key) && key !== "version") {
        throw new Error(`Unrecognised parameter: ${key}`);
      }
    }
    const membership = parseMembership(entries, {
      multiAddressEnabled: false,
      oraclePath: undefined,
    });
    checkMembership(membership, true, () => {});
    return formatMembership(membership);
  } catch (error) {
    throw new CliError(`Error processing ${file}${problemOf(file, error)}`);
  }
}

/** Java's words where the file cannot be read. */
function problemOf(file: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `${file} (No such file or directory)`;
  if (code === "EACCES") return `${file} (Permission denied)`;
  if (code === "EISDIR") return `${file} (Is a directory)`;
  return message;
}
