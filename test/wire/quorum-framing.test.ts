import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../src/errors.js";
import { JuteWriter } from "../../src/jute/writer.js";
import {
  QUORUM_PACKET_AUTHINFO_MAX_BYTES,
  QUORUM_PACKET_IDENTITIES_MAX,
} from "../../src/limits.js";
import type { Zxid } from "../../src/wire/ids.js";
import { QuorumPacketType } from "../../src/wire/op-codes.js";
import { PacketScanner } from "../../src/wire/quorum-framing.js";
import { type QuorumPacket, writeQuorumPacket } from "../../src/wire/records.js";

const DATA_MAX_BYTES = 1000;
const PLAIN = { noNullPrototype: true } as const;

function packet(type: number, data: string | null = null): QuorumPacket {
  return {
    type,
    zxid: type as Zxid,
    data: data === null ? null : Buffer.from(data),
    authinfo: null,
  };
}

function stream(packets: readonly QuorumPacket[]): Buffer {
  const out = new JuteWriter();
  for (const one of packets) writeQuorumPacket(out, one);
  return out.take();
}

/** What outlives the call. */
function kept(one: QuorumPacket): QuorumPacket {
  if (one.type !== QuorumPacketType.request) return one;
  return { ...one, data: one.data && Buffer.from(one.data) };
}

/** Feeds pieces of these lengths, over and over; the chunk is overwritten after each call, as the network's is. */
function scanCut(bytes: Buffer, lengths: readonly number[]): QuorumPacket[] {
  const scanner = new PacketScanner(DATA_MAX_BYTES);
  const packets: QuorumPacket[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const chunk = Buffer.from(bytes.subarray(at, at + (lengths[i % lengths.length] ?? 1)));
    assert.equal(
      scanner.scan(chunk, 0, (one) => packets.push(kept(one))),
      chunk.length,
    );
    at += chunk.length;
    chunk.fill(0xdd);
  }
  assert.equal(scanner.isMidPacket, false);
  return packets;
}

const SAMPLE: readonly QuorumPacket[] = [
  packet(11, "twenty bytes of info"),
  packet(3),
  { type: 1, zxid: -1 as Zxid, data: Buffer.from("request"), authinfo: [] },
  {
    type: 1,
    zxid: -1 as Zxid,
    data: Buffer.alloc(0),
    authinfo: [
      { scheme: "digest", id: "ben:ünï" },
      { scheme: null, id: "" },
    ],
  },
  packet(5),
];

test("A PacketScanner hands on the packets of a stream fed whole, byte by byte and in any pieces", () => {
  const bytes = stream(SAMPLE);
  assert.deepEqual(scanCut(bytes, [bytes.length]), SAMPLE);
  for (let length = 1; length < 40; length++) assert.deepEqual(scanCut(bytes, [length]), SAMPLE);
});

test("A PacketScanner hands on the same packets wherever the stream is cut in two", () => {
  const bytes = stream(SAMPLE);
  for (let at = 1; at < bytes.length; at++) {
    assert.deepEqual(scanCut(bytes, [at, bytes.length - at]), SAMPLE, `cut at ${at}`);
  }
});

test("A PacketScanner gives back any packets, however the stream is cut", () => {
  const text = fc.option(fc.string({ maxLength: 20 }));
  const some: fc.Arbitrary<QuorumPacket> = fc.record(
    {
      type: fc.integer(),
      zxid: fc.maxSafeInteger().map((value) => value as Zxid),
      data: fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))),
      authinfo: fc.option(fc.array(fc.record({ scheme: text, id: text }, PLAIN), { maxLength: 5 })),
    },
    PLAIN,
  );
  const pieces = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 8 }), pieces, (packets, lengths) => {
      assert.deepEqual(scanCut(stream(packets), lengths), packets);
    }),
  );
});

test("A PacketScanner that is stopped leaves what follows to its caller", () => {
  const first = stream([packet(15)]);
  const bytes = Buffer.concat([first, Buffer.from("snapshot"), stream([packet(10)])]);
  const scanner = new PacketScanner(DATA_MAX_BYTES);
  const types: number[] = [];
  const onPacket = ({ type }: QuorumPacket) => {
    types.push(type);
    if (type === 15) scanner.stop();
  };
  assert.equal(scanner.scan(bytes, 0, onPacket), first.length);
  assert.equal(scanner.scan(bytes, first.length, onPacket), first.length);
  scanner.go();
  assert.equal(scanner.scan(bytes, first.length + 8, onPacket), bytes.length);
  assert.deepEqual(types, [15, 10]);
});

