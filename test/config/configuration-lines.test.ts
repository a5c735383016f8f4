// What the word conf prints of a configuration.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.js";
import { configurationLines } from "../../src/configuration-lines.js";
import { diskOf } from "./support.js";

function directories(dataDir: string): unknown[] {
  const disk = diskOf({ "/zoo.cfg": `dataDir=${dataDir}\nclientPort=2181\n` });
  const { config } = loadConfig({ disk, path: "/zoo.cfg", properties: new Map() });
  const storage = {
    directories: { logs: `${dataDir}/version-2`, snapshots: `${dataDir}/version-2` },
    snapshotDirectoryBytes: () => 0,
    logDirectoryBytes: () => 0,
  };
  const lines = configurationLines(config, storage, { workingDirectory: "/srv/zk" });
  const values = new Map(lines.values);
  return [values.get("dataDir"), values.get("dataLogDir")];
}

test("conf tells absolute directories", () => {
  assert.deepEqual(directories("/data"), ["/data/version-2", "/data/version-2"]);
  assert.deepEqual(directories("./rel"), ["/srv/zk/./rel/version-2", "/srv/zk/./rel/version-2"]);
});
