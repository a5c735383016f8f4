import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../src/errors.js";
import { ELECTION_ADDRESSES_MAX_BYTES } from "../../src/limits.js";
import {
  encodeIntroduction,
  type Introduction,
  IntroductionReader,
} from "../../src/peer/election-handshake.js";
import type { Sid } from "../../src/wire/ids.js";

const SID = 3 as Sid;

function read(bytes: Buffer, step = bytes.length): Introduction | undefined {
  const reader = new IntroductionReader();
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return reader.introduction;
}

function introduction(version: bigint, sid: bigint, text: string, length?: number): Buffer {
  const head = Buffer.alloc(20);
  head.writeBigInt64BE(version, 0);
  head.writeBigInt64BE(sid, 8);
  head.writeInt32BE(length ?? Buffer.byteLength(text), 16);
  return Buffer.concat([head, Buffer.from(text)]);
}

test("An introduction has Java's bytes: one address, or all with multiAddress", () => {
  const addresses = [
    { host: "zoo3", port: 3888 },
    { host: "::1", port: 3889 },
  ];
  const one = encodeIntroduction(SID, addresses, false);
  assert.deepEqual(one, introduction(-65536n, 3n, "zoo3:3888"));
  const all = encodeIntroduction(SID, addresses, true);
  assert.deepEqual(all, introduction(-65535n, 3n, "zoo3:3888|[::1]:3889"));
});

test("An introduction is read whole, byte by byte and with what follows it", () => {
  const bytes = introduction(-65535n, 3n, "zoo3:3888|[::1]:3889|10.0.0.1:1");
  const expected = {
    sid: 3,
    addresses: [
      { host: "zoo3", port: 3888 },
      { host: "::1", port: 3889 },
      { host: "10.0.0.1", port: 1 },
    ],
  };
  for (let step = 1; step <= bytes.length; step++) assert.deepEqual(read(bytes, step), expected);
  const reader = new IntroductionReader();
  assert.equal(reader.push(Buffer.concat([bytes, Buffer.from("more")])), bytes.length);
  assert.deepEqual(reader.introduction, expected);
});

test("An introduction of 3.4 is the id alone, and what follows is left", () => {
  const bytes = Buffer.alloc(12);
  bytes.writeBigInt64BE(2n, 0);
  const reader = new IntroductionReader();
  assert.equal(reader.push(bytes), 8);
  assert.deepEqual(reader.introduction, { sid: 2, addresses: [] });
});

test("An introduction of an observer without an id has none", () => {
  const anybody = 2n ** 63n - 1n;
  assert.deepEqual(read(introduction(-65536n, anybody, "a:1")), {
    sid: undefined,
    addresses: [{ host: "a", port: 1 }],
  });
});

test("A wildcard in an introduction says nothing and is left out", () => {
  const text = "0.0.0.0:3888|[::]:3888|[0:0:0:0:0:0:0:0]:3888";
  assert.deepEqual(read(introduction(-65535n, 3n, text))?.addresses, []);
});

test("A malformed introduction is a ProtocolError with Java's words", () => {
  const cases: [Buffer, RegExp][] = [
    [introduction(-1n, 3n, "a:1"), /Got unrecognized protocol version -1/],
    [introduction(-65537n, 3n, "a:1"), /Got unrecognized protocol version -65537/],
    [introduction(-65536n, 3n, "", 0), /Unreasonable buffer length: 0/],
    [introduction(-65536n, 3n, "", -5), /Unreasonable buffer length: -5/],
    [
      introduction(-65536n, 3n, "", ELECTION_ADDRESSES_MAX_BYTES + 1),
      /Unreasonable buffer length: 2049/,
    ],
    [introduction(-65536n, 3n, "host"), /Badly formed address: host/],
    [introduction(-65536n, 3n, "a:b:c"), /Bad port number: b:c/],
    [introduction(-65536n, 3n, "a:x"), /Bad port number: x/],
    [introduction(-65536n, 3n, "a:65536"), /Bad port number: 65536/],
    [introduction(-65536n, 3n, "[::1]3888"), /Badly formed address/],
    [introduction(-65536n, 3n, "[::1:3888"), /Badly formed address/],
    [introduction(-65536n, 3n, "a:1||b:2"), /Badly formed address: $/],
    [introduction(-65536n, 2n ** 62n, "a:1"), /Server id is 4611686018427387904/],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => read(bytes), { name: "ProtocolError", message });
    assert.throws(() => read(bytes, 1), { name: "ProtocolError", message });
  }
});

test("Random bytes are an introduction or a ProtocolError, never anything else", () => {
  const version = fc.constantFrom(-65536n, -65535n, 1n, -1n);
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(version, fc.string({ minLength: 1, maxLength: 60 }))
      .map(([v, text]) => introduction(v, 1n, text)),
  );
  fc.assert(
    fc.property(input, (bytes) => {
      try {
        read(bytes);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
  );
});
