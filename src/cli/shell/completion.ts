// What tab makes of a word: the commands that begin with it, or the nodes. Java: JLineZNodeCompleter.

import { isConnected } from "../client/session-state.js";
import type { ZooKeeperClient } from "../client/zookeeper-client.js";
import { commandNames } from "./shell.js";

/** The candidates, and the word that they stand for. */
export async function complete(zk: ZooKeeperClient, line: string): Promise<[string[], string]> {
  const word = line.slice(line.lastIndexOf(" ") + 1);
  if (!word.startsWith("/")) {
    const names = commandNames().filter((name) => name.startsWith(word));
    return [names.length === 1 ? [`${names[0]} `] : names, word];
  }
  return [await completePath(zk, word), word];
}

async function completePath(zk: ZooKeeperClient, word: string): Promise<string[]> {
  if (!isConnected(zk.state)) return [];
  const slash = word.lastIndexOf("/");
  const parent = slash === 0 ? "/" : word.slice(0, slash);
  const prefix = word.slice(slash + 1);
  try {
    const children = await zk.getChildren(parent);
    return children
      .filter((child) => child.startsWith(prefix))
      .sort()
      .map((child) => (parent === "/" ? `/${child}` : `${parent}/${child}`));
  } catch {
    return []; // not there, or not to be seen: nothing to offer
  }
}
