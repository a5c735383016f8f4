import { StatsTrack } from "../../tree/stats-track.js";
import { ErrorCode } from "../../wire/error-codes.js";
import type { ZooKeeperClient } from "../client/zookeeper-client.js";
import { InvalidArgumentError, ZooKeeperError } from "../client/zookeeper-error.js";
import { CliError } from "../shell/cli-error.js";
import { javaInt, javaLong } from "../shell/java-numbers.js";
import { type ParsedOptions, valued } from "../shell/option-parser.js";
import type { Command, CommandContext } from "./command.js";
import {
  LIMIT_NODE,
  limitPath,
  pathParts,
  QUOTA_ROOT,
  quotaPath,
  statPath,
} from "./quota-paths.js";
import { visitSubtree } from "./tree-walk.js";

export const setquota: Command = {
  name: "setquota",
  usage: "-n|-b|-N|-B val path",
  options: {
    options: [
      valued("n", "num soft quota"),
      valued("b", "bytes soft quota"),
      valued("N", "num hard quota"),
      valued("B", "bytes hard quota"),
    ],
    group: "required",
  },
  leastWords: 2,
  async run(context, parsed) {
    const path = parsed.args[1]!;
    if (path.startsWith(QUOTA_ROOT)) {
      context.err(`cannot set a quota under the path: ${QUOTA_ROOT}`);
      return;
    }
    const quota = quotaOf(parsed);
    if (typeof quota === "string") context.err(quota);
    else await createQuota(context, path, quota);
  },
};

/** Or what is wrong with the value: said, and not counted as a failure. */
function quotaOf(parsed: ParsedOptions): StatsTrack | string {
  const quota = new StatsTrack();
  quota.count = -1;
  quota.bytes = -1;
  quota.countHardLimit = -1;
  quota.byteHardLimit = -1;
  for (const name of ["n", "N"] as const) {
    const text = parsed.value(name);
    if (text === undefined) continue;
    const value = javaInt(text);
    if (value === undefined) return NOT_A_NUMBER;
    if (value <= 0) return "the num quota must be greater than zero";
    if (name === "n") quota.count = value;
    else quota.countHardLimit = value;
  }
  for (const name of ["b", "B"] as const) {
    const text = parsed.value(name);
    if (text === undefined) continue;
    const value = javaLong(text);
    if (value === undefined) return NOT_A_NUMBER;
    if (value < 0n) return "the bytes quota must be greater than or equal to zero";
    if (name === "b") quota.bytes = Number(value);
    else quota.byteHardLimit = Number(value);
  }
  return quota;
}

const NOT_A_NUMBER = "NumberFormatException happens when parsing the option value";

async function createQuota(
  context: CommandContext,
  path: string,
  quota: StatsTrack,
): Promise<void> {
  const { zk } = context;
  if ((await zk.exists(path)) === null) throw new CliError(`${path} does not exist.`);
  await refuseQuotaBelow(zk, path);
  await refuseQuotaAbove(zk, path);
  await createMissing(zk, ["/zookeeper", QUOTA_ROOT]);
  const parts = pathParts(path);
  await createMissing(
    zk,
    parts.slice(1).map((_, i) => `${QUOTA_ROOT}/${parts.slice(1, i + 2).join("/")}`),
  );
  const limit = limitPath(path);
  if ((await zk.exists(limit)) === null) {
    await zk.create(limit, quota.toBytes());
    const stats = new StatsTrack();
    stats.count = 0;
    stats.bytes = 0;
    await zk.create(statPath(path), stats.toBytes());
    await warn(context, path, quota);
    return;
  }
  const merged = new StatsTrack((await zk.getData(limit)).data);
  if (quota.count > -1) merged.count = quota.count;
  if (quota.bytes > -1) merged.bytes = quota.bytes;
  if (quota.countHardLimit > -1) merged.countHardLimit = quota.countHardLimit;
  if (quota.byteHardLimit > -1) merged.byteHardLimit = quota.byteHardLimit;
  await warn(context, path, merged);
  await zk.setData(limit, merged.toBytes());
}

async function createMissing(zk: ZooKeeperClient, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if ((await zk.exists(path)) !== null) continue;
    try {
      await zk.create(path);
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.code !== ErrorCode.nodeExists) throw error;
    }
  }
}

async function warn(context: CommandContext, path: string, quota: StatsTrack): Promise<void> {
  const stat = new StatsTrack((await context.zk.getData(statPath(path))).data);
  const isOver = (limit: number, value: number): boolean => limit > -1 && limit < value;
  if (isOver(quota.count, stat.count) || isOver(quota.countHardLimit, stat.count)) {
    context.out(
      `[Warning]: the count quota you create is less than the existing count:${stat.count}`,
    );
  }
  if (isOver(quota.bytes, stat.bytes) || isOver(quota.byteHardLimit, stat.bytes)) {
    context.out(
      `[Warning]: the bytes quota you create is less than the existing bytes:${stat.bytes}`,
    );
  }
}

async function refuseQuotaBelow(zk: ZooKeeperClient, path: string): Promise<void> {
  const own = quotaPath(path);
  try {
    await visitSubtree(zk, own, false, async (visited) => {
      const children = await childrenOrNone(zk, visited);
      if (visited !== own && children.includes(LIMIT_NODE)) {
        throw new InvalidArgumentError(
          `${path} has a child ${visited.slice(QUOTA_ROOT.length)} which has a quota`,
        );
      }
    });
  } catch (error) {
    if (!(error instanceof ZooKeeperError) || error.code !== ErrorCode.noNode) throw error;
  }
}

async function refuseQuotaAbove(zk: ZooKeeperClient, path: string): Promise<void> {
  const parts = pathParts(path);
  for (let i = 2; i < parts.length; i++) {
    const above = `/${parts.slice(1, i).join("/")}`;
    const children = await childrenOrNone(zk, quotaPath(above));
    if (children.length === 0) return;
    if (children.includes(LIMIT_NODE)) {
      throw new InvalidArgumentError(`${path} has a parent ${above} which has a quota`);
    }
  }
}

async function childrenOrNone(zk: ZooKeeperClient, path: string): Promise<string[]> {
  try {
    return await zk.getChildren(path);
  } catch (error) {
    if (error instanceof ZooKeeperError && error.code === ErrorCode.noNode) return [];
    throw error;
  }
}
