// What a hostile or broken client might send where TLS is spoken: a ClientHello by the grammar of RFC 8446, with lengths and
// contents that are right or not, recorded ones with changed bytes, and records that have no business there.

import { Duplex } from "node:stream";
import { connect, type SecureContext, type SecureVersion } from "node:tls";
import type { Random } from "../faults/random.js";
import type { Thrown } from "./member-frames.js";
import { mutate } from "./mutate.js";

const VERSIONS = [0x0301, 0x0303, 0x0304, 0x0300, 0x0002, 0x7f1c, 0xffff, 0];
const RECORD = { change: 20, alert: 21, handshake: 22, data: 23, heartbeat: 24 } as const;

function unsigned(bytes: number, value: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value % 2 ** (8 * bytes), 0, bytes);
  return out;
}

/** Its length before it, seldom a wrong one. */
function vector(random: Random, lengthBytes: number, content: Buffer): Buffer {
  const isWrong = random.below(60) === 0;
  const length = isWrong ? random.pick([0, 1, 2 ** 31, content.length + 1]) : content.length;
  return Buffer.concat([unsigned(lengthBytes, length), content]);
}

function record(random: Random, type: number, content: Buffer): Buffer {
  const version = random.below(8) === 0 ? random.pick(VERSIONS) : 0x0301;
  return Buffer.concat([unsigned(1, type), unsigned(2, version), vector(random, 2, content)]);
}

const numbers = (random: Random, known: readonly number[], most: number): Buffer =>
  Buffer.concat(
    Array.from({ length: random.below(most) }, () =>
      unsigned(2, random.below(6) === 0 ? random.below(65_536) : random.pick(known)),
    ),
  );

const SUITES = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0x009c, 0x00ff, 0x5600, 5];
const GROUPS = [23, 24, 25, 29, 30, 256, 0x11ec, 0x0a0a];
const SIGNATURES = [0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0807, 0x0201];

/** An extension's content by its number. */
const EXTENSIONS: Readonly<Record<number, (random: Random) => Buffer>> = {
  0: (r) =>
    vector(r, 2, Buffer.concat([unsigned(1, r.below(3)), vector(r, 2, Buffer.from("localhost"))])),
  5: (r) => Buffer.concat([unsigned(1, 1), r.bytes(4)]),
  10: (r) => vector(r, 2, numbers(r, GROUPS, 8)),
  11: (r) => vector(r, 1, r.bytes(r.below(4))),
  13: (r) => vector(r, 2, numbers(r, SIGNATURES, 12)),
  15: (r) => unsigned(1, r.below(4)),
  16: (r) => vector(r, 2, vector(r, 1, Buffer.from("h2"))),
  23: () => Buffer.alloc(0),
  35: (r) => r.bytes(r.below(200)),
  41: (r) =>
    Buffer.concat([
      vector(r, 2, Buffer.concat([vector(r, 2, r.bytes(r.below(100))), r.bytes(4)])),
      vector(r, 2, vector(r, 1, r.bytes(32))),
    ]),
  42: () => Buffer.alloc(0),
  43: (r) => vector(r, 1, numbers(r, VERSIONS, 6)),
  44: (r) => vector(r, 2, r.bytes(r.below(60))),
  45: (r) => vector(r, 1, Buffer.from([r.below(3)])),
  51: (r) => {
    const group = r.pick(GROUPS);
    const length = group === 29 ? 32 : group === 23 ? 65 : r.below(140);
    return vector(
      r,
      2,
      Buffer.concat([
        unsigned(2, group),
        vector(r, 2, Buffer.concat([Buffer.from([4]), r.bytes(length)]).subarray(0, length)),
      ]),
    );
  },
  65281: (r) => vector(r, 1, r.bytes(r.below(3))),
};
const EXTENSION_TYPES = Object.keys(EXTENSIONS).map(Number);

function hello(random: Random): Buffer {
  const extensions: Buffer[] = [];
  const types = random.below(3) === 0 ? [] : [10, 13, 43, 45, 51];
  for (let i = random.below(6); i > 0; i--) types.push(random.pick(EXTENSION_TYPES));
  for (const type of types) {
    const number = random.below(20) === 0 ? random.below(65_536) : type;
    const content = vector(random, 2, EXTENSIONS[type]!(random));
    extensions.push(Buffer.concat([unsigned(2, number), content]));
  }
  const body = Buffer.concat([
    unsigned(2, random.below(4) === 0 ? random.pick(VERSIONS) : 0x0303),
    random.bytes(32),
    vector(random, 1, random.bytes(random.pick([0, 32, 32, 33]))),
    vector(random, 2, numbers(random, SUITES, 14)),
    vector(random, 1, Buffer.from([random.below(6) === 0 ? 1 : 0])),
    vector(random, 2, Buffer.concat(extensions)),
  ]);
  const type = random.below(20) === 0 ? random.below(30) : 1;
  return Buffer.concat([unsigned(1, type), vector(random, 3, body)]);
}

/** In one record or in several. */
function helloRecords(random: Random): Buffer[] {
  const message = hello(random);
  if (random.below(4) > 0) return [record(random, RECORD.handshake, message)];
  const out: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const end = at + 1 + random.below(200);
    out.push(record(random, RECORD.handshake, message.subarray(at, end)));
    at = end;
  }
  return out;
}

function strangeRecord(random: Random): Buffer {
  const type = random.below(8) === 0 ? random.below(256) : random.pick(Object.values(RECORD));
  const length = random.below(30) === 0 ? random.below(20_000) : random.below(60);
  return record(random, type, random.bytes(length));
}

/** What somebody sends on one connection instead of a handshake. `recorded`: right beginnings. */
export function handshakeInputs(random: Random, recorded: readonly Buffer[]): Thrown {
  const records: Buffer[] = [];
  const what = random.below(8);
  if (what < 3) records.push(mutate(random, random.pick(recorded)));
  else if (what < 7) records.push(...helloRecords(random));
  else records.push(random.bytes(1 + random.below(100)));
  for (let i = random.below(4); i > 0; i--) records.push(strangeRecord(random));
  const bytes = Buffer.concat(records);
  const isBroken = random.below(4) === 0;
  return { bytes: isBroken ? mutate(random, bytes) : bytes, inputs: records.length };
}

/** The first bytes of Node's own clients. */
export function recordHellos(secureContext: SecureContext): Promise<Buffer[]> {
  const versions = ["TLSv1.2", "TLSv1.3"] as const;
  return Promise.all(versions.map((version) => recordHello(secureContext, version)));
}

function recordHello(secureContext: SecureContext, version: SecureVersion): Promise<Buffer> {
  return new Promise((resolve) => {
    const nowhere = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(Buffer.from(chunk));
        done();
      },
    });
    const limits = { minVersion: version, maxVersion: version };
    connect({ socket: nowhere, secureContext, ...limits }).on("error", () => {});
  });
}
