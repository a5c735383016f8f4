// All commands of zkCli, but for those that are about zkCli itself (shell.ts has them).

import type { Command } from "./command.js";
import { config } from "./config.js";
import { create } from "./create.js";
import { deleteCommand } from "./delete.js";
import { deleteall, rmr } from "./deleteall.js";
import { delquota } from "./delquota.js";
import { get } from "./get.js";
import { getAcl } from "./get-acl.js";
import { getAllChildrenNumber } from "./get-all-children-number.js";
import { listquota } from "./listquota.js";
import { ls, ls2 } from "./ls.js";
import { reconfig } from "./reconfig.js";
import { addauth, close, getEphemerals, version, whoami } from "./session-commands.js";
import { set } from "./set.js";
import { setAcl } from "./set-acl.js";
import { setquota } from "./setquota.js";
import { stat } from "./stat.js";
import { sync } from "./sync.js";
import { addWatch, removewatches } from "./watch-commands.js";

const ALL: readonly Command[] = [
  close,
  create,
  deleteCommand,
  deleteall,
  set,
  get,
  ls,
  getAcl,
  setAcl,
  stat,
  sync,
  setquota,
  listquota,
  delquota,
  addauth,
  reconfig,
  config,
  removewatches,
  getEphemerals,
  getAllChildrenNumber,
  version,
  addWatch,
  whoami,
  ls2,
  rmr,
];

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  ALL.map((command) => [command.name, command]),
);
