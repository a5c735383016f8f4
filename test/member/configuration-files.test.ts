// The files of a configuration, with a disk that fails, dies or loses its power at every single call: whoever starts after
// that knows everything that it must know.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.js";
import { ConfigurationFiles } from "../../src/member/configuration-files.js";
import type { Disk } from "../../src/platform/platform.js";
import { SILENT_LOG } from "../../src/platform/silent-log.js";
import type { Configuration } from "../../src/quorum/configuration.js";
import { Configuration as Loaded } from "../../src/quorum/configuration.js";
import { Quorums } from "../../src/quorum/quorums.js";
import type { Sid } from "../../src/wire/ids.js";
import { configurationOf } from "../quorum/model/configurations.js";
import { type Fault, FaultDisk } from "../storage/fault-disk.js";

const PATH = "/etc/zoo.cfg";
const CFG = `# The ensemble of the test: this line stays
tickTime=2000
dataDir=/data
initLimit=10
syncLimit=5
clientPort=2181
reconfigEnabled=true
standaloneEnabled=false
peerType=participant
server.1=zk1:2888:3888:participant
server.2=zk2:2888:3888:participant
server.3=zk3:2888:3888:\\
participant
`;

/** From the first version of what was in zoo.cfg, through two reconfigs, one of which comes to nothing. */
const [FIRST, SECOND, NEVER, THIRD] = [
  configurationOf(0x100000000, [1, 2, 3]),
  configurationOf(0x100000005, [1, 2, 3, 4]),
  configurationOf(0x100000009, [1, 2], [3]),
  configurationOf(0x200000003, [1, 2, 4], [3]),
] as [Configuration, Configuration, Configuration, Configuration];

/** What the member has been told is on disk. */
interface Run {
  committed: number;
  seen: number;
  finished: boolean;
}

function filesOn(disk: Disk): ConfigurationFiles {
  const parts = { disk, log: SILENT_LOG, sid: 1 as Sid, configFile: PATH, workingDirectory: "/" };
  return new ConfigurationFiles(parts);
}

async function life(disk: FaultDisk, run: Run): Promise<void> {
  const files = filesOn(disk);
  await files.backUp();
  for (const configuration of [FIRST, SECOND, NEVER, THIRD]) {
    await files.remember(configuration);
    run.seen = configuration.version;
    if (configuration === NEVER) {
      run.seen = run.committed;
      await files.forget();
      continue;
    }
    await files.activate(configuration, true);
    // What cannot be written is in the log: whether it has been is seen on the disk.
    if (!disk.stopped && disk.fault !== "fail") run.committed = configuration.version;
  }
  run.finished = true;
}

/** What a server that starts on this disk goes by. */
function startedOn(disk: FaultDisk): Quorums {
  const { config } = loadConfig({ disk, path: PATH });
  const { membership, nextMembership } = config;
  return new Quorums(new Loaded(membership), nextMembership && new Loaded(nextMembership));
}

function newDisk(): FaultDisk {
  const disk = new FaultDisk();
  disk.put(PATH, Buffer.from(CFG));
  disk.put("/data/myid", Buffer.from("1\n"));
  return disk;
}

function check(disk: FaultDisk, run: Run, what: string): void {
  const { committed, lastSeen } = startedOn(disk);
  const all = [FIRST, SECOND, NEVER, THIRD];
  for (const one of [committed, lastSeen]) {
    const whole = all.find(({ version }) => version === one.version);
    const expected = one.version === 0 ? configurationOf(0, [1, 2, 3]) : whole;
    assert.equal(one.text, expected?.text, `${what}: half of a configuration`);
  }
  assert.ok(committed.version >= run.committed, `${what}: ${committed.version} is committed`);
  assert.ok(committed !== NEVER, what);
  // A static file knows of nothing to come: its members are those of the first version.
  const known =
    committed.version === 0 ? Math.max(lastSeen.version, FIRST.version) : lastSeen.version;
  assert.ok(known >= run.seen, `${what}: ${run.seen} was promised, ${known} is known`);
}

async function untilEnd(disk: FaultDisk, run: Run): Promise<void> {
  let hasEnded = false;
  const ended = () => {
    hasEnded = true;
  };
  life(disk, run).then(ended, ended);
  while (!hasEnded && !disk.stopped) await new Promise(setImmediate);
  await new Promise(setImmediate);
}

async function everyCall(fault: Fault, after: (disk: FaultDisk, seed: number) => FaultDisk[]) {
  for (let n = 1; ; n++) {
    const disk = newDisk();
    disk.fault = fault;
    disk.faultAt = n;
    const run: Run = { committed: 0, seen: 0, finished: false };
    await untilEnd(disk, run);
    for (let seed = 0; seed < 6; seed++) {
      for (const next of after(disk, seed)) check(next, run, `${fault} at call ${n}, seed ${seed}`);
    }
    // A failing disk does not end a member whose committed configuration cannot be written.
    if (run.finished && (fault !== "fail" || n > 200)) return n;
  }
}

function chooser(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

test("A member that is killed or loses its power at any call knows its configuration, and the one to come", async () => {
  const calls = await everyCall("stop", (disk, seed) => [
    disk.afterKill(),
    disk.afterPowerLoss(chooser(seed)),
  ]);
  assert.ok(calls > 40, `${calls} calls`);
});

test("A member whose disk refuses any one call goes on with what it has", async () => {
  await everyCall("fail", (disk, seed) => [disk.afterKill(), disk.afterPowerLoss(chooser(seed))]);
});

test("zoo.cfg keeps what a reconfig does not concern, and its original is kept beside it", async () => {
  const disk = newDisk();
  const run: Run = { committed: 0, seen: 0, finished: false };
  await untilEnd(disk, run);
  assert.equal(
    disk.readFile(PATH).toString(),
    "# The ensemble of the test: this line stays\ntickTime=2000\ndataDir=/data\ninitLimit=10\nsyncLimit=5\n" +
      "clientPort=2181\nreconfigEnabled=true\nstandaloneEnabled=false\n" +
      "dynamicConfigFile=/etc/zoo.cfg.dynamic.200000003\n",
  );
  assert.equal(disk.readFile(`${PATH}.bak`).toString(), CFG);
  assert.equal(
    disk.readFile(`${PATH}.dynamic.200000003`).toString(),
    "server.1=zk1:2888:3888:participant\nserver.2=zk2:2888:3888:participant\n" +
      "server.3=zk3:2888:3888:observer\nserver.4=zk4:2888:3888:participant",
  );
  assert.equal(disk.stat(`${PATH}.dynamic.next`), undefined);
});
