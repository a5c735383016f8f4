// conf/zoo_sample.cfg is what the table of settings says it is. ZOOID_UPDATE=1 writes it anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { loadConfig } from "../../src/config/load.js";
import { parseProperties } from "../../src/config/properties.js";
import { sampleText } from "../../src/config/sample.js";
import { groups } from "../../src/config/table.js";
import { diskOf } from "./support.js";

const SAMPLE = "conf/zoo_sample.cfg";

/** The sample with every setting's line uncommented; prose and indented examples stay comments. */
function uncommented(): string {
  return sampleText()
    .replaceAll(/^#(\w\S*=)/gm, "$1")
    .replace(/^(?=dynamicConfigFile=)/m, "#");
}

describe("the sample configuration", () => {
  test("is the one that the table of settings makes", () => {
    if (process.env.ZOOID_UPDATE === "1") writeFileSync(SAMPLE, sampleText());
    const message = "run the tests of test/config with ZOOID_UPDATE=1 to write conf/zoo_sample.cfg";
    assert.equal(readFileSync(SAMPLE, "utf8"), sampleText(), message);
  });

  test("sets what ZooKeeper's own sample sets", () => {
    const entries = parseProperties(sampleText()).map(({ key, value }) => `${key}=${value}`);
    assert.deepEqual(entries, [
      "tickTime=2000",
      "initLimit=10",
      "syncLimit=5",
      "dataDir=/tmp/zookeeper",
      "clientPort=2181",
    ]);
  });

  test("tells of every setting, in lines of at most 100 columns", () => {
    const keys = new Set(
      parseProperties(uncommented().replace("#dynamicConfigFile", "dynamicConfigFile")).map(
        ({ key }) => key,
      ),
    );
    for (const [, rows] of groups()) {
      for (const { name, place } of Object.values(rows)) {
        assert(keys.has(place === "file metricsProvider" ? `metricsProvider.${name}` : name), name);
      }
    }
    for (const line of sampleText().split("\n")) assert(line.length <= 100, line);
  });

  test("works as it is, and with every line uncommented, without a warning", () => {
    for (const text of [sampleText(), uncommented()]) {
      const { warnings } = loadConfig({ disk: diskOf({ "/c/zoo.cfg": text }), path: "/c/zoo.cfg" });
      assert.deepEqual(warnings, []);
    }
  });

  test("shows true defaults: uncommenting a line with one changes nothing", () => {
    const read = (text: string) =>
      loadConfig({ disk: diskOf({ "/c/zoo.cfg": text }), path: "/c/zoo.cfg" }).config;
    const plain = read(sampleText());
    const full = read(uncommented());
    for (const [group, rows] of groups()) {
      for (const [field, { fallbackText }] of Object.entries(rows)) {
        if (fallbackText === undefined || fallbackText === "" || field === "juteMaxBufferBytes")
          continue;
        const value = (of: typeof plain) =>
          (of[group] as unknown as Record<string, unknown>)[field];
        assert.deepEqual(value(full), value(plain), `${group}.${field}`);
      }
    }
  });
});
