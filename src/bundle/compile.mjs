// The server's bundle as a script, with the code that V8 made of it last time: dist/server.cjs and dist/server.code.
//
// V8 itself looks whether such code is of its own version, was made with its flags, and is of a source of this length, and
// otherwise compiles the source. Whether it is of this very source, and is as it was written, the two CRC32s at its beginning
// say.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, Script } from "node:vm";
import { crc32 } from "node:zlib";

const HEAD_BYTES = 8;
const PARAMETERS = "exports, require, module, __filename, __dirname";

/** `isReady`: nothing had to be compiled. */
export function compile(path, codePath) {
  const bytes = readFileSync(path);
  const cachedData = codePath === undefined ? undefined : codeOf(bytes, codePath);
  // What is not ASCII in it is in comments.
  const source = `(function (${PARAMETERS}) {${bytes.latin1Slice()}\n})`;
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new Script(source, { filename: path, cachedData, importModuleDynamically });
  const isReady = cachedData !== undefined && script.cachedDataRejected === false;
  return { script, isReady };
}

/** As node runs a CommonJS module. */
export function run(script, path) {
  const module = { exports: {} };
  const directory = path.slice(0, path.lastIndexOf("/"));
  script.runInThisContext()(module.exports, createRequire(path), module, path, directory);
}

/** With what has been compiled until now. */
export function writeCode(script, path, codePath) {
  const code = script.createCachedData();
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(crc32(readFileSync(path)), 0);
  head.writeUInt32LE(crc32(code), 4);
  writeFileSync(`${codePath}.tmp`, Buffer.concat([head, code]));
  renameSync(`${codePath}.tmp`, codePath);
}

function codeOf(source, codePath) {
  let bytes;
  try {
    bytes = readFileSync(codePath);
  } catch {
    return undefined;
  }
  if (bytes.length < HEAD_BYTES || bytes.readUInt32LE(0) !== crc32(source)) return undefined;
  const code = bytes.subarray(HEAD_BYTES);
  return bytes.readUInt32LE(4) === crc32(code) ? code : undefined;
}
