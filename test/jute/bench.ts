// What the runtime costs, in ns per record: `npm run build:test && node dist/test/jute/bench.js`.
//
// Not a test: figures depend on the machine, and nothing is asserted about them.

import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import type { Zxid } from "../../src/wire/ids.js";
import type { CreateRequest, Stat } from "../../src/wire/records.js";
import {
  readCreateRequest,
  readGetDataRequest,
  readRequestHeader,
  readSetDataRequest,
  readStat,
  readWatcherEvent,
  writeCreateRequest,
  writeGetDataResponse,
  writeReplyHeader,
  writeStat,
} from "../../src/wire/records.js";

const ROUND = 200_000;
const ROUNDS = 7;

let sink = 0;

function measure(name: string, run: (i: number) => number): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < ROUND; i++) sink += run(i);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / ROUND);
  }
  process.stdout.write(`${name.padEnd(44)} ${best.toFixed(0).padStart(5)} ns\n`);
}

const out = new JuteWriter(65536);

function bytesOf(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  write(writer);
  return writer.take();
}

const value100 = Buffer.alloc(100, 7);
const stat: Stat = {
  czxid: 0x500000001 as Zxid,
  mzxid: 0x500000002 as Zxid,
  ctime: 1_700_000_000_000,
  mtime: 1_700_000_000_000,
  version: 1,
  cversion: 2,
  aversion: 3,
  ephemeralOwner: 0n,
  dataLength: 100,
  numChildren: 0,
  pzxid: 0x500000003 as Zxid,
};
const create: CreateRequest = {
  path: "/app/locks/lock-0000000017",
  data: value100,
  acl: [{ perms: 31, id: { scheme: "world", id: "anyone" } }],
  flags: 0,
};

for (const path of [
  "/a",
  "/zkload/node-000123",
  `/services${"/part-of-path".repeat(5)}`,
  "/café/中文",
]) {
  // Eight different paths, so that no single string is remembered by anything.
  const requests = Array.from({ length: 8 }, (_, i) =>
    bytesOf((writer) => {
      writer.int(i);
      writer.int(4);
      writer.string(path + i);
      writer.bool(false);
    }),
  );
  measure(`read getData request, path of ${path.length + 1}`, (i) => {
    const reader = new JuteReader(requests[i & 7]!);
    const header = readRequestHeader(reader);
    return header.xid + readGetDataRequest(reader).path!.length;
  });
  const paths = Array.from({ length: 8 }, (_, i) => Buffer.from(path + i).toString());
  measure(`write a string of ${path.length + 1}`, (i) => {
    out.reset();
    out.string(paths[i & 7]!);
    return out.length;
  });
}

const setData = bytesOf((writer) => {
  writer.string("/zkload/node-000123");
  writer.buffer(value100);
  writer.int(-1);
});
measure("read setData request, 100 bytes", () => {
  const request = readSetDataRequest(new JuteReader(setData));
  return request.path!.length + request.data!.length;
});

const createBytes = bytesOf((writer) => writeCreateRequest(writer, create));
measure("read create request, one ACL", () => readCreateRequest(new JuteReader(createBytes)).flags);
measure("write create request, one ACL", () => {
  out.reset();
  writeCreateRequest(out, create);
  return out.length;
});

const statBytes = bytesOf((writer) => writeStat(writer, stat));
measure("read Stat", () => readStat(new JuteReader(statBytes)).version);
measure("write Stat", () => {
  out.reset();
  writeStat(out, stat);
  return out.length;
});
measure("write getData reply: frame, header, 100 B, Stat", (i) => {
  if (out.length > 60_000) out.reset();
  const frame = out.reserve(4);
  writeReplyHeader(out, { xid: i, zxid: stat.mzxid, err: 0 });
  writeGetDataResponse(out, { data: value100, stat });
  out.patchInt(frame, out.length - frame - 4);
  return frame;
});

const event = bytesOf((writer) => {
  writer.int(3);
  writer.int(3);
  writer.string("/zkload/node-000123");
});
measure("read WatcherEvent", () => readWatcherEvent(new JuteReader(event)).path!.length);

if (sink === 42) process.stdout.write("\n");
