// How long the answer to one multiRead may become: a request of some kilobytes may ask for the same megabyte ten thousand times.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MULTI_READ_REPLY_MAX_BYTES } from "../../src/limits.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { writeGetDataRequest } from "../../src/wire/records.js";
import * as ask from "./requests.js";
import { encoded, World } from "./world.js";

const DATA_BYTES = 1_000_000;

const get = (path: string): ask.Ask => ({
  type: OpCode.getData,
  body: encoded((out) => writeGetDataRequest(out, { path, watch: false })),
});

function reads(world: World, count: number) {
  const { type, body } = ask.multiRead(...Array.from({ length: count }, () => get("/large")));
  return world.read(type, body);
}

function largeWorld(settings = {}): World {
  const world = new World(settings);
  const { type, body } = ask.create("/large", { data: "x".repeat(DATA_BYTES) });
  assert.equal(world.write(type, body).error, ErrorCode.ok);
  return world;
}

describe("multiRead", () => {
  test("answers what a client may have meant, and -5 for the whole of what none can", () => {
    const world = largeWorld();
    const most = Math.ceil(MULTI_READ_REPLY_MAX_BYTES / DATA_BYTES);
    const { error, body } = reads(world, most);
    assert.equal(error, ErrorCode.ok);
    assert.ok(body.length > most * DATA_BYTES);
    assert.equal(reads(world, most + 1).error, ErrorCode.marshallingError);
    assert.equal(reads(world, 20_000).error, ErrorCode.marshallingError);
  });

  test("answers as much as jute.maxbuffer says where that is more", () => {
    const world = largeWorld({ txnSizeMaxBytes: 2 * MULTI_READ_REPLY_MAX_BYTES });
    const most = Math.ceil((2 * MULTI_READ_REPLY_MAX_BYTES) / DATA_BYTES);
    assert.equal(reads(world, most).error, ErrorCode.ok);
    assert.equal(reads(world, most + 1).error, ErrorCode.marshallingError);
  });
});
