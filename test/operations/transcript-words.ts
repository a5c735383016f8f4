// The little language of test/transcripts/operations: what can be said, and how what happens is written down.
//
//   create PATH ["DATA"] [ephemeral] [sequential] [container] [ttl=MS] [for=USER]   delete PATH [VERSION]
//   set PATH "DATA" [VERSION]    setacl PATH USER|anyone    check PATH VERSION (in a multi)    reap PATH
//   multi, with its parts on the following lines, indented              close
//   get | exists | children PATH [watch]    watch PATH [recursive]    whoami
//   as SESSION [USER…]  who asks from here on       apply [COUNT]  the oldest outstanding ones, or all
//   tree   what is in the tree       pending   what will be different       time MS   the clock stands there from here on

import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { ApplyResult } from "../../src/operations/operation.js";
import { ChangeRecord } from "../../src/operations/pending-tree.js";
import type { PreparedTxn } from "../../src/operations/txn-record.js";
import { AddWatchMode } from "../../src/tree/tree-watches.js";
import type { Znode } from "../../src/tree/znode.js";
import { ErrorCode, errorText } from "../../src/wire/error-codes.js";
import { hex0x, NO_SESSION, type SessionId } from "../../src/wire/ids.js";
import { OpCode, opName } from "../../src/wire/op-codes.js";
import { type ACL, type Id, readStat, type SetDataTxn } from "../../src/wire/records.js";
import * as ask from "./requests.js";
import { LOCALHOST, OPEN, World } from "./world.js";

const EVENT_NAMES: Readonly<Record<number, string>> = {
  1: "NodeCreated",
  2: "NodeDeleted",
  3: "NodeDataChanged",
  4: "NodeChildrenChanged",
};

export class Notebook {
  readonly #world: World;
  readonly #outstanding: PreparedTxn[] = [];
  #session = 1n as SessionId;
  #identities: readonly Id[] = [LOCALHOST];

  constructor(options: readonly string[]) {
    this.#world = new World(Object.fromEntries(options.map((option) => [option, true])));
  }

  /** Carries out one command and returns what is to be seen of it. */
  run(lines: readonly string[]): string {
    const [first = "", ...parts] = lines;
    const [word = "", ...words] = split(first);
    switch (word) {
      case "as":
        return this.#as(words);
      case "time":
        this.#world.nowMs = Number(words[0]);
        return "ok";
      case "apply":
        return this.#apply(words[0] === undefined ? Infinity : Number(words[0]));
      case "tree":
        return this.#tree();
      case "pending":
        return this.#pending();
      case "get":
      case "exists":
      case "children":
      case "watch":
      case "whoami":
        return this.#read(word, words);
      case "multi":
        return this.#prepare(ask.multi(...parts.map((part) => write(split(part.trim())))));
      case "reap": {
        const request = ask.read(OpCode.deleteContainer, words[0] ?? "");
        return this.#prepare(request, NO_SESSION);
      }
      default:
        return this.#prepare(write([word, ...words]));
    }
  }

  #as([session, ...users]: readonly string[]): string {
    this.#session = BigInt(session ?? 1) as SessionId;
    this.#identities = [LOCALHOST, ...users.map((user) => ({ scheme: "digest", id: `${user}:h` }))];
    return "ok";
  }

  #prepare({ type, body }: ask.Ask, session = this.#session): string {
    const record = this.#world.prepare(type, body, { session, identities: this.#identities });
    this.#outstanding.push(record);
    const lines = [`${record.header.zxid} ${describeTxn(record.header.type, record.txn)}`];
    for (const { path, what, hard, limit, wanted } of this.#world.exceeded.splice(0)) {
      lines.push(
        `  ${path} would have ${wanted} ${what}: ${hard ? "hard" : "soft"} limit ${limit}`,
      );
    }
    return lines.join("\n");
  }

  #apply(count: number): string {
    const lines: string[] = [];
    for (const record of this.#outstanding.splice(0, count)) {
      const result = this.#world.apply(record);
      lines.push(`${record.header.zxid} ${describeResult(result)}`);
      for (const listener of this.#world.listeners.values()) {
        for (const event of listener.events.splice(0)) {
          const name = EVENT_NAMES[event.type] ?? event.type;
          lines.push(`  session ${listener.sessionId} hears ${name} ${event.path}`);
        }
      }
    }
    if (this.#world.mismatches.length > 0) lines.push("DIGEST MISMATCH");
    return lines.join("\n") || "nothing outstanding";
  }

  #read(word: string, [path = "", option]: readonly string[]): string {
    const types: Readonly<Record<string, number>> = {
      get: OpCode.getData,
      exists: OpCode.exists,
      children: OpCode.getChildren,
      watch: OpCode.addWatch,
      whoami: OpCode.whoAmI,
    };
    const mode =
      option === "recursive" ? AddWatchMode.persistentRecursive : AddWatchMode.persistent;
    const more = word === "watch" ? mode : option === "watch";
    const { type, body } = ask.read(types[word]!, path, more);
    const asked = { session: this.#session, identities: this.#identities };
    const { error } = this.#world.read(type, body, asked);
    if (error !== ErrorCode.ok) return errorText(error);
    const node = this.#world.tree.get(path);
    if (word === "get") return `ok ${text(node!.data())}`;
    if (word === "children") return ["ok", ...node!.childNames().sort()].join(" ");
    return "ok";
  }

  /** Without what is ZooKeeper's own, unless somebody has changed it. */
  #tree(): string {
    const lines: string[] = [];
    const visit = (path: string) => {
      const node = this.#world.tree.get(path);
      if (node === undefined) return;
      if (!path.startsWith("/zookeeper") || path.split("/").length > 3) {
        lines.push(describeNode(path, node));
      }
      for (const child of [...node.childPaths()].sort()) visit(child);
    };
    visit("");
    return lines.join("\n");
  }

  #pending(): string {
    const lines: string[] = [];
    const paths = new Set<string>();
    for (const { txn } of this.#outstanding) collectPaths(txn, paths);
    for (const path of [...paths].sort()) {
      const view = this.#world.pending.find(path);
      if (view === undefined) {
        if (this.#world.tree.get(path) !== undefined) lines.push(`${path} will be gone`);
      } else if (view instanceof ChangeRecord) {
        const { version, cversion, childCount, zxid } = view;
        const what = `version=${version} cversion=${cversion} children=${childCount}`;
        lines.push(`${path || "/"} by ${zxid}: ${what}`);
      }
    }
    return lines.join("\n") || "nothing";
  }
}

