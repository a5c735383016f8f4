// Whether all servers of an ensemble have the same: every node with its data, Stat and ACL; the digests that `hash` gives
// for the same zxid; and no server that has ever found its digest to differ from the leader's.

import assert from "node:assert/strict";
import { type Member, tail, until } from "./ensemble-world.js";
import { fourLetterWord } from "./four-letter-word.js";
import { must, namesIn } from "./raw/client.js";
import { RawConnection } from "./raw/connection.js";
import {
  auth,
  closeSession,
  getAcl,
  getChildren,
  getData,
  type Request,
  sync,
} from "./raw/requests.js";

const IN_FLIGHT = 100;

export type Peer = Pick<Member, "sid" | "kind" | "port" | "host" | "isRunning" | "mode" | "log">;

/** Nobody may be writing. `known`: also those that are gone, from whom others may have what they have. */
export async function assertEqualTrees(
  { members }: { readonly members: readonly Peer[] },
  known: readonly Peer[] = members,
): Promise<void> {
  const running = members.filter(({ isRunning }) => isRunning);
  const [first, ...others] = running;
  const expected = await wholeTree(first!);
  assert.ok(expected.length > 1);
  for (const other of others) {
    const found = await wholeTree(other);
    const there = new Set(expected);
    const here = new Set(found);
    const differences = [
      ...expected.filter((line) => !here.has(line)).map((line) => `- ${line}`),
      ...found.filter((line) => !there.has(line)).map((line) => `+ ${line}`),
    ].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
    assert.deepEqual(
      differences.slice(0, 20),
      [],
      `member ${other.sid} (${other.kind}) against member ${first!.sid} (${first!.kind})`,
    );
  }
  await assertEqualDigests(running, known);
  for (const member of running) await assertNoMismatch(member, known);
}

async function assertEqualDigests(running: readonly Peer[], known: readonly Peer[]): Promise<void> {
  const digests = new Map<string, string>();
  for (const { sid, kind, port, host } of running.filter((one) => !keepsOthers(one, known))) {
    const text = await fourLetterWord(port, "hash", undefined, host);
    for (const [, zxid = "", digest = ""] of text.matchAll(/^([0-9a-f]+): (-?\d+)\r?$/gm)) {
      assert.equal(
        digest,
        digests.get(zxid) ?? digest,
        `the digest at ${zxid} of ${sid} (${kind})`,
      );
      digests.set(zxid, digest);
    }
  }
}

/** The log, which is of all that ran on the directory, and the counter of this process. */
export async function assertNoMismatch(member: Peer, known: readonly Peer[]): Promise<void> {
  const who = `member ${member.sid} (${member.kind})`;
  const lines = member.log().match(/^.*(digest mismatch|digests are not matching).*$/gim);
  if (lines !== null && isJavasOwn(member, known, lines[0])) return;
  assert.equal(lines, null, `${who} has logged:\n${around(member.log(), lines?.[0] ?? "")}`);
  if ((await member.mode()) !== undefined) {
    const count = await mismatchCount(member);
    assert.equal(count ?? "0", "0", `digest_mismatches_count of ${who}`);
    if (member.kind === "java39") assert.equal(count, "0");
  }
}

/** As `mntr` has it; undefined: it says nothing of that. */
export async function mismatchCount({ port, host }: { port: number; host?: string }) {
  const text = await fourLetterWord(port, "mntr", undefined, host);
  return /^zk_digest_mismatches_count\t(\d+)$/m.exec(text)?.[1];
}

/**
 * A Java leader that goes on writing sends a snapshot with later changes in it, and a Java learner compares digests at once:
 * they do not match, though the trees come out equal (docs/COMPATIBILITY.md). Only so between two of Java.
 */
function isJavasOwn(member: Peer, known: readonly Peer[], line: string): boolean {
  return hasJavasSnapshot(member, known, member.log().slice(0, member.log().indexOf(line)));
}

/** Nor does such a learner forget the digests that it came to on the way. Those of other processes it has not. */
function keepsOthers(member: Peer, known: readonly Peer[]): boolean {
  const log = member.log();
  const ownLog = log.slice(Math.max(0, log.lastIndexOf("Reading configuration from")));
  return hasJavasSnapshot(member, known, ownLog);
}

