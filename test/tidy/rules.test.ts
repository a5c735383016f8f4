// The house rules, each on a small sample that breaks it and on one that looks like it and does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCalls, checkExit } from "./calls.js";
import {
  checkCycles,
  checkDeadFiles,
  checkDirection,
  checkPackages,
  checkTargets,
  importsOf,
} from "./imports.js";
import { checkFileLength, checkFunctionLength, functionBodies } from "./size.js";
import { maskSource, Tree } from "./source.js";
import { checkLeftovers, checkLinks, checkTitles } from "./texts.js";

/** One problem for each pattern, in order; every message names its mending after a colon. */
function expectProblems(problems: string[], ...patterns: RegExp[]): void {
  assert.equal(problems.length, patterns.length, problems.join("\n"));
  for (const [at, pattern] of patterns.entries()) {
    assert.match(problems[at] as string, pattern);
    assert.match(problems[at] as string, /: .+: /);
  }
}

const MASKED: readonly [what: string, source: string, masked: string][] = [
  ["a comment", "a; // new Date()\nb", "a;              \nb"],
  ["a block comment", "a /* x\ny */ b", "a     \n     b"],
  ["a string", 'f("setTimeout(")', 'f("           ")'],
  ["an escaped quote", String.raw`"a\"b" c`, '"    " c'],
  ["a template, but not its expressions", `\`a\${b + "c"}d\` e`, `\` \${b + " "} \` e`],
  ["a template in a template", `\`a\${\`b\${c}\`}d\``, `\` \${\` \${c}\`} \``],
  ["braces in a template's expression", `\`\${f({ a })}x\``, `\`\${f({ a })} \``],
  ["a regular expression", 'x = /[/"]+/g;', "x = /     /g;"],
  ["a division, which it leaves", "a / b / c", "a / b / c"],
  ["an apostrophe in a regular expression", "return /'/.test(a) && b;", "return / /.test(a) && b;"],
];

for (const [what, source, masked] of MASKED) {
  test(`maskSource() masks ${what}`, () => assert.equal(maskSource(source), masked));
}

test("importsOf() finds imports of every form, and none in comments or strings", () => {
  const source = [
    'import type { A } from "./a.js";',
    'import { type B, type C } from "./b.js";',
    'import {\n  d,\n  type E,\n} from "../d.js";',
    'import "./side-effect.js";',
    'export { f } from "./f.js";',
    '// import { g } from "./g.js";',
    "const h = `",
    'import { h } from "./h.js";',
    "`;",
    'const i = await import("./i.js");',
    'import * as j from "node:fs";',
  ].join("\n");
  const found = importsOf(Tree.of({ "src/tree/x.ts": source }), "src/tree/x.ts");
  const short = found.map((one) => [one.target ?? one.specifier, one.isTypeOnly, one.line]);
  assert.deepEqual(short, [
    ["src/tree/a.ts", true, 1],
    ["src/tree/b.ts", true, 2],
    ["src/d.ts", false, 3],
    ["src/tree/side-effect.ts", false, 7],
    ["src/tree/f.ts", false, 8],
    ["node:fs", false, 14],
    ["src/tree/i.ts", false, 13],
  ]);
});

test("checkDirection() refuses an import up the layers, and names what to do", () => {
  const tree = Tree.of({
    "src/tree/a.ts": 'import { b } from "../operations/b.js";\nimport { w } from "../wire/w.js";',
    "src/quorum/q.ts": 'import type { O } from "../operations/o.js";',
  });
  expectProblems(
    checkDirection(tree),
    /^src\/tree\/a\.ts:1: tree must not import operations: .*move what both need/,
    /^src\/quorum\/q\.ts:1: quorum must not import operations/,
  );
});

test("checkDirection() lets storage take types of the tree, and nothing else of it", () => {
  const tree = Tree.of({
    "src/storage/a.ts": 'import type { T } from "../tree/t.js";',
    "src/storage/b.ts": 'import { t } from "../tree/t.js";',
  });
  expectProblems(checkDirection(tree), /^src\/storage\/b\.ts:1: .*types from tree only/);
});

