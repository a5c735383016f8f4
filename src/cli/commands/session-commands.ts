// Commands about the session itself: who one is, what one owns, and its end.

import { FULL_VERSION } from "../../version.js";
import { NO_OPTIONS } from "../shell/option-parser.js";
import { type Command, usageError } from "./command.js";

export const addauth: Command = {
  name: "addauth",
  usage: "scheme auth",
  options: NO_OPTIONS,
  leastWords: 2,
  async run(context, parsed) {
    const [, scheme, auth] = parsed.args;
    context.zk.addAuth(scheme!, auth ?? null);
  },
};

export const close: Command = {
  name: "close",
  usage: "",
  options: undefined,
  async run(context) {
    await context.zk.close();
  },
};

export const getEphemerals: Command = {
  name: "getEphemerals",
  usage: "path",
  options: NO_OPTIONS,
  async run(context, parsed) {
    const ephemerals = await context.zk.getEphemerals(parsed.args[1] ?? "/");
    context.out(`[${ephemerals.join(", ")}]`);
  },
};

export const version: Command = {
  name: "version",
  usage: "",
  options: NO_OPTIONS,
  async run(context, parsed) {
    if (parsed.args.length > 1) throw usageError(version);
    context.out(`ZooKeeper CLI version: ${FULL_VERSION}`);
  },
};

export const whoami: Command = {
  name: "whoami",
  usage: "",
  options: undefined,
  async run(context) {
    const infos = await context.zk.whoAmI();
    context.out("Auth scheme: User");
    for (const { authScheme, user } of infos) context.out(`${authScheme}: ${user}`);
  },
};
