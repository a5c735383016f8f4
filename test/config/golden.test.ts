// Configurations against the real ZooKeeper 3.9.5: test/golden/config/cases.txt are the configurations, configs.txt is what
// its QuorumPeerConfig made of them (CaptureConfig.java beside it).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Config, LoadedConfig } from "../../src/config/config.js";
import { ConfigError } from "../../src/config/config-error.js";
import { loadConfig } from "../../src/config/load.js";
import { formatMembership } from "../../src/config/membership.js";
import { diskOf } from "./support.js";

/** Where we mean to differ. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  "a server line: two addresses that are allowed":
    "3.9.5 reads multiAddress.enabled of zoo.cfg after the server lines need it; its guide says it works, and it does here",
  "a group of nobody": "Java dies of a NullPointerException; we say which server it is",
  "unknown keys": "a key that begins with zookeeper. is not given the prefix twice",
  "text for autopurge.purgeInterval": "3.10 takes units: 2s is two seconds",
  "a dynamic file with another key": "Java logs the whole file in its hash order",
};

interface Case {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly files: Record<string, string>;
}

interface Outcome {
  readonly errors: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly log: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
}

function readCases(): Case[] {
  const [, ...texts] = readFileSync("test/golden/config/cases.txt", "utf8").split(/^=== /m);
  return texts.map((text) => {
    const [head, ...sections] = text.split(/^--- /m);
    const [name, ...options] = head!.trimEnd().split("\n");
    const properties = new Map(
      options.map((option) => option.slice(2).split(/=(.*)/) as [string, string]),
    );
    const files: Record<string, string> = {};
    for (const section of sections) {
      const [path, content] = section.split(/\n(.*)/s) as [string, string];
      if (content === "<directory>\n") files[`/d/${path}/`] = "";
      else files[`/d/${path}`] = content.replace("<nothing>\n", "");
    }
    return { name: name!, properties, files };
  });
}

function readOutcomes(): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  const [, ...texts] = readFileSync("test/golden/config/configs.txt", "utf8").split(/^=== /m);
  for (const text of texts) {
    const [name, ...lines] = text.trimEnd().split("\n");
    const of = (kind: string) =>
      lines
        .filter((line) => line.startsWith(`${kind} `))
        .map((line) => line.slice(kind.length + 1));
    const pairs = (kind: string) =>
      new Map(of(kind).map((line) => line.split(/ (.*)/s) as [string, string]));
    outcomes.set(name!, {
      errors: of("error"),
      values: pairs("value"),
      log: of("log"),
      properties: pairs("property"),
    });
  }
  return outcomes;
}

/** What CaptureConfig.java asks its QuorumPeerConfig for. */
function valuesOf(config: Config): Record<string, unknown> {
  const { client, session, storage, quorum } = config;
  const provider = [...config.metricsProviderProperties].sort(([a], [b]) => (a < b ? -1 : 1));
  const members = (of: Config["nextMembership"]) =>
    of === undefined ? null : formatMembership(of).replaceAll("\n", " ");
  return {
    dataDir: storage.dataDir,
    dataLogDir: storage.dataLogDir,
    clientPort: client.clientPort ?? null,
    secureClientPort: client.secureClientPort ?? null,
    tickTime: session.tickTimeMs,
    maxClientCnxns: client.maxClientCnxns,
    minSessionTimeout: session.minSessionTimeoutMs,
    maxSessionTimeout: session.maxSessionTimeoutMs,
    clientPortListenBacklog: client.clientPortListenBacklog,
    initLimit: quorum.initLimitTicks,
    syncLimit: quorum.syncLimitTicks,
    snapRetainCount: storage.autopurgeSnapRetainCount,
    purgeInterval: storage.autopurgePurgeIntervalMs / 3_600_000,
    observerMasterPort: quorum.observerMasterPort,
    syncEnabled: quorum.syncEnabled,
    serverId: config.myid ?? -1,
    distributed: config.distributed,
    peerType: quorum.peerType.toUpperCase(),
    multiAddressEnabled: quorum.multiAddressEnabled,
    localSessionsEnabled: session.localSessionsEnabled,
    quorumListenOnAllIPs: quorum.quorumListenOnAllIPs,
    sslQuorum: quorum.sslQuorum,
    jvmPauseWarn: config.logging.jvmPauseWarnThresholdMs,
    metricsProvider: `{${provider.map(([key, value]) => `${key}=${value}`).join(", ")}}`,
    members: members(config.membership),
    nextMembers: members(config.nextMembership),
  };
}

/** Java's exception and its causes as the one line that we make of them. */
function messageOf(errors: readonly string[]): string {
  const [whole, cause] = errors.map((error) => error.replace(/^\w+ /, ""));
  return cause === undefined ? whole! : `${whole}: ${cause}`;
}

function load({ files, properties }: Case): LoadedConfig {
  return loadConfig({ disk: diskOf(files), path: "/d/zoo.cfg", properties });
}

const isOurs = (line: string) => /^\w+ (line \d+:|-D)/.test(line);

describe("a configuration", () => {
  const outcomes = readOutcomes();
  for (const one of readCases()) {
    if (one.name in DEVIATIONS) continue;
    const java = outcomes.get(one.name)!;
    if (java.errors.length > 0) {
      test(`with ${one.name} is refused as Java refuses it`, () => {
        assert.throws(
          () => load(one),
          (error) => {
            assert(error instanceof ConfigError, String(error));
            assert.equal(error.exitCode, 2);
            assert.equal(error.standardError, "Invalid config, exiting abnormally");
            const expected = messageOf(java.errors);
            // We may add, in brackets, where it stands and what it should be.
            assert.equal(error.message.replace(/ \((line|-D|metricsProvider).*\)$/s, ""), expected);
            return true;
          },
        );
      });
    } else {
      test(`with ${one.name} is what Java makes of it`, () => {
        const { config, log } = load(one);
        const values = Object.entries(valuesOf(config)).map(([key, value]) => [key, String(value)]);
        assert.deepEqual(new Map(values as [string, string][]), java.values);
        const lines = log.map(({ level, text }) => `${level.toUpperCase()} ${text}`);
        const fromJava = lines.filter((line) => !isOurs(line) && !line.includes("Reading config"));
        assert.deepEqual(fromJava, java.log);
        const added = [...config.properties].filter(
          ([key, value]) => one.properties.get(key) !== value,
        );
        assert.deepEqual(new Map(added.sort(([a], [b]) => (a < b ? -1 : 1))), java.properties);
      });
    }
  }

  test("with two addresses is taken when zoo.cfg allows them", () => {
    const one = readCases().find(({ name }) => name.endsWith("two addresses that are allowed"))!;
    assert.equal(load(one).config.membership.servers[0]?.addresses.length, 2);
  });

  test("with a group of nobody is refused with a name and Java's exit code", () => {
    const one = readCases().find(({ name }) => name === "a group of nobody")!;
    assert.throws(() => load(one), {
      exitCode: 1,
      message: "Server 9 is in group 2 and is neither a participant nor has a weight",
    });
  });

  test("with a line for the operator has the line's number in it", () => {
    const disk = diskOf({ "/d/zoo.cfg": "dataDir=/d\n\ntickTime=2s\n" });
    assert.throws(() => loadConfig({ disk, path: "/d/zoo.cfg" }), {
      message:
        'Error processing /d/zoo.cfg: For input string: "2s" (line 3: tickTime must be an integer from -2147483648 to 2147483647: current value is "2s")',
    });
  });
});
