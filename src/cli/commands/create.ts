import { ErrorCode } from "../../wire/error-codes.js";
import { CreateMode, OPEN_ACL_UNSAFE } from "../client/create-mode.js";
import { ZooKeeperError } from "../client/zookeeper-error.js";
import { CliError } from "../shell/cli-error.js";
import { javaLong } from "../shell/java-numbers.js";
import { flag, type ParsedOptions, valued } from "../shell/option-parser.js";
import { parseAcl } from "./acl-text.js";
import type { Command, CommandContext } from "./command.js";

/** Java: EphemeralType.TTL.maxValue; what fits beside the mark in ephemeralOwner. */
const TTL_MAX_MS = 0xff_ffff_ffffn;

export const create: Command = {
  name: "create",
  usage: "[-s] [-e] [-c] [-t ttl] path [data] [acl]",
  options: {
    options: [
      flag("e", "ephemeral"),
      flag("s", "sequential"),
      flag("c", "container"),
      valued("t", "ttl"),
    ],
  },
  leastWords: 2,
  async run(context, parsed) {
    const { mode, ttlMs } = modeOf(parsed);
    const [, path, data, aclText] = parsed.args;
    const acl = aclText === undefined ? OPEN_ACL_UNSAFE : parseAcl(aclText, context.err);
    const bytes = data === undefined ? null : Buffer.from(data);
    try {
      const created = await context.zk.create(path!, bytes, { acl, mode, ttlMs });
      context.err(`Created ${created}`);
    } catch (error) {
      sayMore(context, error);
      throw error;
    }
  },
};

function modeOf(parsed: ParsedOptions): { mode: CreateMode; ttlMs: number } {
  const [e, s, c] = [parsed.has("e"), parsed.has("s"), parsed.has("c")];
  const ttlText = parsed.value("t");
  if (c && (e || s)) {
    throw new CliError(
      "-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.",
    );
  }
  const ttl = ttlText === undefined ? undefined : javaLong(ttlText);
  if (ttlText !== undefined && ttl === undefined) {
    throw new CliError("-t argument must be a long value");
  }
  if (ttl === undefined) {
    if (e) return { mode: s ? CreateMode.ephemeralSequential : CreateMode.ephemeral, ttlMs: 0 };
    if (s) return { mode: CreateMode.persistentSequential, ttlMs: 0 };
    return { mode: c ? CreateMode.container : CreateMode.persistent, ttlMs: 0 };
  }
  if (e) throw new CliError("TTLs cannot be used with Ephemeral znodes");
  if (c) throw new CliError("TTLs cannot be used with Container znodes");
  if (ttl <= 0n || ttl > TTL_MAX_MS) {
    throw new CliError(`ttl must be positive and cannot be larger than: ${TTL_MAX_MS}`);
  }
  const mode = s ? CreateMode.persistentSequentialWithTtl : CreateMode.persistentWithTtl;
  return { mode, ttlMs: Number(ttl) };
}

function sayMore(context: CommandContext, error: unknown): void {
  if (!(error instanceof ZooKeeperError)) return;
  if (error.code === ErrorCode.ephemeralOnLocalSession) {
    context.err("Unable to create ephemeral node on a local session");
  }
  if (error.code === ErrorCode.invalidACL) context.err(error.message);
}
