// Files and functions that a reader can hold in the head.

import { lineAt, type Tree } from "./source.js";

const FILE_MAX_LINES = 400;
const FUNCTION_MAX_LINES = 70;

/** Written by a program, read by nobody. */
const GENERATED = new Set(["src/wire/records.ts", "src/admin/page/assets.ts"]);

/** What is longer for now or for good, and why. Entries that are not needed any more are reported. */
const LONGER_FILES: Readonly<Record<string, string>> = {
  "test/client/helper.ts": "to be split by the door",
  "test/client/requests.test.ts": "to be split by the door",
  "test/storage/recovery.test.ts": "to be split by storage",
  "test/sim/workload.ts": "to be split by the simulator",
};
const LONGER_FUNCTIONS: Readonly<Record<string, string>> = {
  "src/config/settings/tls.ts": "a table of settings, once for each of two prefixes: no flow in it",
};

export function checkFileLength(tree: Tree): string[] {
  return checkLength(tree, LONGER_FILES, "LONGER_FILES", (path) => {
    const lines = tree.text(path).trimEnd().split("\n").length;
    if (lines <= FILE_MAX_LINES) return [];
    return [
      `${path}: ${lines} lines, at most ${FILE_MAX_LINES}: find the second subject in it and give it a file`,
    ];
  });
}

export function checkFunctionLength(tree: Tree): string[] {
  return checkLength(tree, LONGER_FUNCTIONS, "LONGER_FUNCTIONS", (path) => {
    const problems: string[] = [];
    const code = tree.code(path);
    for (const body of functionBodies(code)) {
      const first = lineAt(code, body.open);
      const lines = lineAt(code, body.close) - first + 1;
      if (lines <= FUNCTION_MAX_LINES) continue;
      problems.push(
        `${path}:${first}: a function of ${lines} lines, at most ${FUNCTION_MAX_LINES}: keep the branches here and move ` +
          "the steps into functions with names",
      );
    }
    return problems;
  });
}

function checkLength(
  tree: Tree,
  exceptions: Readonly<Record<string, string>>,
  listName: string,
  check: (path: string) => string[],
): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".ts")) {
    if (GENERATED.has(path)) continue;
    const found = check(path);
    if (!(path in exceptions)) problems.push(...found);
    else if (found.length === 0) {
      problems.push(`${path}: is short enough: take it off ${listName} in test/tidy/size.ts`);
    }
  }
  return problems;
}

interface Body {
  readonly open: number;
  readonly close: number;
}

const CONTROL = /\b(?:if|for|while|switch|catch|with)\s*(?:await\s*)?$/;
/** A suite is a table of contents, not a flow. */
const SUITE = /\b(?:describe|suite)\s*(?:\.\w+\s*)?\($/;

/** Braces that open the body of a function, method or arrow. `code` is masked. */
export function functionBodies(code: string): Body[] {
  const bodies: Body[] = [];
  const round: number[] = [];
  const curly: { readonly at: number; readonly isBody: boolean }[] = [];
  const expected = new Set<number>();
  for (let at = 0; at < code.length; at++) {
    const char = code[at];
    if (char === "(") round.push(at);
    else if (char === ")") {
      const open = round.pop();
      if (open === undefined || CONTROL.test(code.slice(Math.max(0, open - 20), open))) continue;
      const body = bodyAfter(code, at + 1);
      if (body !== undefined && !isSuite(code, round)) expected.add(body);
    } else if (char === "{") curly.push({ at, isBody: expected.has(at) });
    else if (char === "}") {
      const open = curly.pop();
      if (open?.isBody === true) bodies.push({ open: open.at, close: at });
    }
  }
  return bodies;
}

function isSuite(code: string, round: readonly number[]): boolean {
  const call = round.at(-1);
  return call !== undefined && SUITE.test(code.slice(Math.max(0, call - 30), call + 1));
}

/** Where the body opens that belongs to the parameters closed before `from`; undefined when they are no parameters. */
function bodyAfter(code: string, from: number): number | undefined {
  let at = skipSpace(code, from);
  if (code[at] === ":") at = skipType(code, at + 1);
  if (code.startsWith("=>", at)) at = skipSpace(code, at + 2);
  return code[at] === "{" ? at : undefined;
}

/** A type ends before the body's brace, an arrow, or what cannot be part of it. */
function skipType(code: string, from: number): number {
  let depth = 0;
  let isOperandWanted = true;
  for (let at = from; at < code.length; at++) {
    const char = code[at] as string;
    if (/\s/.test(char)) continue;
    if (depth === 0 && (";,)}]=".includes(char) || (char === "{" && !isOperandWanted))) return at;
    if ("{([<".includes(char)) depth += 1;
    else if ("})]".includes(char) || (char === ">" && code[at - 1] !== "=")) depth -= 1;
    isOperandWanted = char === "|" || char === "&";
  }
  return code.length;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? "x")) at += 1;
  return at;
}
