// Frames come out the same however the stream is cut.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../src/errors.js";
import { FrameLengthError, FrameSplitter } from "../../src/wire/framing.js";
import { loadGoldens } from "./golden.js";

function framed(...payloads: Uint8Array[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((payload) => {
      const prefix = Buffer.alloc(4);
      prefix.writeInt32BE(payload.length);
      return [prefix, payload];
    }),
  );
}

/** The frames, copied, because they are valid only during the call. */
function split(splitter: FrameSplitter, ...chunks: Buffer[]): Buffer[] {
  const frames: Buffer[] = [];
  for (const chunk of chunks) splitter.push(chunk, (frame) => frames.push(Buffer.from(frame)));
  return frames;
}

const payloads = ["one", "", "two, longer", "3".repeat(300), ""].map((text) => Buffer.from(text));
const stream = framed(...payloads);

test("Several frames in one chunk come out in order", () => {
  assert.deepEqual(split(new FrameSplitter(1000), stream), payloads);
});

test("Frames come out the same when the stream is cut at any byte", () => {
  for (let at = 0; at <= stream.length; at++) {
    const frames = split(new FrameSplitter(1000), stream.subarray(0, at), stream.subarray(at));
    assert.deepEqual(frames, payloads, `cut at ${at}`);
  }
});

test("Every golden record comes out of a stream that arrives byte by byte", () => {
  const goldens = loadGoldens("records-3.9.txt").map((golden) => golden.bytes);
  const bytes = framed(...goldens);
  const splitter = new FrameSplitter(100_000);
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    splitter.push(bytes.subarray(at, at + 1), (frame) => {
      assert.ok(frame.equals(goldens[count]!));
      count += 1;
    });
  }
  assert.equal(count, goldens.length);
  assert.equal(splitter.isMidFrame, false);
});

test("Frames come out the same in any chunks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 9000, size: "max" }), { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (contents, cuts) => {
        const bytes = framed(...contents);
        const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
        const chunks = [...places, bytes.length].map((end, i) =>
          bytes.subarray(i === 0 ? 0 : places[i - 1]!, end),
        );
        const frames = split(new FrameSplitter(9000), ...chunks);
        assert.deepEqual(
          frames,
          contents.map((content) => Buffer.from(content)),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("A frame that lies whole in its chunk is a view of it, not a copy", () => {
  const chunk = framed(Buffer.from("whole"));
  new FrameSplitter(100).push(chunk, (frame) => {
    assert.equal(frame.buffer, chunk.buffer);
    assert.equal(frame.byteOffset, chunk.byteOffset + 4);
  });
});

test("A frame that was cut does not change when its chunks are overwritten", () => {
  const chunk = framed(Buffer.from("reused chunk"));
  const first = Buffer.from(chunk.subarray(0, 9));
  const splitter = new FrameSplitter(100);
  assert.deepEqual(split(splitter, first), []);
  first.fill(0);
  assert.deepEqual(split(splitter, chunk.subarray(9)), [Buffer.from("reused chunk")]);
});

test("A length at the limit is taken, one above it and a negative one are refused", () => {
  const limit = Buffer.alloc(64, 7);
  assert.deepEqual(split(new FrameSplitter(64), framed(limit)), [limit]);
  for (const [length, hex] of [
    [65, "00000041"],
    [-1, "ffffffff"],
    [-2147483648, "80000000"],
    [2147483647, "7fffffff"],
  ] as const) {
    const prefix = Buffer.from(hex, "hex");
    for (const cut of [0, 1, 2, 3, 4]) {
      const splitter = new FrameSplitter(64);
      assert.throws(
        () => split(splitter, prefix.subarray(0, cut), prefix.subarray(cut)),
        (error) =>
          error instanceof ProtocolError &&
          error instanceof FrameLengthError &&
          error.advertisedLength === length &&
          error.message === `Len error ${length}`,
      );
    }
  }
});

test("Frames before a bad length are handed on first", () => {
  const frames: string[] = [];
  const chunk = Buffer.concat([framed(Buffer.from("good")), Buffer.from("ffffffff", "hex")]);
  const splitter = new FrameSplitter(64);
  assert.throws(
    () => splitter.push(chunk, (frame) => frames.push(frame.toString())),
    ProtocolError,
  );
  assert.deepEqual(frames, ["good"]);
});

test("A stop in the middle of a chunk drops the rest of it and all that follows", () => {
  const splitter = new FrameSplitter(64);
  const frames: string[] = [];
  const chunk = framed(Buffer.from("first"), Buffer.from("second"), Buffer.from("third"));
  // Cut, so that "first" comes from the gathered bytes; and once more with it whole.
  for (const one of [new FrameSplitter(64), splitter]) {
    frames.length = 0;
    const cut = one === splitter ? 0 : 6;
    const stopAtSecond = (frame: Buffer): void => {
      frames.push(frame.toString());
      if (frames.length === 2) one.stop();
    };
    one.push(chunk.subarray(0, cut), stopAtSecond);
    one.push(chunk.subarray(cut), stopAtSecond);
    one.push(chunk, stopAtSecond);
    assert.deepEqual(frames, ["first", "second"]);
    assert.equal(one.stopped, true);
  }
});

test("A stop at a frame that was cut drops what follows it in the chunk", () => {
  const splitter = new FrameSplitter(64);
  const frames: string[] = [];
  const chunk = framed(Buffer.from("first"), Buffer.from("second"));
  const stopAtOnce = (frame: Buffer): void => {
    frames.push(frame.toString());
    splitter.stop();
  };
  splitter.push(chunk.subarray(0, 3), stopAtOnce);
  splitter.push(chunk.subarray(3), stopAtOnce);
  splitter.push(chunk, stopAtOnce);
  assert.deepEqual(frames, ["first"]);
});

test("Bytes that are promised but not sent cost no memory", () => {
  const splitter = new FrameSplitter(2 ** 31 - 1);
  const before = process.memoryUsage().arrayBuffers;
  const kept = Array.from({ length: 100 }, () => new FrameSplitter(2 ** 31 - 1));
  const promise = Buffer.from("7fffffff00000000", "hex");
  for (const one of [splitter, ...kept]) {
    one.push(promise, () => assert.fail("There is no whole frame"));
    assert.equal(one.isMidFrame, true);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
});
