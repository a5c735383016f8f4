// Pure computing that node offers: same input, same output, no world behind it. The only way for pure and driven code to
// reach it.

export { createHash, timingSafeEqual } from "node:crypto";
export { crc32 } from "node:zlib";
