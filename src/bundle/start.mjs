// dist/zooid.js: the server, src/main.ts and all that it imports, from one file that need not be compiled (see compile.mjs).

import { fileURLToPath } from "node:url";
import { compile, run } from "./compile.mjs";

const path = fileURLToPath(new URL("server.cjs", import.meta.url));
run(compile(path, fileURLToPath(new URL("server.code", import.meta.url))).script, path);
