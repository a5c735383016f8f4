// The compiler's command line: `node compile-cli.js records.jute records.ts`. Java: org.apache.jute.compiler.generated.Rcc.
//
// Reads and writes files, so it is of the real grade, unlike the rest of this folder; nothing in the server imports it.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { emitTypeScript } from "./emit.js";
import { parseJute } from "./parse.js";

const [sourcePath, targetPath, runtime = "../jute"] = process.argv.slice(2);
if (sourcePath === undefined || targetPath === undefined) {
  process.stderr.write("Usage: compile-cli <records.jute> <records.ts> [path of the runtime]\n");
  process.exitCode = 2;
} else {
  const file = parseJute(readFileSync(sourcePath, "utf8"));
  const sourceName = path.basename(sourcePath);
  writeFileSync(targetPath, emitTypeScript(file, { sourceName, runtime }));
}
