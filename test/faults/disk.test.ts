// Full, read-only and broken disks under a running server. FAULT_SERVER=java39 plays the same to Java.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type PeerName, peerTest, REPOSITORY, type ServerKind } from "../compat/peers.js";
import { create, setData } from "../compat/raw/requests.js";
import { freePort, newDirectory, startServer } from "../compat/server-process.js";
import { sufferDiskFault } from "./disk-campaign.js";
import { DiskShim, Errno, type FaultCall } from "./disk-shim.js";
import { Client } from "./load.js";
import { Random, seedOfRun } from "./random.js";
import { SmallDisk } from "./small-disk.js";
import { verify } from "./verify.js";

const kind = (process.env.FAULT_SERVER ?? "zooid") as ServerKind;
const NAME = kind === "zooid" ? "Zooid" : "Java";
const seed = seedOfRun();
/** And with all of the log past the system's cache. */
const FREQUENT_SNAPSHOTS = { snapCount: 100, preAllocSize: 64, "txnLog.directMinBytes": 0 };
const NO_SNAPSHOTS = { snapCount: 1_000_000, preAllocSize: 64 };

interface Broken {
  readonly what: string;
  readonly call: FaultCall;
  readonly errno: number;
  readonly part: string;
  readonly mustEnd: boolean;
}

const BROKEN: readonly Broken[] = [
  {
    what: "its log cannot be synced",
    call: "sync",
    errno: Errno.EIO,
    part: "log.",
    mustEnd: true,
  },
  {
    what: "its log cannot be written",
    call: "write",
    errno: Errno.EIO,
    part: "log.",
    mustEnd: true,
  },
  {
    what: "its log's disk is read-only",
    call: "write",
    errno: Errno.EROFS,
    part: "log.",
    mustEnd: true,
  },
  {
    what: "no new log can be made",
    call: "create",
    errno: Errno.ENOSPC,
    part: "log.",
    mustEnd: false,
  },
  {
    what: "a snapshot cannot be written",
    call: "write",
    errno: Errno.ENOSPC,
    part: "snapshot.",
    mustEnd: false,
  },
  {
    what: "a snapshot cannot be synced",
    call: "sync",
    errno: Errno.EIO,
    part: "snapshot.",
    mustEnd: false,
  },
  {
    what: "a snapshot cannot be made",
    call: "create",
    errno: Errno.EROFS,
    part: "snapshot.",
    mustEnd: false,
  },
  {
    what: "a snapshot cannot get its name",
    call: "rename",
    errno: Errno.EIO,
    part: "snapshot.",
    mustEnd: false,
  },
];

for (const { what, call, errno, part, mustEnd } of BROKEN) {
  peerTest(`${NAME} loses nothing when ${what}`, [kind, "cc"], async (t) => {
    t.diagnostic(`seed ${seed}`);
    const shim = new DiskShim();
    try {
      const outcome = await sufferDiskFault({
        kind,
        seed,
        options: { cfg: FREQUENT_SNAPSHOTS, environment: shim.environment },
        begin: () => shim.arm(call, errno, part),
        mend: () => shim.disarm(),
        mustEnd,
      });
      t.diagnostic(outcome);
    } finally {
      shim.discard();
    }
  });
}

const ON_A_DISK: readonly PeerName[] = [kind, "root"];

peerTest(`${NAME} loses nothing when the disk of its log is full`, ON_A_DISK, async (t) => {
  const disk = new SmallDisk(1);
  try {
    const outcome = await sufferDiskFault({
      kind,
      seed,
      options: { cfg: NO_SNAPSHOTS, dataDir: `${disk.path}/data` },
      // The clients' own writes are the fault.
      begin: () => {},
      enoughAnswers: 100_000,
      mend: () => disk.resize(64),
      mustEnd: true,
    });
    t.diagnostic(outcome);
  } finally {
    disk.discard();
  }
});

peerTest(`${NAME} says that its disk is read-only and does not start`, ON_A_DISK, async () => {
  const disk = new SmallDisk(16);
  const directory = newDirectory(kind);
  const options = { directory, dataDir: `${disk.path}/data`, port: await freePort() };
  let server = await startServer(kind, options);
  try {
    const client = new Client("c0", new Random(seed));
    await client.connect(server.port, 20_000);
    for (const path of ["", "/value", "/value2", "/q"]) await client.ask(create(`/c0${path}`, "0"));
    await client.disconnect();
    await server.stop();
    disk.makeReadOnly();
    server = await startServer(kind, { ...options, dontWait: true });
    const { code } = await server.exited;
    assert.notEqual(code, 0);
    assert.match(
      server.log(),
      /[Rr]ead-only|EROFS|[Cc]annot write|[Uu]nable to (create|access)|not writable/,
    );
    disk.resize(16);
    server = await startServer(kind, options);
    assert.ok(await client.connect(server.port, 20_000));
    await verify(client);
    await client.disconnect();
  } finally {
    await server.discard();
    disk.discard();
  }
});

peerTest(
  "zkCleanup.sh that cannot remove a file says so and harms nothing",
  ["zooid", "cc"],
  async () => {
    const shim = new DiskShim();
    const options = { cfg: { snapCount: 20, preAllocSize: 64 }, directory: newDirectory("zooid") };
    const clean = () =>
      spawnSync("sh", [join(REPOSITORY, "bin/zkCleanup.sh"), "-n", "3"], {
        encoding: "utf8",
        env: { ...process.env, ...shim.environment, ZOOCFGDIR: options.directory },
      });
    let server = await startServer("zooid", { ...options, port: await freePort() });
    const snapshots = () =>
      readdirSync(join(server.dataDir, "version-2")).filter((name) => name.startsWith("snapshot."));
    const client = new Client("c0", new Random(seed));
    try {
      await client.connect(server.port, 20_000);
      for (const path of ["", "/value", "/value2", "/q"])
        await client.ask(create(`/c0${path}`, "0"));
      for (let i = 1; i <= 200; i++) await client.ask(setData("/c0/value", `${i}`));
      [client.acknowledgedValue, client.sentValue] = [200, 200];
      await client.disconnect();
      await server.stop();
      assert.ok(snapshots().length > 3);

      shim.arm("unlink", Errno.EIO, "snapshot.");
      const failed = clean();
      assert.match(`${failed.stdout}${failed.stderr}`, /snapshot\.[0-9a-f]+/);
      server = await startServer("zooid", { ...options, port: server.port });
      await server.stop();

      shim.disarm();
      assert.equal(clean().status, 0);
      assert.equal(snapshots().length, 3);
      server = await startServer("zooid", { ...options, port: server.port });
      assert.ok(await client.connect(server.port, 20_000));
      await verify(client);
      await client.disconnect();
    } finally {
      shim.discard();
      await server.discard();
    }
  },
);
