// Names of certificates against the real X500Principal: test/golden/tls/names.txt, made by CaptureNames.java beside it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { readDer } from "../../src/tls/der.js";
import {
  commonNameOf,
  isDistinguishedName,
  rfc2253Name,
} from "../../src/tls/distinguished-name.js";

const lines = readFileSync("test/golden/tls/names.txt", "utf8").trimEnd().split("\n");
const rows = (kind: string): [string, string][] =>
  lines
    .map((line) => line.split(" "))
    .filter(([first]) => first === kind)
    .map(([, a, b]) => [a ?? "", b ?? ""]);

describe("names of certificates", () => {
  test("a name is printed as Java prints it", () => {
    const names = rows("name");
    assert.ok(names.length >= 400);
    for (const [der, printed] of names) {
      const name = readDer(Buffer.from(der, "hex"));
      assert.equal(rfc2253Name(name), Buffer.from(printed, "hex").toString(), der);
    }
  });

  test("a text is a name where Java says so", () => {
    const texts = rows("text");
    assert.ok(texts.length >= 600);
    for (const [text, answer] of texts) {
      const id = Buffer.from(text, "hex").toString();
      assert.equal(isDistinguishedName(id), answer === "yes", JSON.stringify(id));
    }
  });

  test("the common name is the last one there is", () => {
    const name = "301a310a300806035504030c0161310c300a06035504030c036c6f63";
    assert.equal(commonNameOf(readDer(Buffer.from(name, "hex"))), "loc");
  });
});
