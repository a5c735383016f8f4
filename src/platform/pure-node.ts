// Pure computing that node offers: same input, same output, no world behind it. The only way for pure and driven code to
// reach it: those import no node:* module.
//
// Only deterministic functions belong in this file: no streams, no callbacks, nothing that reads a clock, a file or a
// random source.

export { createHash, timingSafeEqual } from "node:crypto";
export { crc32, gunzipSync, gzipSync } from "node:zlib";
