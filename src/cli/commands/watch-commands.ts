// Persistent watches, and taking watches off.

import { pathProblem } from "../client/client-path.js";
import { AddWatchMode, WatcherType } from "../client/watch-event.js";
import { UncaughtError } from "../shell/cli-error.js";
import { flag, type ParsedOptions, valued } from "../shell/option-parser.js";
import { type Command, usageError } from "./command.js";

export const addWatch: Command = {
  name: "addWatch",
  usage:
    "[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE",
  options: { options: [valued("m", "")] },
  async run(context, parsed) {
    const path = parsed.args[1];
    const mode = modeOf(parsed.value("m"));
    if (path === undefined || parsed.args.length !== 2 || mode === undefined) {
      throw usageError(addWatch);
    }
    const problem = pathProblem(path);
    if (problem !== undefined) {
      throw new UncaughtError("java.lang.IllegalArgumentException", problem);
    }
    await context.zk.addWatch(path, mode);
  },
};

function modeOf(text: string | undefined): AddWatchMode | undefined {
  if (text === undefined) return AddWatchMode.persistentRecursive;
  switch (text.toUpperCase()) {
    case "PERSISTENT_RECURSIVE":
      return AddWatchMode.persistentRecursive;
    case "PERSISTENT":
      return AddWatchMode.persistent;
    default:
      return undefined;
  }
}

export const removewatches: Command = {
  name: "removewatches",
  usage: "path [-c|-d|-a] [-l]",
  options: {
    options: [
      flag("c", "child watcher type"),
      flag("d", "data watcher type"),
      flag("p", "persistent watcher type"),
      flag("r", "persistent recursive watcher type"),
      flag("a", "any watcher type"),
      flag("l", "remove locally when there is no server connection"),
    ],
  },
  leastWords: 2,
  async run(context, parsed) {
    await context.zk.removeAllWatches(parsed.args[1]!, typeOf(parsed), parsed.has("l"));
  },
};

function typeOf(parsed: ParsedOptions): WatcherType {
  if (parsed.has("c")) return WatcherType.children;
  if (parsed.has("d")) return WatcherType.data;
  if (parsed.has("p")) return WatcherType.persistent;
  if (parsed.has("r")) return WatcherType.persistentRecursive;
  return WatcherType.any;
}
