// zkSnapShotToolkit: prints what is in a snapshot. Java: SnapshotFormatter.
//
//   zkSnapShotToolkit.sh [-d|-json] snapshot_file
//
// With -json, for ncdu: https://dev.yorhel.nl/ncdu/jsonfmt

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { ExitCode } from "../../errors.js";
import { javaLong } from "../shell/java-numbers.js";
import { localDate } from "../shell/local-date.js";
import { inHashOrder } from "./hash-order.js";
import { ROOT } from "./node-table.js";
import type { Output } from "./output.js";
import { type Invocation, runProgram } from "./program.js";
import { SnapshotContent } from "./snapshot-content.js";
import { hexLong } from "./txn-text.js";
import { walk } from "./walk.js";

const USAGE = [
  "USAGE: SnapshotFormatter [-d|-json] snapshot_file",
  "       -d dump the data for each znode",
  "       -json dump znode info in json format",
];
/** Java's HashMap, unless told otherwise. */
const MAP_CAPACITY = 16;
/** ncdu tells files apart by their inode. */
const INODE_BEFORE_FIRST = 1000;

function main({ args, out, complain }: Invocation): number {
  const flags = new Set<string>();
  let at = 0;
  for (; args[at] === "-d" || args[at] === "-json"; at++) flags.add(args[at]!);
  const path = args[at];
  if (path === undefined || at + 1 !== args.length) {
    for (const line of USAGE) complain(line);
    return ExitCode.invalidInvocation;
  }
  const problem = whyUnreadable(path);
  if (problem !== undefined) {
    complain(problem);
    return ExitCode.invalidInvocation;
  }
  if (flags.size === 2) {
    complain("Cannot specify both data dump (-d) and json mode (-json) in same call");
    return ExitCode.invalidInvocation;
  }
  const content = new SnapshotContent(path);
  try {
    if (flags.has("-json")) printJson(content, out);
    else printDetails(content, out, basename(path), flags.has("-d"));
  } finally {
    content.close();
  }
  if (content.damage !== undefined) complain(`${path} is damaged: ${content.damage}`);
  return ExitCode.finished;
}

/** Java: ZKUtil.validateFileInput. */
function whyUnreadable(path: string): string | undefined {
  const absolute = resolve(path);
  if (!existsSync(path)) return `File '${absolute}' does not exist.`;
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return `Read permission is denied on the file '${absolute}'`;
  }
  return statSync(path).isDirectory()
    ? `'${absolute}' is a directory. it must be a file.`
    : undefined;
}

function printDetails(content: SnapshotContent, out: Output, name: string, hasData: boolean): void {
  const { table } = content;
  // Java's map has the root twice.
  out.line(`ZNode Details (count=${table.count + 1}):`);
  walk(table, ROOT, "/", {
    enter: (node, path) => {
      out.line(`----\n${path}`);
      out.print(statText(content.stat(node)));
      if (hasData) out.line(`  data = ${content.data(node).toString("base64")}`);
      else out.line(`  dataLength = ${Math.max(0, table.dataLength(node))}`);
      return true;
    },
  });
  out.line("----");
  printSessions(content, out);
  const named = zxidOfName(name);
  const last = content.lastZxid > named ? content.lastZxid : named;
  out.line(`----\nLast zxid: 0x${hexLong(last)}`);
}

function printSessions({ sessions, ephemerals }: SnapshotContent, out: Output): void {
  out.line("Session Details (sid, timeout, ephemeralCount):");
  const ids = [...sessions.keys()];
  const hashes = ids.map((id) => Number(BigInt.asIntN(32, id ^ (id >> 32n))));
  for (const position of inHashOrder(hashes, MAP_CAPACITY)) {
    const id = ids[position]!;
    out.line(`${paddedHex(id)}, ${sessions.get(id)}, ${ephemerals.get(id) ?? 0}`);
  }
}

function statText(stat: Buffer): string {
  const hex = (offset: number): string => paddedHex(stat.readBigInt64BE(offset));
  const date = (offset: number): string => localDate(Number(stat.readBigInt64BE(offset)));
  return [
    `  cZxid = ${hex(0)}`,
    `  ctime = ${date(16)}`,
    `  mZxid = ${hex(8)}`,
    `  mtime = ${date(24)}`,
    `  pZxid = ${hex(52)}`,
    `  cversion = ${stat.readInt32BE(36)}`,
    `  dataVersion = ${stat.readInt32BE(32)}`,
    `  aclVersion = ${stat.readInt32BE(40)}`,
    `  ephemeralOwner = ${hex(44)}\n`,
  ].join("\n");
}

/** Java: %#016x, in which the 0x counts. */
function paddedHex(value: bigint): string {
  return `0x${hexLong(value).padStart(14, "0")}`;
}

/** Java: Util.getZxidFromName. */
function zxidOfName(name: string): bigint {
  const [prefix, digits] = name.split(".");
  return (prefix === "snapshot" ? javaLong(digits ?? "", 16) : undefined) ?? -1n;
}

function printJson({ table }: SnapshotContent, out: Output): void {
  const title = `{"progname":"SnapshotFormatter.java","progver":"0.01","timestamp":${Date.now()}}`;
  out.print(`[1,0,${title}`);
  let inode = INODE_BEFORE_FIRST;
  walk(table, ROOT, "/", {
    enter: (node) => {
      const name = node === ROOT ? "/" : table.name(node);
      const size = Math.max(0, table.dataLength(node));
      const sizes = `"asize":${size},"dsize":${size},"dev":0,"ino":${++inode}`;
      out.print(`,${table.hasChildren(node) ? "[" : ""}{"name":"${jsonText(name)}",${sizes}}`);
      return true;
    },
    leave: (node) => {
      if (table.hasChildren(node)) out.print("]");
    },
  });
  out.print("]");
}

const JSON_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

/** As Java's library escapes it: control characters in capitals, everything else as it is. */
function jsonText(text: string): string {
  return text.replace(/["\\\p{Cc}]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0x7f) return character;
    const hex = code.toString(16).toUpperCase().padStart(4, "0");
    return JSON_ESCAPES[character] ?? `\\u${hex}`;
  });
}

runProgram(main);