test("A PacketScanner stopped by a packet that was cut leaves the rest of the later chunk", () => {
  const first = stream([packet(15, "data")]);
  const scanner = new PacketScanner(DATA_MAX_BYTES);
  const stop = () => scanner.stop();
  scanner.scan(first.subarray(0, 18), 0, stop);
  const rest = Buffer.concat([first.subarray(18), Buffer.from("snapshot")]);
  assert.equal(scanner.scan(rest, 0, stop), first.length - 18);
});

/** type, zxid, and then. */
function malformed(write: (out: JuteWriter) => void): Buffer {
  const out = new JuteWriter();
  out.int(1);
  out.long(0);
  write(out);
  return out.take();
}

test("A PacketScanner refuses lengths that cannot be, as soon as they are there", () => {
  const cases: [string, Buffer, number][] = [
    ["data below -1", malformed((out) => out.int(-2)), -2],
    ["data too long", malformed((out) => out.int(DATA_MAX_BYTES + 1)), DATA_MAX_BYTES + 1],
    ["the longest int", malformed((out) => out.int(0x7fffffff)), 0x7fffffff],
    [
      "too many identities",
      malformed((out) => {
        out.int(-1);
        out.int(QUORUM_PACKET_IDENTITIES_MAX + 1);
      }),
      QUORUM_PACKET_IDENTITIES_MAX + 1,
    ],
    [
      "a scheme too long",
      malformed((out) => {
        out.int(-1);
        out.int(1);
        out.int(DATA_MAX_BYTES + 1);
      }),
      DATA_MAX_BYTES + 1,
    ],
    [
      "a scheme below -1",
      malformed((out) => {
        out.int(-1);
        out.int(1);
        out.int(-5);
      }),
      -5,
    ],
  ];
  for (const [what, bytes, length] of cases) {
    for (const cut of [bytes.length, 1]) {
      const scanner = new PacketScanner(DATA_MAX_BYTES);
      const feed = () => {
        for (let at = 0; at < bytes.length; at += cut) {
          scanner.scan(bytes.subarray(at, at + cut), 0, () => assert.fail("nothing is whole"));
        }
      };
      assert.throws(
        feed,
        { name: "ProtocolError", message: `Unreasonable length = ${length}` },
        what,
      );
    }
  }
});

test("A PacketScanner bounds the identities of one packet together", () => {
  const each = 1024 * 1024;
  const scanner = new PacketScanner(each);
  const head = malformed((out) => {
    out.int(-1);
    out.int(QUORUM_PACKET_IDENTITIES_MAX);
  });
  const string = Buffer.alloc(4 + each);
  string.writeInt32BE(each, 0);
  scanner.scan(head, 0, () => {});
  const most = QUORUM_PACKET_AUTHINFO_MAX_BYTES / each;
  for (let i = 0; i < most; i++) scanner.scan(string, 0, () => {});
  assert.throws(() => scanner.scan(string, 0, () => {}), ProtocolError);
});

test("A PacketScanner's work on a packet of many identities fed byte by byte grows with its length only", () => {
  const authinfo = Array.from({ length: 5000 }, (_, i) => ({ scheme: "ip", id: String(i) }));
  const sent = { type: 1, zxid: 0 as Zxid, data: null, authinfo };
  assert.deepEqual(scanCut(stream([sent]), [1]), [sent]);
});

test("Who asks is read anew whenever it is not who asked before, however much alike they are", () => {
  const asked = (...ids: string[]) => ({
    ...packet(1),
    authinfo: ids.map((id) => ({ scheme: "ip", id })),
  });
  const packets = [
    asked("10.0.0.1"),
    asked("10.0.0.1"),
    asked("10.0.0.2"),
    asked("10.0.0", "10"),
    asked("10.0.0.1"),
  ];
  for (const lengths of [[1000], [7], [1]]) {
    assert.deepEqual(scanCut(stream(packets), lengths), packets);
  }
});

test("A packet's data is the receiver's to keep", () => {
  const bytes = stream([packet(2, "proposal")]);
  const [kept] = scanCut(bytes, [bytes.length]);
  assert.equal(kept?.data?.toString(), "proposal");
});

test("Random bytes are packets or a ProtocolError, never anything else", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 })), (chunks) => {
      const scanner = new PacketScanner(DATA_MAX_BYTES);
      try {
        for (const chunk of chunks) scanner.scan(Buffer.from(chunk), 0, () => {});
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
  );
});