test("checkDirection() asks for a place for a new folder", () => {
  const tree = Tree.of({ "src/utils/a.ts": "" });
  expectProblems(checkDirection(tree), /"utils" has no place in the layers: give it one/);
});

test("checkTargets() refuses barrels and what is exported again", () => {
  const tree = Tree.of({
    "src/tree/a.ts": 'import { b } from "../wire/index.js";',
    "src/tree/c.ts": 'export * from "./d.js";\nexport { createHash } from "node:crypto";',
  });
  expectProblems(checkTargets(tree), /a\.ts:1: .*barrel/, /c\.ts:1: .*exported again/);
});

test("checkCycles() shows the circle, and lets types point back", () => {
  const circle = Tree.of({
    "src/tree/a.ts": 'import { b } from "./b.js";',
    "src/tree/b.ts": 'import { c } from "./c.js";',
    "src/tree/c.ts": 'import { a } from "./a.js";',
  });
  expectProblems(checkCycles(circle), /src\/tree\/a\.ts → .*b\.ts → .*c\.ts → src\/tree\/a\.ts/);
  const types = Tree.of({
    "src/tree/a.ts": 'import { b } from "./b.js";',
    "src/tree/b.ts": 'import type { A } from "./a.js";',
  });
  expectProblems(checkCycles(types));
});

test("checkPackages() keeps node's modules and packages in their places", () => {
  const tree = Tree.of({
    "src/storage/a.ts": 'import { readFileSync } from "node:fs";',
    "src/tree/b.ts": 'import { pino } from "pino";',
    "src/platform/node/c.ts": 'import * as net from "node:net";\nimport { pino } from "pino";',
    "src/platform/pure-node.ts": 'export { crc32 } from "node:zlib";',
  });
  expectProblems(checkPackages(tree), /storage\/a\.ts:1: "node:fs"/, /tree\/b\.ts:1: "pino"/);
});

test("checkCalls() finds each banned call in driven code", () => {
  const calls = [
    "new Date()",
    "Date.now()",
    "performance.now()",
    "setTimeout(f, 1)",
    "setImmediate(f)",
    "queueMicrotask(f)",
    "Math.random()",
    "crypto.randomUUID()",
    "process.env.HOME",
    "console.log(1)",
    "a.localeCompare(b)",
    "a.toLocaleString()",
    "new Intl.DateTimeFormat()",
    "new WeakRef(a)",
  ];
  for (const call of calls) {
    const tree = Tree.of({ "src/storage/a.ts": `\nexport const x = ${call};` });
    expectProblems(checkCalls(tree), /^src\/storage\/a\.ts:2: ".*" is .*: /);
  }
});

test("checkCalls() leaves alone what only looks like it, and the folders that may", () => {
  const tree = Tree.of({
    "src/storage/a.ts": [
      "// Date.now() would be wrong here",
      'const text = "process.exit(1)";',
      "watcher.process(event); clock.setTimer(1, f); this.process.run();",
      "const x = javaDate.format(Date.length0);".replace("Date.length0", "updated.at"),
      "class A { setTimeout(ms: number): void {} }".replace("setTimeout", "setSessionTimeout"),
    ].join("\n"),
    "src/platform/node/clock.ts": "Date.now();",
    "src/main.ts": "process.exit(0);",
  });
  expectProblems(checkCalls(tree));
});

test("checkCalls() refuses promises in pure code only", () => {
  const waits = "export async function f() { await g(); }";
  const tree = Tree.of({ "src/quorum/a.ts": waits, "src/storage/a.ts": waits });
  expectProblems(checkCalls(tree), /quorum\/a\.ts:1: "async"/, /quorum\/a\.ts:1: "await"/);
});

test("checkExit() lets only main end the process", () => {
  const exit = "process.exit(1);";
  const tree = Tree.of({ "src/main.ts": exit, "src/cli/a.ts": `${exit}\nprocess.exitCode = 1;` });
  expectProblems(checkExit(tree), /^src\/cli\/a\.ts:1: "process\.exit" is process\.exit: /);
});

