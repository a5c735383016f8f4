// The answers to the four-letter words. Java: CommandExecutor and the *Command classes.
//
// A word is a function from what there is to lines; the table below lists them all. Lines are produced while they are sent
// (text-answer.ts), so a word that walks over a million things must do so lazily, as a generator.
//
// Whoever adds one: its name in whitelist.ts, its function in the file of its kind, its line in the table.

import { hex0x } from "../../wire/ids.js";
import type { DoorClient } from "../door-context.js";
import type { TextSource } from "../text-answer.js";
import { conf, dirs, envi, isro, mntr, srst, srvr, stat } from "./about-server.js";
import { cons, crst, dump } from "./about-sessions.js";
import { hash, wchc, wchp, wchs } from "./about-tree.js";
import type { Word } from "./whitelist.js";
import type { WordContext } from "./word-context.js";

export const NOT_SERVING = "This ZooKeeper instance is not currently serving requests";

type Answer = (door: WordContext) => TextSource;

/** Answered whether or not the server serves. */
const ALWAYS: { readonly [word in Word]?: Answer } = {
  ruok: () => ["imok"],
  gtmk: (door) => [String(door.traceMask)],
  envi,
  isro,
};

const WHILE_SERVING: { readonly [word in Word]?: Answer } = {
  srvr,
  stat,
  srst,
  mntr,
  conf,
  cons,
  crst,
  dirs,
  dump,
  wchs,
  wchc,
  wchp,
  hash,
};

export function answerWord(
  door: WordContext,
  word: string,
  connection: DoorClient,
  traceMask: bigint | undefined,
): TextSource {
  if (!door.enabledWords.has(word)) {
    return [`${word} is not executed because it is not in the whitelist.\n`];
  }
  door.logs.connection.info(`Processing ${word} command from ${connection.remoteName}`);
  if (traceMask !== undefined) {
    door.traceMask = traceMask;
    door.platform.log.child("ZooTrace").info(`Set text trace mask to ${hex0x(traceMask)}`);
    return [String(traceMask)];
  }
  const always = ALWAYS[word as Word];
  if (always !== undefined) return always(door);
  // Java forgets the end of the line for `hash` alone.
  if (!door.port.takesClients) return [word === "hash" ? NOT_SERVING : `${NOT_SERVING}\n`];
  return WHILE_SERVING[word as Word]?.(door) ?? [];
}
