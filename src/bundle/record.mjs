// Runs the bundle with the command line given, and when it ends writes the code that was needed for it:
// `node record.mjs server.cjs server.code zoo.cfg`. bundle.mjs starts it, and stops it when it serves.

import { compile, run, writeCode } from "./compile.mjs";

const [, , path, codePath] = process.argv;
process.argv.splice(2, 2);
const { script } = compile(path);
process.on("exit", () => writeCode(script, path, codePath));
run(script, path);
