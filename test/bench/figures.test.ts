// What a benchmark prints: ratios, what misses its target, and curves where the numbers are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Figures, median } from "./figures.js";
import { svgOf } from "./svg-chart.js";

test("a median of an even number of turns lies between the two in the middle", () => {
  assert.equal(median([4, 1, 100, 2]), 3);
  assert.ok(Number.isNaN(median([])));
});

test("a table shows the ratio of the medians, bold where it misses its target, ticked where it reaches the aim", () => {
  const figures = new Figures({
    "get, ops/s": { atLeast: 2, aim: 4 },
    "set, ops/s": { atLeast: 2, aim: 4 },
    "set, p99 in ms": { atLeast: 0.5, aim: 0.1 },
    "create, ops/s": { atLeast: 2, aim: 4 },
    "create, p99 in ms": { atLeast: 0.5, aim: 0.1 },
  });
  for (const value of [10, 1000, 20]) figures.add("get", "ops/s", "java", value);
  for (const value of [40, 1, 60]) figures.add("get", "ops/s", "zooid", value);
  figures.add("set", "ops/s", "java", 10);
  figures.add("set", "ops/s", "zooid", 19);
  figures.add("set", "p99 in ms", "java", 10);
  figures.add("set", "p99 in ms", "zooid", 6);
  figures.add("create", "ops/s", "java", 10);
  figures.add("create", "ops/s", "zooid", 40);
  figures.add("create", "p99 in ms", "java", 10);
  figures.add("create", "p99 in ms", "zooid", 1);
  figures.add("idle", "MB", "java", 3000);
  figures.add("idle", "MB", "zooid", 1500);
  assert.deepEqual(figures.table().split("\n").slice(2), [
    "| get, ops/s | 20 | 40 | 2 | 2 | 4 | 3 |",
    "| set, ops/s | 10 | 19 | **1.9** | 2 | 4 | 1 |",
    "| set, p99 in ms | 10 | 6 | **0.6** | 0.5 | 0.1 | 1 |",
    "| create, ops/s | 10 | 40 | 4 | 2 | 4 ✓ | 1 |",
    "| create, p99 in ms | 10 | 1 | 0.1 | 0.5 | 0.1 ✓ | 1 |",
    "| idle, MB | 3 000 | 1 500 | 0.5 |  |  | 1 |",
  ]);
  assert.equal(figures.median("get", "ops/s", "java"), 20);
});

test("a curve has a point for each value that was measured, higher where there is more", () => {
  const svg = svgOf({
    title: "a < b",
    xLabel: "x",
    yLabel: "y",
    x: [1, 10, 100],
    lines: [{ name: "line", y: [1, Number.NaN, 2] }],
  });
  const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  const [first, last] = points.map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  assert.equal(points.length, 2);
  assert.ok(first!.x < last!.x && first!.y > last!.y);
  assert.ok(svg.includes("a &lt; b"));
  assert.ok(svg.includes(">100</text>"));
});
