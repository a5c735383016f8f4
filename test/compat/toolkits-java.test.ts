// Java's own toolkits of 3.9.5 side by side with ours, on the cases of test/cli/toolkits. What Java says must still be what
// was kept in test/golden/toolkits, against which ours is held where there is no Java; UPDATE_GOLDEN=1 keeps it anew.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CASES, JAVA_CLASSES, nameOf, type ToolkitName } from "../cli/toolkits/cases.js";
import { readGoldens, writeGoldens } from "../cli/toolkits/goldens.js";
import { Bench, ourToolkit } from "../cli/toolkits/run-case.js";
import { classPath, peerTest } from "./peers.js";

const SILENCE =
  '<configuration><statusListener class="ch.qos.logback.core.status.NopStatusListener"/><root level="OFF"/></configuration>';
/** Small answers of a short life. */
const JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

peerTest("Java's toolkits and ours say the same of the same files", ["java39"], async () => {
  const folder = mkdtempSync(join(tmpdir(), "zooid-java-toolkits-"));
  const silence = join(folder, "logback.xml");
  writeFileSync(silence, SILENCE);
  const javaToolkit = (tool: ToolkitName): readonly string[] => [
    "java",
    ...JVM,
    `-Dlogback.configurationFile=${silence}`,
    "-cp",
    classPath("java39"),
    `org.apache.zookeeper.server.${JAVA_CLASSES[tool]}`,
  ];
  const [javas, ours] = [new Bench(javaToolkit), new Bench(ourToolkit)];
  const differences: string[] = [];
  const said = new Map<string, string>();
  try {
    for (const asked of CASES) {
      const name = nameOf(asked);
      const answer = javas.run(asked);
      said.set(name, answer);
      if (ours.run(asked) !== answer) differences.push(name);
    }
  } finally {
    javas.remove();
    ours.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  if (process.env.UPDATE_GOLDEN === "1") writeGoldens(said);
  assert.deepEqual(differences, []);
  assert.deepEqual(said, readGoldens());
});
