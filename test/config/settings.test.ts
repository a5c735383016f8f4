// Where each setting is looked for, what wins, and what becomes of values that are none. The golden tests beside this one
// cover what QuorumPeerConfig does; system properties are read all over Java's server, so their rules are written down here.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Config, LoadedConfig } from "../../src/config/config.js";
import { loadConfig } from "../../src/config/load.js";
import { groups } from "../../src/config/table.js";
import { DiskError } from "../../src/platform/platform.js";
import { diskOf } from "./support.js";

const SASL_PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";

const PATH = "/conf/zoo.cfg";

function load(lines: string, properties: Record<string, string> = {}): LoadedConfig {
  const disk = diskOf({ [PATH]: `dataDir=/data\nclientPort=2181\n${lines}` });
  return loadConfig({ disk, path: PATH, properties: new Map(Object.entries(properties)) });
}

function config(lines: string, properties: Record<string, string> = {}): Config {
  return load(lines, properties).config;
}

describe("a setting", () => {
  const rows: [string, Record<string, string>, (of: Config) => unknown, unknown][] = [
    // zoo.cfg over -D, -D where the file is silent
    ["snapCount=5", { "zookeeper.snapCount": "7" }, (of) => of.storage.snapCount, 5],
    ["", { "zookeeper.snapCount": "7" }, (of) => of.storage.snapCount, 7],
    ["zookeeper.snapCount=5", {}, (of) => of.storage.snapCount, 5],
    ["", { "zookeeper.tickTime": "7" }, (of) => of.session.tickTimeMs, 3000],
    ["", { tickTime: "7" }, (of) => of.session.tickTimeMs, 3000],
    ["", { snapCount: "7" }, (of) => of.storage.snapCount, 100_000],
    // without prefix: -D as in Java, then what we take beside it
    ["", { "jute.maxbuffer": "7" }, (of) => of.limits.juteMaxBufferBytes, 7],
    ["", { "zookeeper.jute.maxbuffer": "8" }, (of) => of.limits.juteMaxBufferBytes, 8],
    ["jute.maxbuffer=9", {}, (of) => of.limits.juteMaxBufferBytes, 9],
    ["jute.maxbuffer=9", { "jute.maxbuffer": "7" }, (of) => of.limits.juteMaxBufferBytes, 7],
    ["jute.maxbuffer=0x400000", {}, (of) => of.limits.juteMaxBufferBytes, 4_194_304],
    ["readonlymode.enabled=true", {}, (of) => of.quorum.readonlymodeEnabled, true],
    ["", { "leader.nodelay": "false" }, (of) => of.quorum.leaderNodelay, false],
    // with and without prefix, prefix first
    ["", { "fsync.warningthresholdms": "5" }, (of) => of.storage.fsyncWarningThresholdMs, 5],
    [
      "fsync.warningthresholdms=6",
      { "fsync.warningthresholdms": "5" },
      (of) => of.storage.fsyncWarningThresholdMs,
      6,
    ],
    // file, then -D
    ["", { "zookeeper.multiAddress.enabled": "true" }, (of) => of.quorum.multiAddressEnabled, true],
    [
      "multiAddress.enabled=false",
      { "zookeeper.multiAddress.enabled": "true" },
      (of) => of.quorum.multiAddressEnabled,
      false,
    ],
    // the property over the file
    ["syncEnabled=true\nobserver.syncEnabled=false", {}, (of) => of.quorum.syncEnabled, false],
    ["syncEnabled=false", {}, (of) => of.quorum.syncEnabled, false],
    // Java's words
    ["skipACL=yes", {}, (of) => of.auth.skipACL, true],
    ["skipACL=true", {}, (of) => of.auth.skipACL, false],
    ["forceSync=no", {}, (of) => of.storage.forceSync, false],
    ["forceSync=false", {}, (of) => of.storage.forceSync, true],
    ["leaderServes=no", {}, (of) => of.quorum.leaderServes, false],
    ["admin.enableServer=false", {}, (of) => of.admin.enableServer, false],
    ["admin.enableServer=FALSE", {}, (of) => of.admin.enableServer, true],
    ["extendedTypesEnabled=TRUE", {}, (of) => of.tree.extendedTypesEnabled, true],
    ["snapshot.compression.method=GZ", {}, (of) => of.storage.snapshotCompressionMethod, "gz"],
    ["snapshot.compression.method=zip", {}, (of) => of.storage.snapshotCompressionMethod, ""],
    // units
    ["preAllocSize=1", {}, (of) => of.storage.preAllocSizeBytes, 1024],
    ["preAllocSize=0", {}, (of) => of.storage.preAllocSizeBytes, 0],
    ["", {}, (of) => of.storage.preAllocSizeBytes, 64 * 1024 * 1024],
    ["", {}, (of) => of.storage.txnLogSizeLimitBytes, -1],
    ["txnLogSizeLimitInKb=-5", {}, (of) => of.storage.txnLogSizeLimitBytes, -1],
    ["autopurge.purgeInterval=24", {}, (of) => of.storage.autopurgePurgeIntervalMs, 86_400_000],
    ["autopurge.purgeInterval=90m", {}, (of) => of.storage.autopurgePurgeIntervalMs, 5_400_000],
    ["autopurge.purgeInterval=-1", {}, (of) => of.storage.autopurgePurgeIntervalMs, 0],
    // ranges
    ["snapCount=1", {}, (of) => of.storage.snapCount, 2],
    ["commitLogCount=5", {}, (of) => of.storage.commitLogCount, 500],
    ["snapshotSizeFactor=2", {}, (of) => of.storage.snapshotSizeFactor, 0.33],
    ["snapshotSizeFactor=-1", {}, (of) => of.storage.snapshotSizeFactor, -1],
    ["largeRequestMaxBytes=0", {}, (of) => of.limits.largeRequestMaxBytes, 104_857_600],
    // defaults that depend on others
    ["jute.maxbuffer=5", {}, (of) => of.limits.juteMaxBufferExtraSizeBytes, 1024],
    ["jute.maxbuffer=5000", {}, (of) => of.limits.juteMaxBufferExtraSizeBytes, 5000],
    ["jute.maxbuffer.extrasize=2000", {}, (of) => of.limits.juteMaxBufferExtraSizeBytes, 2000],
    ["flushDelay=30", {}, (of) => of.storage.maxWriteQueuePollTimeMs, 10],
    ["tickTime=7\nsyncLimit=2", {}, (of) => of.quorum.quorumCnxnTimeoutMs, 14],
    ["initLimit=9", {}, (of) => of.quorum.connectToLearnerMasterLimitTicks, 9],
    // lists
    [
      "4lw.commands.whitelist=mntr, ruok,,",
      {},
      (of) => of.client.fourLetterWordWhitelist,
      ["mntr", "ruok", "srvr"],
    ],
    ["4lw.commands.whitelist=*", {}, (of) => of.client.fourLetterWordWhitelist, ["*", "srvr"]],
    ["", {}, (of) => of.client.fourLetterWordWhitelist, ["srvr"]],
    ["readonlymode.enabled=true", {}, (of) => of.client.fourLetterWordWhitelist, ["srvr", "isro"]],
    [
      "superUser=a\nsuperUser.2=b",
      { "zookeeper.superUser.x": "c" },
      (of) => [...of.auth.superUsers].sort(),
      ["a", "b", "c"],
    ],
    [
      `authProvider.1=${SASL_PROVIDER}`,
      {},
      (of) => of.auth.authProviders,
      [{ name: "1", className: SASL_PROVIDER }],
    ],
    [
      `sessionRequireClientSASLAuth=true\nauthProvider.1=${SASL_PROVIDER}`,
      {},
      (of) => of.auth.enforceAuthSchemes,
      ["sasl"],
    ],
    ["metricsProvider.httpPort=7001", {}, (of) => of.metrics.httpPort, 7001],
    ["metricsProvider.mine=1", {}, (of) => of.metricsProviderProperties.get("mine"), "1"],
    ["ssl.quorum.keyStore.location=/k.pem", {}, (of) => of.tlsQuorum.keyStoreLocation, "/k.pem"],
    [
      "",
      {},
      (of) => [of.tlsClient.clientHostnameVerification, of.tlsQuorum.clientHostnameVerification],
      [false, true],
    ],
  ];
  for (const [lines, properties, read, expected] of rows) {
    const flags = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`);
    const name = [lines.replaceAll("\n", "; ") || "nothing in zoo.cfg", ...flags].join(" and ");
    test(`is ${JSON.stringify(expected)} after ${name}`, () => {
      assert.deepEqual(read(config(lines, properties)), expected);
    });
  }

  test("whose property is not a value keeps its default and says so", () => {
    const { config: loaded, warnings } = load("snapCount=many\n", { "zookeeper.maxCnxns": "x" });
    assert.equal(loaded.storage.snapCount, 100_000);
    assert.equal(loaded.client.maxCnxns, 0);
    assert.deepEqual(warnings, [
      '-Dzookeeper.maxCnxns must be an integer from -2147483648 to 2147483647: current value is "x"; going on with "0"',
      'line 3: snapCount must be an integer from -2147483648 to 2147483647: current value is "many"; going on with "100000"',
    ]);
  });

  test("that is a flag and is neither true nor false is false and says so", () => {
    const { config: loaded, warnings } = load("digest.enabled=yes\n");
    assert.equal(loaded.storage.digestEnabled, false);
    assert.deepEqual(warnings, [
      'line 3: digest.enabled must be "true" or "false": current value is "yes"; going on with "false"',
    ]);
  });

  test("given twice without prefix says which one counts", () => {
    const { warnings } = load("jute.maxbuffer=9\n", { "jute.maxbuffer": "7" });
    assert.deepEqual(warnings, [
      'line 3: jute.maxbuffer is "9" and -Djute.maxbuffer is "7": the latter counts, as in ZooKeeper',
    ]);
  });

  test("has a field name that no other setting of its group has, and a name of its own", () => {
    const names = groups().flatMap(([, rows]) =>
      Object.values(rows).map(({ name, place }) => `${place.endsWith("r") ? place : ""} ${name}`),
    );
    assert.equal(new Set(names).size, names.length);
    assert(names.length > 200);
  });

  test("has a default that its own reader reads back", () => {
    for (const [group, rows] of groups()) {
      for (const [field, setting] of Object.entries(rows)) {
        if (setting.fallbackText === undefined || setting.name === "tickTime") continue;
        const read = setting.read(setting.fallbackText, assert.fail);
        assert.deepEqual(read, setting.fallback, `${group}.${field}`);
      }
    }
  });
});

describe("an unknown key", () => {
  const rows: [string, string][] = [
    [
      "ticktime=5",
      'line 3: unknown key "ticktime", set as system property "zookeeper.ticktime": did you mean "tickTime"?',
    ],
    [
      "maxClientCnxs=5",
      'line 3: unknown key "maxClientCnxs", set as system property "zookeeper.maxClientCnxs": did you mean "maxClientCnxns"?',
    ],
    [
      "autopurge.purgeIntervall=1",
      'line 3: unknown key "autopurge.purgeIntervall", set as system property "zookeeper.autopurge.purgeIntervall": did you mean "autopurge.purgeInterval"?',
    ],
    [
      "metricsProvider.htpPort=1",
      'line 3: unknown key "metricsProvider.htpPort", left to the metrics provider: did you mean "metricsProvider.httpPort"?',
    ],
    ["colour=blue", 'line 3: unknown key "colour", set as system property "zookeeper.colour"'],
  ];
  for (const [line, warning] of rows) {
    test(`is kept and named: ${line}`, () => {
      const { config: loaded, warnings } = load(`${line}\n`);
      assert.deepEqual(warnings, [warning]);
      if (line === "colour=blue") assert.equal(loaded.properties.get("zookeeper.colour"), "blue");
    });
  }

  for (const line of [
    "leader.maxConcurrentSnapshots=10",
    "superUser.7=x",
    `authProvider.sasl=${SASL_PROVIDER}`,
    "sasl.client=true",
    "version=1",
    "server.1=a:1:2",
  ]) {
    test(`is none of these: ${line}`, () => {
      const unknown = load(`${line}\n`).warnings.filter((warning) => warning.includes("unknown"));
      assert.deepEqual(unknown, []);
    });
  }

  test("as -D is named only when it is nearly a known one or belongs into the file", () => {
    const { warnings } = load("", {
      "zookeeper.snapCont": "1",
      "zookeeper.tickTime": "1",
      "zookeeper.my.own": "1",
      "java.net.preferIPv4Stack": "true",
    });
    assert.deepEqual(warnings, [
      '-Dzookeeper.snapCont is unknown: did you mean "-Dzookeeper.snapCount"?',
      "-Dzookeeper.tickTime has no effect: tickTime is only read from the configuration file",
    ]);
  });
});

describe("a configuration that cannot be used", () => {
  test("because enforced authentication has no scheme ends as Java's arguments do", () => {
    assert.throws(() => load("enforce.auth.enabled=true\n"), {
      message:
        "zookeeper.enforce.auth.enabled is true zookeeper.enforce.auth.schemes must be  configured.",
      standardError: "Usage: ZooKeeperServerMain configfile | port datadir [ticktime] [maxcnxns]",
      exitCode: 2,
    });
  });

  for (const lines of [
    "enforce.auth.enabled=true\nenforce.auth.schemes=digest,sasl\n",
    "sessionRequireClientSASLAuth=true\n",
  ]) {
    test(`because a scheme that is enforced is not there: ${lines.split("\n")[0]}`, () => {
      assert.throws(() => load(lines), {
        message: "Authentication scheme sasl is not available.",
        exitCode: 2,
      });
    });
  }

  test("because snapshot.store is neither kind: the other would be begun with the next snapshot", () => {
    assert.throws(() => load("snapshot.store=bolt\n"), {
      message:
        /^Unrecognised snapshot\.store: bolt \(.*snapshot\.store must be one of "file", "lmdb"/,
      exitCode: 2,
    });
  });

  test("because authProvider names a class that is not ours ends with exit code 1", () => {
    assert.throws(() => load("authProvider.7=com.example.Mine\n"), {
      message: /^Couldn't instantiate com\.example\.Mine \(authProvider\.7 must be one of org\./,
      exitCode: 1,
    });
  });

  test("because the server id is too large for TTL nodes ends with exit code 1", () => {
    const servers = [1, 2, 255].map((sid) => `server.${sid}=h${sid}:2888:3888\n`).join("");
    const disk = diskOf({
      [PATH]: `dataDir=/data\nclientPort=2181\ninitLimit=5\nsyncLimit=2\nextendedTypesEnabled=true\n${servers}`,
      "/data/myid": "255\n",
    });
    assert.throws(() => loadConfig({ disk, path: PATH }), {
      message: "extendedTypesEnabled is true but Server ID is too large. Cannot be larger than 254",
      exitCode: 1,
    });
  });

  test("because its file may not be read says so in Java's words", () => {
    const disk = diskOf({ [PATH]: new DiskError("EACCES", PATH, "denied") });
    assert.throws(() => loadConfig({ disk, path: PATH }), {
      message: `Error processing ${PATH}: ${PATH} (Permission denied)`,
      line: "Invalid config, exiting abnormally",
      standardError: "Invalid config, exiting abnormally",
    });
  });

  test("because nothing may be looked at says that it is missing, as Java does", () => {
    const disk = {
      ...diskOf({}),
      stat: (path: string) => {
        throw new DiskError("ENOTDIR", path, "not a directory");
      },
    };
    assert.throws(() => loadConfig({ disk, path: PATH }), {
      message: `Error processing ${PATH}: ${PATH} file is missing`,
    });
  });

  test("because myid may not be read says so in Java's words", () => {
    const disk = diskOf({
      [PATH]: "dataDir=/data\n",
      "/data/myid": new DiskError("EACCES", "/data/myid", "denied"),
    });
    assert.throws(() => loadConfig({ disk, path: PATH }), {
      message: `Error processing ${PATH}: /data/myid (Permission denied)`,
    });
  });
});

describe("the configuration", () => {
  test("cannot be changed at any depth", () => {
    const loaded = config("server.1=a:1:2\nserver.2=b:1:2\n".slice(0, 15));
    const writable = loaded as unknown as {
      client: { clientPort: number };
      membership: { servers: unknown[] };
      properties: Map<string, string>;
    };
    assert.throws(() => {
      writable.client.clientPort = 1;
    }, TypeError);
    assert.throws(() => writable.membership.servers.push(1), TypeError);
    assert.throws(() => writable.properties.set("a", "b"), TypeError);
    assert.throws(() => writable.properties.clear(), TypeError);
    assert.equal(loaded.properties.get("zookeeper.server.1"), "a:1:2");
  });

  test("keeps the file's text and name for those who ask", () => {
    const loaded = config("# héllo\n");
    assert.equal(loaded.configText, "dataDir=/data\nclientPort=2181\n# héllo\n");
    assert.equal(loaded.configFile, PATH);
  });

  test("says what Java says, in its order, before there is a log", () => {
    assert.deepEqual(
      load("").log.map(({ text }) => text),
      [
        "Reading configuration from: /conf/zoo.cfg",
        "clientPortAddress is 0.0.0.0:2181",
        "secureClientPort is not set",
        "observerMasterPort is not set",
        "metricsProvider.className is org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
      ],
    );
  });
});

describe("A class that only Java could load", () => {
  for (const name of ["serverCnxnFactory", "watchManagerName"]) {
    test(`ends the start when ${name} names one`, () => {
      assert.throws(() => load(`${name}=com.example.Own`), {
        name: "FatalError",
        exitCode: 1,
        line: "Unexpected exception, exiting abnormally",
        message: /^Couldn't instantiate com\.example\.Own \(.* must be one of org\.apache\./,
      });
    });
  }

  test("is fine when it is one of ZooKeeper's own", () => {
    const netty = "org.apache.zookeeper.server.NettyServerCnxnFactory";
    assert.equal(config(`serverCnxnFactory=${netty}`).client.serverCnxnFactory, netty);
    const optimized = "org.apache.zookeeper.server.watch.WatchManagerOptimized";
    assert.equal(
      config("", { "zookeeper.watchManagerName": optimized }).tree.watchManagerName,
      optimized,
    );
  });
});
