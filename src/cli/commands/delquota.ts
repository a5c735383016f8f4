import { StatsTrack } from "../../tree/stats-track.js";
import { ErrorCode } from "../../wire/error-codes.js";
import type { ZooKeeperClient } from "../client/zookeeper-client.js";
import { ZooKeeperError } from "../client/zookeeper-error.js";
import { flag, type ParsedOptions } from "../shell/option-parser.js";
import type { Command, CommandContext } from "./command.js";
import { limitPath, QUOTA_ROOT, quotaPath } from "./quota-paths.js";

export const delquota: Command = {
  name: "delquota",
  usage: "[-n|-b|-N|-B] path",
  options: {
    options: [
      flag("n", "num soft quota"),
      flag("b", "bytes soft quota"),
      flag("N", "num hard quota"),
      flag("B", "bytes hard quota"),
    ],
    group: "optional",
  },
  leastWords: 2,
  async run(context, parsed) {
    const path = parsed.args[1]!;
    try {
      await deleteQuota(context, path, parsed);
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.code !== ErrorCode.noNode) throw error;
      context.err(`quota for ${path} does not exist.`);
    }
  },
};

async function deleteQuota(
  context: CommandContext,
  path: string,
  parsed: ParsedOptions,
): Promise<void> {
  const { zk } = context;
  const limit = limitPath(path);
  if ((await zk.exists(limit)) === null) {
    context.out(`Quota does not exist for ${path}`);
    return;
  }
  const track = new StatsTrack((await zk.getData(limit)).data);
  if (["n", "b", "N", "B"].some((one) => parsed.has(one))) {
    if (parsed.has("n")) track.count = -1;
    if (parsed.has("b")) track.bytes = -1;
    if (parsed.has("N")) track.countHardLimit = -1;
    if (parsed.has("B")) track.byteHardLimit = -1;
    await zk.setData(limit, track.toBytes());
    return;
  }
  const parent = quotaPath(path);
  for (const child of await zk.getChildren(parent)) await zk.delete(`${parent}/${child}`);
  await trim(zk, parent);
}

/** Deletes the node and what is above it, as long as nothing else is below. */
async function trim(zk: ZooKeeperClient, from: string): Promise<void> {
  for (let path = from; path !== QUOTA_ROOT; path = path.slice(0, path.lastIndexOf("/"))) {
    if ((await zk.getChildren(path)).length > 0) return;
    await zk.delete(path);
  }
}