function hasJavasSnapshot(member: Peer, known: readonly Peer[], log: string): boolean {
  if (member.kind === "zooid") return false;
  const snapshot = log.lastIndexOf("Getting a snapshot from leader");
  if (snapshot < 0) return false;
  const connected = log
    .slice(0, snapshot)
    .matchAll(/connected to leader, using address: \S*?[/:](\d+)\s*$/gm);
  const quorumPort = [...connected].at(-1)?.[1];
  const leader = known.find(({ port }) => `${port + 1}` === quorumPort);
  return leader !== undefined && leader.kind !== "zooid";
}

/** What came before it. */
function around(log: string, line: string): string {
  return tail(log.slice(0, log.indexOf(line) + line.length));
}

/** A server that has just come back may have to find its leader once more before it serves. */
async function untilSession({ sid, port, host }: Pick<Peer, "sid" | "port" | "host">) {
  let session: RawConnection | undefined;
  await until(
    `member ${sid} gives a session`,
    async () => {
      const connection = await RawConnection.open(port, host).catch(() => undefined);
      try {
        await connection?.establish({ timeoutMs: 10_000 });
        session = connection;
      } catch {
        await connection?.destroy();
      }
      return session !== undefined;
    },
    60_000,
  );
  return session!;
}

/** One line a node, sorted. What each server writes for itself, /zookeeper/config, has times of its own. */
export async function wholeTree(member: Pick<Peer, "sid" | "port" | "host">): Promise<string[]> {
  const connection = await untilSession(member);
  try {
    await must(connection, auth("digest", "super:test"));
    await must(connection, sync("/"));
    const lines: string[] = [];
    let level = ["/"];
    while (level.length > 0) {
      const below: string[] = [];
      for (let i = 0; i < level.length; i += IN_FLIGHT) {
        const paths = level.slice(i, i + IN_FLIGHT);
        const answers = await askAll(
          connection,
          paths.flatMap((path) => [getData(path), getAcl(path), getChildren(path)]),
        );
        for (const [j, path] of paths.entries()) {
          const [data, acl, children] = answers.slice(3 * j, 3 * j + 3);
          const aclText = acl!.toString("hex", 0, acl!.length - 68);
          if (path !== "/zookeeper/config") lines.push(`${path} ${shown(data!)} ${aclText}`);
          const home = path === "/" ? "" : path;
          below.push(...namesIn(children!).map((name) => `${home}/${name}`));
        }
      }
      level = below;
    }
    await must(connection, closeSession());
    return lines.sort();
  } finally {
    await connection.destroy();
  }
}

async function askAll(connection: RawConnection, requests: readonly Request[]): Promise<Buffer[]> {
  for (const request of requests) connection.request(request);
  const bodies: Buffer[] = [];
  for (const request of requests) {
    const reply = await connection.next();
    if (reply === undefined) throw new Error(`The connection was closed at ${request.label}`);
    const error = reply.readInt32BE(12);
    if (error !== 0) throw new Error(`${request.label} failed with ${error}`);
    bodies.push(reply.subarray(16));
  }
  return bodies;
}

const STAT = ["czxid", "mzxid", "ctime", "mtime", "v", "cv", "av", "owner", "length", "children"];
const STAT_OFFSETS = [0, 8, 16, 24, 32, 36, 40, 44, 52, 56];

/** Data in short, and the Stat with names, so that a difference can be read. */
function shown(body: Buffer): string {
  const length = Math.max(0, body.readInt32BE(0));
  const data = body.subarray(4, 4 + length);
  const stat = body.subarray(body.length - 68);
  const fields = STAT.map((name, i) => {
    const at = STAT_OFFSETS[i]!;
    const isLong = i < 4 || name === "owner";
    return `${name}=${isLong ? stat.readBigInt64BE(at).toString(16) : stat.readInt32BE(at)}`;
  });
  const text = length > 40 ? `${length}:${sum(data)}` : data.toString("latin1");
  return `"${text}" ${fields.join(" ")} pzxid=${stat.readBigInt64BE(60).toString(16)}`;
}

function sum(data: Buffer): number {
  let result = 7;
  for (const byte of data) result = (Math.imul(result, 31) + byte) | 0;
  return result;
}
