// wchs, wchc, wchp, hash: watches and digests. Java: WatchCommand, DigestCommand, WatchManager.dumpWatches.
//
// wchc and wchp tell of data watches only (and of the persistent ones, which are among them): that is how it is in Java.

import type { Watcher } from "../../tree/watches.js";
import { hex } from "../../wire/ids.js";
import type { TextSource } from "../text-answer.js";
import type { WordContext } from "./word-context.js";

export function wchs({ port }: WordContext): TextSource {
  const { connections, paths, watches } = port.watchSummary();
  return [`${connections} connections watching ${paths} paths\n`, `Total watches:${watches}\n`];
}

export function* wchc({ port }: WordContext): Generator<string> {
  for (const [watcher, paths] of port.watchesByConnection()) {
    yield `${nameOf(watcher)}\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield "\n";
}

export function* wchp({ port }: WordContext): Generator<string> {
  for (const [path, watchers] of port.watchesByPath()) {
    yield `${path}\n`;
    for (const watcher of watchers) yield `\t${nameOf(watcher)}\n`;
  }
  yield "\n";
}

export function* hash({ port }: WordContext): Generator<string> {
  for (const { zxid, digest } of port.digestLog()) yield `${hex(zxid)}: ${digest}\n`;
}

function nameOf({ sessionId }: Watcher): string {
  return `0x${hex(sessionId)}`;
}
