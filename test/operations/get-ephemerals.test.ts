// What getEphemerals takes for everything, however it is padded.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "../../src/wire/error-codes.js";
import type { SessionId } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { writeGetEphemeralsRequest } from "../../src/wire/records.js";
import * as ask from "./requests.js";
import { encoded, World } from "./world.js";

const SESSION = 7n as SessionId;

function listed(prefixPath: string): string[] {
  const world = new World();
  for (const path of ["/a1", "/a2", "/b"]) {
    const { type, body } = ask.create(path, { flags: 1 });
    assert.equal(world.write(type, body, { session: SESSION }).error, ErrorCode.ok);
  }
  const body = encoded((out) => writeGetEphemeralsRequest(out, { prefixPath }));
  const answer = world.read(OpCode.getEphemerals, body, { session: SESSION });
  assert.equal(answer.error, ErrorCode.ok);
  const count = answer.body.readInt32BE(0);
  return ["/a1", "/a2", "/b"].filter((path) => answer.body.includes(path)).slice(0, count);
}

describe("getEphemerals", () => {
  test("lists all for nothing, a slash, and blanks around it", () => {
    for (const prefix of ["", "/", "  ", " / ", "\0\t/\n", "/ "]) {
      assert.deepEqual(listed(prefix), ["/a1", "/a2", "/b"], JSON.stringify(prefix));
    }
  });

  test("lists what begins so for anything else", () => {
    assert.deepEqual(listed("/a"), ["/a1", "/a2"]);
    for (const prefix of [" /a", "//", "/ /", "\u00a0", "x"]) assert.deepEqual(listed(prefix), []);
  });

  // By a regular expression with two runs of blanks in it this took an hour.
  test("is quick about a megabyte of blanks", { timeout: 60_000 }, () => {
    const blanks = " ".repeat(1_000_000);
    assert.deepEqual(listed(`${blanks}x`), []);
    assert.deepEqual(listed(`${blanks}/${blanks}`), ["/a1", "/a2", "/b"]);
  });
});
