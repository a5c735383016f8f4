// Runs the bundle with the command line given, and when it ends writes the code that was needed for it:
// `node record.mjs server.cjs server.code zoo.cfg`. bundle.mjs starts it, and stops it when it serves.

import { setFlagsFromString } from "node:v8";
import { compile, run, writeCode } from "./compile.mjs";

const [, , path, codePath] = process.argv;
process.argv.splice(2, 2);
const { script } = compile(path);
process.on("exit", () => {
  // The engine takes the code only where flags are as they were when it was written. A server that has started has changed this one
  // (platform/node/heap-growth.ts); one that starts has not.
  setFlagsFromString("--heap-growing-percent=0");
  writeCode(script, path, codePath);
});
run(script, path);