test("checkDeadFiles() finds what nothing imports or starts", () => {
  const tree = Tree.of({
    "src/main.ts": 'import "./tree/used.js";',
    "src/tree/used.ts": "",
    "src/tree/unused.ts": "",
    "src/tree/only-tested.ts": "",
    "test/tree/a.test.ts": 'import "../../src/tree/only-tested.js";\nimport "./helper.js";',
    "test/tree/helper.ts": "",
    "test/tree/lonely.ts": "",
    "test/tree/bench.ts": "// What it costs: `node dist/test/tree/bench.js`.",
    "bin/zkServer.sh": "node dist/src/main.js",
  });
  expectProblems(
    checkDeadFiles(tree),
    /^src\/tree\/unused\.ts: /,
    /^src\/tree\/only-tested\.ts: /,
    /^test\/tree\/lonely\.ts: /,
  );
});

test("checkFileLength() counts lines", () => {
  const tree = Tree.of({ "src/a.ts": "x\n".repeat(400), "src/b.ts": "x\n".repeat(401) });
  expectProblems(checkFileLength(tree), /^src\/b\.ts: 401 lines, at most 400: /);
});

test("functionBodies() finds functions of every form and nothing else", () => {
  const sample = `
    function a(x: { b: number }): { c: number } { return x; }
    const d = (e = {}) => { e; };
    const f = async (): Promise<{ g: 1 }> => { await 1; };
    class H { get i(): number { return 1; } async *j() { yield 1; } }
    interface K { l(): { m: 1 }; n(o: (p: number) => void): void; }
    if (d(1)) { d(); } else { d(); }
    for (const q of r(s)) { q(); }
    while (t()) { u(); } switch (v(w)) { default: }
    const x = y(z) ? a(1) : { b: 1 };
    try { a(); } catch (error) { b(); }`;
  const found = functionBodies(maskSource(sample)).map(({ open, close }) =>
    sample.slice(open, close + 1),
  );
  assert.deepEqual(found, [
    "{ return x; }",
    "{ e; }",
    "{ await 1; }",
    "{ return 1; }",
    "{ yield 1; }",
  ]);
});

test("checkFunctionLength() counts the lines of a body, but not of a suite", () => {
  const long = "  f();\n".repeat(70);
  const tree = Tree.of({
    "src/a.ts": `export function a(): void {\n${long}}`,
    "src/b.ts": `export const b = () => {\n${"  f();\n".repeat(68)}};`,
    "test/c.test.ts": `describe("c", () => {\n${long}});`,
  });
  expectProblems(checkFunctionLength(tree), /^src\/a\.ts:1: a function of 72 lines, at most 70: /);
});

test("checkLeftovers() finds marks in code, scripts and pages", () => {
  const mark = ["TO", "DO"].join("");
  const tree = Tree.of({
    "src/a.ts": `a;\n// ${mark} later`,
    "docs/b.md": `# B\n${["FIX", "ME"].join("")}`,
    "src/c.ts": `const ${mark}S = 1;`,
  });
  expectProblems(checkLeftovers(tree), /^src\/a\.ts:2: "TO/, /^docs\/b\.md:2: "FIX/);
});

test("checkTitles() wants one title a page, and does not look into code blocks", () => {
  const tree = Tree.of({
    "docs/none.md": "text",
    "docs/two.md": "# One\n# Two",
    "docs/good.md": "# One\n```sh\n# a comment\n```\n## More",
  });
  expectProblems(checkTitles(tree), /none\.md: 0 lines/, /two\.md: 2 lines/);
});

test("checkLinks() follows relative links and anchors", () => {
  const tree = Tree.of({
    "docs/a.md": "# A\n[b](b.md) [up](../README.md#the-way-of-data) [out](https://example.org/x)",
    "docs/b.md": "# B\n[c](c.md) [gone](a.md#gone) `[code](nowhere.md)` [dir](../src)",
    "README.md": "# R\n## The way of data",
  });
  const problems = checkLinks(tree, (path) => path === "src");
  expectProblems(
    problems,
    /^docs\/b\.md:2: "c\.md" leads nowhere: /,
    /^docs\/b\.md:2: "a\.md#gone": docs\/a\.md has no such heading: /,
  );
});