function collectPaths(txn: unknown, paths: Set<string>): void {
  if (typeof txn !== "object" || txn === null) return;
  if ("parts" in txn)
    for (const part of txn.parts as { txn: unknown }[]) collectPaths(part.txn, paths);
  const listed = "paths2Delete" in txn ? (txn.paths2Delete as string[]) : [];
  const own = "path" in txn ? [txn.path as string] : [];
  for (const path of [...listed, ...own]) {
    paths.add(path);
    paths.add(path.slice(0, path.lastIndexOf("/")));
  }
}

// ---------------------------------------------------------------------------------------------------------------- requests

function write([word, path = "", ...words]: readonly string[]): ask.Ask {
  const data = words.find((w) => w.startsWith('"'))?.slice(1, -1);
  const version = Number(words.find((w) => /^-?\d+$/.test(w)) ?? -1);
  switch (word) {
    case "create":
      return create(path, data ?? "", words);
    case "delete":
      return ask.remove(path, version);
    case "set":
      return ask.set(path, data ?? "", version);
    case "setacl":
      return ask.setAcl(path, aclFor(words[0] ?? "anyone"), version);
    case "check":
      return ask.check(path, version);
    case "close":
      return ask.closeSession();
    default:
      throw new Error(`Unknown word "${word}"`);
  }
}

function create(path: string, data: string, words: readonly string[]): ask.Ask {
  const ttl = words.find((word) => word.startsWith("ttl="));
  const owner = words.find((word) => word.startsWith("for="));
  const acl = owner === undefined ? OPEN : aclFor(owner.slice(4));
  const sequential = words.includes("sequential");
  if (ttl !== undefined) {
    const flags = sequential ? 6 : 5;
    return ask.create(path, {
      type: OpCode.createTTL,
      data,
      acl,
      flags,
      ttl: BigInt(ttl.slice(4)),
    });
  }
  if (words.includes("container")) {
    return ask.create(path, { type: OpCode.createContainer, data, acl, flags: 4 });
  }
  const flags = (words.includes("ephemeral") ? 1 : 0) + (sequential ? 2 : 0);
  return ask.create(path, { data, acl, flags });
}

function aclFor(user: string): ACL[] {
  return user === "anyone" ? OPEN : [{ perms: 31, id: { scheme: "digest", id: `${user}:h` } }];
}

function split(line: string): string[] {
  return line.match(/"[^"]*"|\S+/g) ?? [];
}

// -------------------------------------------------------------------------------------------------------------- description

function describeTxn(type: number, txn: unknown): string {
  if (type === OpCode.error) return `error ${errorText((txn as { err: number }).err)}`;
  if (type === OpCode.multi) {
    const { parts } = txn as { parts: { type: number; txn: unknown }[] };
    return ["multi", ...parts.map((part) => `  ${describeTxn(part.type, part.txn)}`)].join("\n");
  }
  const fields = Object.entries(fieldsOf(type, txn)).map(
    ([name, value]) => `${name}=${name === "acl" ? acl(value as ACL[]) : text(value)}`,
  );
  return [opName(type), ...fields].join(" ");
}

/** A setData's are not its own: it says where they lie. */
function fieldsOf(type: number, txn: unknown): object {
  if (type !== OpCode.setData) return txn ?? {};
  const { path, data, version } = txn as SetDataTxn;
  return { path, data, version };
}

function describeResult({ error, type, path, stat, parts }: ApplyResult): string {
  if (parts !== undefined) {
    return ["multi", ...parts.map((part) => `  ${describeResult(part)}`)].join("\n");
  }
  if (type === OpCode.error) return errorText(error);
  const told = [opName(type), errorText(error)];
  if (path !== undefined) told.push(path);
  if (stat !== undefined) {
    const out = new JuteWriter();
    stat.writeTo(out);
    const { version, cversion } = readStat(new JuteReader(out.take()));
    told.push(`version=${version} cversion=${cversion}`);
  }
  return told.join(" ");
}

function describeNode(path: string, node: Znode): string {
  const { version, cversion, czxid, mzxid, pzxid } = node;
  const stat = `v=${version} cv=${cversion} czxid=${czxid} mzxid=${mzxid} pzxid=${pzxid}`;
  const owner = node.ephemeralOwner === 0n ? "" : ` owner=${hex0x(node.ephemeralOwner)}`;
  return `${path || "/"} ${text(node.data())} ${stat}${owner}`;
}

function acl(list: readonly ACL[]): string {
  return list.map(({ perms, id }) => `${id.scheme}:${id.id}:${perms}`).join(",");
}

function text(value: unknown): string {
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString());
  return Array.isArray(value) ? `[${value.join(" ")}]` : String(value);
}
