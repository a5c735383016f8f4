// Data directories are handed over, there and back, between Zooid and Java 3.8 and 3.9.5, after clean stops and after
// kills: every node with its data, Stat and ACL, the last zxid and the sessions are what they were.

import assert from "node:assert/strict";
import { mismatchCount } from "./ensemble-check.js";
import { fourLetterWord } from "./four-letter-word.js";
import { peerTest, type ServerKind } from "./peers.js";
import { ask, dumpTree, must, SUPER_DIGEST } from "./raw/client.js";
import { RawConnection } from "./raw/connection.js";
import {
  acl,
  auth,
  check,
  create,
  createContainer,
  createTtl,
  exists,
  Mode,
  multi,
  OPEN,
  READ,
  remove,
  setAcl,
  setData,
} from "./raw/requests.js";
import { freePort, newDirectory, type RunningServer, startServer } from "./server-process.js";

const SESSION_TIMEOUT_MS = 40_000;

interface Hop {
  readonly kind: ServerKind;
  readonly end: "stop" | "kill9";
}

interface Voyage {
  readonly name: string;
  readonly hops: readonly Hop[];
  readonly cfg: Readonly<Record<string, string | number>>;
}

const to = (kind: ServerKind, end: "stop" | "kill9"): Hop => ({ kind, end });

const VOYAGES: readonly Voyage[] = [
  {
    name: "Java 3.9.5, Zooid and back, stopped",
    hops: [to("java39", "stop"), to("zooid", "stop"), to("java39", "stop"), to("zooid", "stop")],
    cfg: { snapCount: 40 },
  },
  {
    name: "Java 3.9.5, Zooid and back, killed",
    hops: [
      to("java39", "kill9"),
      to("zooid", "kill9"),
      to("java39", "kill9"),
      to("zooid", "kill9"),
    ],
    cfg: { snapCount: 40 },
  },
  {
    name: "Zooid, Java 3.8 and back, killed and stopped",
    hops: [to("zooid", "kill9"), to("java38", "stop"), to("zooid", "stop"), to("java38", "kill9")],
    cfg: { snapCount: 40 },
  },
  {
    name: "Zooid and Java 3.9.5 with snapshots in gz",
    hops: [to("zooid", "stop"), to("java39", "stop"), to("zooid", "stop")],
    cfg: { snapCount: 20, "snapshot.compression.method": "gz" },
  },
  {
    name: "Zooid and Java 3.9.5 with snapshots in snappy",
    hops: [to("zooid", "stop"), to("java39", "stop"), to("zooid", "stop")],
    cfg: { snapCount: 20, "snapshot.compression.method": "snappy" },
  },
  {
    name: "Zooid and Java 3.9.5 without snapshots after the first",
    hops: [to("java39", "kill9"), to("zooid", "kill9"), to("java39", "kill9")],
    cfg: { snapCount: 1_000_000, preAllocSize: 64 },
  },
];

/** Something of every kind; each hop below a node of its own. */
async function write(connection: RawConnection, hop: number): Promise<void> {
  const top = `/hop${hop}`;
  const me = acl("digest", "me:xlpJGzVhaayvpHfFn/RwowgwqI4=");
  await must(connection, create(top, null));
  await must(connection, create(`${top}/empty`, ""));
  await must(connection, create(`${top}/data`, Buffer.from([0, 1, 2, 0xff, 0xfe])));
  await must(connection, create(`${top}/große-日本`, "ünï 😀"));
  await must(connection, create(`${top}/acl`, "a", [me, acl("world", "anyone", READ)]));
  await must(connection, create(`${top}/ip`, "a", [acl("ip", "127.0.0.0/8"), me]));
  await must(connection, create(`${top}/e`, "e", OPEN, Mode.ephemeral));
  await must(connection, createContainer(`${top}/container`));
  await must(connection, createTtl(`${top}/ttl`, "t", 1_000_000));
  for (let i = 0; i < 30; i++) {
    await must(connection, create(`${top}/s-`, `${i}`, OPEN, Mode.sequential));
    await must(connection, setData(`${top}/data`, Buffer.alloc(i * 37, i)));
  }
  await must(connection, remove(`${top}/s-0000000010`));
  await must(connection, setAcl(`${top}/empty`, [me]));
  await must(
    connection,
    multi(
      create(`${top}/m`),
      create(`${top}/m/n`, "n"),
      setData(`${top}/m`, "x", 0),
      check(top, 0),
    ),
  );
  await ask(connection, multi(create(`${top}/half`), remove(`${top}/missing`)));
  await ask(connection, create(`${top}/data`));
  const quota = `/zookeeper/quota${top}`;
  await must(connection, create(quota, ""));
  await must(connection, create(`${quota}/zookeeper_limits`, "count=1000,bytes=-1"));
  await must(connection, create(`${quota}/zookeeper_stats`, "count=0,bytes=0"));
  await must(connection, create(`${top}/counted`, "12345"));
}

async function lastZxid(server: RunningServer): Promise<string | undefined> {
  return /Zxid: (\S+)/.exec(await fourLetterWord(server.port, "srvr"))?.[1];
}

async function sail(voyage: Voyage): Promise<void> {
  const directory = newDirectory("handover");
  const port = await freePort();
  const cfg = {
    ...voyage.cfg,
    extendedTypesEnabled: "true",
    "DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
  };
  let server: RunningServer | undefined;
  let client: RawConnection | undefined;
  let before: string[] = [];
  let zxid: string | undefined;
  try {
    for (const [i, hop] of voyage.hops.entries()) {
      server = await startServer(hop.kind, { cfg, directory, port });
      const old = client && { sessionId: client.sessionId, password: client.password };
      if (old) assert.equal(await lastZxid(server), zxid, `the last zxid at ${hop.kind}`);
      client = await RawConnection.open(port);
      await client.establish({ timeoutMs: SESSION_TIMEOUT_MS, ...old });
      if (old) {
        assert.deepEqual(await dumpTree(port), before, `the tree as ${hop.kind} has it`);
        assert.equal((await ask(client, exists("/hop0/e"))).error, 0, "the session's ephemeral");
      }
      await must(client, auth("digest", "me:pw"));
      await write(client, i);
      before = await dumpTree(port);
      zxid = await lastZxid(server);
      const isAfterJava = i > 0 && voyage.hops[i - 1]!.kind !== "zooid" && hop.kind === "zooid";
      const count = isAfterJava ? await mismatchCount(server) : undefined;
      await server[hop.end]();
      // Java reads the digest at the end of a snapshot while a transaction may be half done whose changes are in the snapshot: it may be
      // that of the transaction before, and whoever loads the snapshot says once that they differ (met in one of thirty runs of all
      // tests), or, where that transaction is in the log behind the snapshot and says its digest, too, twice (met once). What the tree
      // has to be was compared above.
      if (isAfterJava) {
        assert.ok(["0", "1", "2"].includes(count ?? ""), `${count} digests differ`);
        continue;
      }
      const mismatches = server.log().match(/^.*(digest mismatch|digests are not matching).*$/gim);
      assert.equal(mismatches, null, `the digests as ${hop.kind} has them`);
    }
  } finally {
    await client?.destroy();
    await server?.discard();
  }
}

for (const voyage of VOYAGES) {
  const kinds = [...new Set(voyage.hops.map(({ kind }) => kind))];
  peerTest(`A data directory is handed over: ${voyage.name}`, kinds, () => sail(voyage));
}
