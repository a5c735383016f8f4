// The server's command line, and the guess at a mistyped name.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configFromCommandLine, parseCommandLine } from "../../src/config/command-line.js";
import { ConfigError } from "../../src/config/config-error.js";
import { editDistance, nearestName } from "../../src/config/nearest.js";
import { diskOf } from "./support.js";

describe("the command line", () => {
  test("takes -D and passes over what only a JVM understands", () => {
    const argv = [
      "-Xmx1000m",
      "-Da=b=c",
      "-Dempty",
      "-cp",
      "/a.jar",
      "-XX:+UseG1GC",
      "--add-opens",
      "java.base/x=ALL",
      "-Dzookeeper.snapCount=5",
      "zoo.cfg",
      "-Dnot=one",
    ];
    const { properties, operands, ignored } = parseCommandLine(argv);
    assert.deepEqual(
      [...properties],
      [
        ["a", "b=c"],
        ["empty", ""],
        ["zookeeper.snapCount", "5"],
      ],
    );
    assert.deepEqual(operands, ["zoo.cfg", "-Dnot=one"]);
    assert.deepEqual(ignored, ["-Xmx1000m", "-cp", "-XX:+UseG1GC", "--add-opens"]);
  });

  test("names a file", () => {
    const disk = diskOf({ "./zoo.cfg": "dataDir=/data\n" });
    const { config: loaded } = configFromCommandLine(disk, ["-Dzookeeper.maxCnxns=3", "./zoo.cfg"]);
    assert.equal(loaded.client.maxCnxns, 3);
    assert.equal(loaded.configFile, "./zoo.cfg");
  });

  test("names port and directory, and optionally tick and connections", () => {
    const disk = diskOf({ "/data/myid": "not looked at" });
    const { config: loaded } = configFromCommandLine(disk, ["2181", "/data", "500"]);
    assert.equal(loaded.client.clientPort, 2181);
    assert.equal(loaded.storage.dataDir, "/data");
    assert.equal(loaded.session.tickTimeMs, 500);
    assert.equal(loaded.session.maxSessionTimeoutMs, 10_000);
    assert.equal(loaded.client.maxClientCnxns, 0);
    assert.equal(loaded.configFile, undefined);
    assert.equal(loaded.distributed, false);
    const four = configFromCommandLine(disk, ["2181", "/data", "500", "9"]).config;
    assert.equal(four.client.maxClientCnxns, 9);
  });

  const wrong: [string[], string][] = [
    [[], "Invalid number of arguments:[]"],
    [["1", "2", "3", "4", "5"], "Invalid number of arguments:[1, 2, 3, 4, 5]"],
    [["port", "/data"], 'For input string: "port"'],
    [["70000", "/data"], "port out of range:70000"],
    [["2181", "/data", "x"], 'For input string: "x"'],
  ];
  for (const [argv, message] of wrong) {
    test(`of ${JSON.stringify(argv)} is refused with the usage`, () => {
      assert.throws(
        () => configFromCommandLine(diskOf({}), argv),
        (error) => {
          assert(error instanceof ConfigError);
          assert.equal(error.message.replace(/ \(.*/, ""), message);
          assert.equal(error.line, "Invalid arguments, exiting abnormally");
          assert.equal(
            error.standardError,
            "Usage: ZooKeeperServerMain configfile | port datadir [ticktime] [maxcnxns]",
          );
          assert.equal(error.exitCode, 2);
          return true;
        },
      );
    });
  }
});

describe("the nearest name", () => {
  test("is found through insertions, deletions, replacements and swaps", () => {
    assert.equal(editDistance("ticktime", "tcikTime".toLowerCase(), 9), 1);
    assert.equal(editDistance("abc", "abcd", 9), 1);
    assert.equal(editDistance("abc", "", 9), 3);
    assert.equal(editDistance("kitten", "sitting", 9), 3);
    assert.equal(editDistance("kitten", "sitting", 2), 2);
  });

  test("is nobody's when all are far", () => {
    assert.equal(nearestName("foo", ["bar", "baz"]), undefined);
    assert.equal(nearestName("dataDri", ["dataDir", "dataLogDir"]), "dataDir");
  });
});
