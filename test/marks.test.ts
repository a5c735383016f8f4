import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { collectMarks, MARKS, type Mark, reached } from "../src/marks.js";

test("Marks are told to whoever collects, and to nobody otherwise", () => {
  const told: Mark[] = [];
  reached("recovery: a log is torn");
  collectMarks((mark) => told.push(mark));
  reached("session: expired");
  collectMarks(undefined);
  reached("read-only: serves");
  assert.deepEqual(told, ["session: expired"]);
});

test("Marks all stand somewhere in the servers", () => {
  const src = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: "utf8" });
  const text = files
    .filter((name) => name.endsWith(".ts") && name !== "marks.ts")
    .map((name) => readFileSync(join(src, name), "utf8"))
    .join("\n");
  assert.deepEqual(
    MARKS.filter((mark) => !text.includes(`"${mark}"`)),
    [],
  );
});
