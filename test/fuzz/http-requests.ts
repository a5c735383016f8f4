// What a hostile or broken HTTP client might send to the commands and to the metrics.

import type { Random } from "../faults/random.js";
import type { Thrown } from "./member-frames.js";
import { mutate } from "./mutate.js";

const METHODS = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "get", "G", "", "GET\u0000"];
const COMMANDS =
  "configuration connections connection_stat_reset dirs dump environment get_trace_mask hash initial_configuration is_read_only last_snapshot leader monitor observers restore ruok set_trace_mask server_stats set_trace_mask snapshot stat_reset stats system_properties voting_view watch_summary watches watches_by_path zabstate nope".split(
    " ",
  );
const PATHS = ["/", "/commands", "/commands/", "/metrics", "/metrics/", "//", "/../x", "*", ""];
const QUERIES = ["", "?", "?a=b", "?traceMask=5", "?streaming=true", "?name[]=x&&=", "?%zz=%00"];
const VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/9.9", "http/1.1", ""];
const HEADERS = [
  "Host: x",
  "Connection: close",
  "Connection: keep-alive",
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Expect: 100-continue",
  "Authorization: digest super:test",
  "Authorization: digest root:wrong",
  "Authorization: ip",
  "Authorization: x",
  "X-Forwarded-For: 10.0.0.1, ::1",
  "Accept-Encoding: gzip",
  "Upgrade: h2c",
  ": nothing",
  " folded: x",
  "No colon",
];
const BODIES = [
  "",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "fffffffff\r\n",
  "0\r\n\r\n",
  "ZKSN\0\0\0\x02",
];

function request(random: Random): Buffer {
  const path = random.below(3) === 0 ? random.pick(PATHS) : `/commands/${random.pick(COMMANDS)}`;
  const target = path + random.pick(QUERIES);
  const lines = [`${random.pick(METHODS)} ${target} ${random.pick(VERSIONS)}`];
  for (let i = random.below(5); i > 0; i--) lines.push(random.pick(HEADERS));
  if (random.below(40) === 0) lines.push(`X-Long: ${"x".repeat(random.below(20_000))}`);
  const end = random.pick(["\r\n", "\r\n", "\r\n", "\n"]);
  return Buffer.from(`${lines.join(end)}${end}${end}${random.pick(BODIES)}`, "latin1");
}

/** As browsers and scrapers ask: what comes behind it is looked at. */
function rightRequest(random: Random): Buffer {
  const path = `/commands/${random.pick(COMMANDS)}${random.pick(QUERIES.slice(0, 6))}`;
  return Buffer.from(`${random.pick(["GET", "HEAD"])} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
}

/** What somebody sends on one connection: several requests at once, the last ones wrong. */
export function httpBytes(random: Random): Thrown {
  const parts: Buffer[] = [];
  for (let i = random.below(8); i > 0; i--) parts.push(rightRequest(random));
  for (let i = 1 + random.below(4); i > 0; i--) {
    const bytes = request(random);
    parts.push(random.below(3) === 0 ? mutate(random, bytes) : bytes);
  }
  return { bytes: Buffer.concat(parts), inputs: parts.length };
}
