// Going over a subtree. Java: ZKUtil.

import { ErrorCode } from "../../wire/error-codes.js";
import { pathProblem } from "../client/client-path.js";
import type { ZooKeeperClient } from "../client/zookeeper-client.js";
import { InvalidArgumentError, ZooKeeperError } from "../client/zookeeper-error.js";

/** Parents before children, level by level. */
export async function listSubtree(zk: ZooKeeperClient, root: string): Promise<string[]> {
  const paths = [root];
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i]!;
    for (const child of await zk.getChildren(path)) paths.push(childOf(path, child));
  }
  return paths;
}

/** The root, then for each node its children by name, and then what is below each of those. */
export async function visitSubtree(
  zk: ZooKeeperClient,
  root: string,
  watch: boolean,
  visit: (path: string) => void | Promise<void>,
): Promise<void> {
  const problem = pathProblem(root);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  await zk.getData(root, watch);
  await visit(root);
  await visitBelow(zk, root, watch, visit);
}

async function visitBelow(
  zk: ZooKeeperClient,
  path: string,
  watch: boolean,
  visit: (path: string) => void | Promise<void>,
): Promise<void> {
  try {
    const children = (await zk.getChildren(path, watch)).sort();
    for (const child of children) await visit(childOf(path, child));
    for (const child of children) await visitBelow(zk, childOf(path, child), watch, visit);
  } catch (error) {
    // Deleted since its parent told of it.
    if (!(error instanceof ZooKeeperError) || error.code !== ErrorCode.noNode) throw error;
  }
}

function childOf(path: string, child: string): string {
  return path === "/" ? `/${child}` : `${path}/${child}`;
}
