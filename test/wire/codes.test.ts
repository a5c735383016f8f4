// The numbers and texts against Java's (test/golden/records/codes.txt).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ErrorCode, errorText } from "../../src/wire/error-codes.js";
import { OpCode, opName, QuorumPacketType } from "../../src/wire/op-codes.js";
import { readProjectFile } from "./golden.js";

interface CodeLine {
  readonly name: string;
  readonly code: number;
  readonly text: string;
}

function captured(kind: string): CodeLine[] {
  const lines = readProjectFile("test/golden/records/codes.txt").trimEnd().split("\n");
  return lines
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => {
      const [, name, code, ...text] = line.split(" ");
      return { name: name!, code: Number(code), text: text.join(" ") };
    });
}

function assertSame(ours: Record<string, number>, kind: string): void {
  const theirs = captured(kind).map(({ name, code }) => `${name.toLowerCase()} ${code}`);
  const named = Object.entries(ours).map(([name, code]) => `${name.toLowerCase()} ${code}`);
  assert.deepEqual(named.sort(), theirs.sort());
}

test("Operation codes are Java's", () => {
  assertSame(OpCode, "op");
});

test("Quorum packet types are Java's", () => {
  assertSame(QuorumPacketType, "packet");
});

test("Error codes and their texts are Java's", () => {
  assertSame(ErrorCode, "error");
  for (const { code, text } of captured("error")) assert.equal(errorText(code), text);
});

test("Operations are named as logs name them, and unknown ones by number", () => {
  assert.equal(opName(OpCode.createTTL), "createTTL");
  assert.equal(opName(OpCode.closeSession), "closeSession");
  assert.equal(opName(10), "unknown 10");
});

test("Errors that Java does not know have their number for a text", () => {
  assert.equal(errorText(-9999), "Unknown error -9999");
});
