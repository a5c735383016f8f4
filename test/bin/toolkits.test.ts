// The scripts of the toolkits: each starts its program, with what Java's would give to a JVM before the arguments.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Installation, SHELLS, TOOLKITS } from "./support.js";

for (const shell of SHELLS) {
  describe(`The scripts of the toolkits in ${shell}`, () => {
    let home: Installation;
    before(() => {
      home = new Installation();
    });
    after(() => home.remove());

    for (const script of TOOLKITS.keys()) {
      test(`${script}.sh hands on its arguments, and the flags of a JVM before them`, async () => {
        const { stdout, stderr, exitCode } = await home.run(
          shell,
          home.path(`bin/${script}.sh`),
          ["-x", "a file", "*"],
          { env: { JVMFLAGS: "-Xmx100m -Djute.maxbuffer=7" } },
        );
        const words = ["--max-old-space-size=100", "-Xmx100m", "-Djute.maxbuffer=7"];
        assert.equal(stdout, `${[...words, "-x", "a file", "*"].join("|")}\n`);
        assert.equal(stderr, "");
        assert.equal(exitCode, 0);
      });
    }
  });
}

for (const [script, program] of TOOLKITS) {
  test(`${script}.cmd starts the program that ${script}.sh starts`, () => {
    const text = readFileSync(`bin/${script}.cmd`, "utf8");
    assert(text.includes(`dist\\src\\cli\\toolkits\\${program}.js`));
    assert(!/[^\r]\n/.test(text));
    assert(readFileSync(`bin/${script}.sh`, "utf8").includes(`cli/toolkits/${program}.js`));
  });
}
