// A Stat as people read it. Java: StatPrinter.

import { hex } from "../../wire/ids.js";
import type { Stat } from "../../wire/records.js";
import { localDate } from "../shell/local-date.js";
import type { CommandContext } from "./command.js";

export function printStat(context: CommandContext, stat: Stat): void {
  for (const line of statLines(stat)) context.out(line);
}

function statLines(stat: Stat): string[] {
  return [
    `cZxid = 0x${hex(stat.czxid)}`,
    `ctime = ${localDate(stat.ctime)}`,
    `mZxid = 0x${hex(stat.mzxid)}`,
    `mtime = ${localDate(stat.mtime)}`,
    `pZxid = 0x${hex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = 0x${hex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}
