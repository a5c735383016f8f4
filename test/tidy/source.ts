// A tree of files in memory, as the house rules see it: the real one, or a small bad sample.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Paths are relative to the project, with slashes. */
export class Tree {
  readonly files: ReadonlyMap<string, string>;
  readonly #code = new Map<string, string>();

  constructor(files: Iterable<readonly [string, string]>) {
    this.files = new Map(files);
  }

  static of(files: Readonly<Record<string, string>>): Tree {
    return new Tree(Object.entries(files));
  }

  paths(ending: string, folder = ""): string[] {
    return [...this.files.keys()].filter(
      (path) => path.endsWith(ending) && path.startsWith(folder),
    );
  }

  text(path: string): string {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`Cannot check "${path}": it is not in the tree`);
    return text;
  }

  /** The text with comments, and the insides of strings and regular expressions, turned into spaces. */
  code(path: string): string {
    let code = this.#code.get(path);
    if (code === undefined) {
      code = maskSource(this.text(path));
      this.#code.set(path, code);
    }
    return code;
  }
}

const FOLDERS = ["src", "test", "bin", "conf", "docs", ".ci"];
/** Captured from others: not ours to tidy. */
const CAPTURED = /^test\/golden\/.*(?<!\.md)$/;

export function readTree(root: string): Tree {
  const files: [string, string][] = [];
  const add = (path: string): void => {
    if (!CAPTURED.test(path)) files.push([path, readFileSync(join(root, path), "utf8")]);
  };
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isFile() && /\.(md|json|jsonc)$/.test(entry.name)) add(entry.name);
  }
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== "node_modules") walk(path);
      else if (entry.isFile()) add(path);
    }
  };
  const present = readdirSync(root);
  for (const folder of FOLDERS) if (present.includes(folder)) walk(folder);
  return new Tree(files);
}

export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let i = 0; i < position; i++) if (text.charCodeAt(i) === 10) line += 1;
  return line;
}

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|void))\s*$/;

/** Same length, same lines: positions in the result are positions in the text. */
export function maskSource(text: string): string {
  const out: string[] = [];
  // What each open brace belongs to: a block, or an expression within a template.
  const braces: ("block" | "template")[] = [];
  let at = 0;
  const skip = (end: number): void => {
    out.push(text.slice(at, end).replace(/[^\n]/g, " "));
    at = end;
  };
  const keep = (): void => {
    out.push(text[at] as string);
    at += 1;
  };
  const template = (): void => {
    let end = at;
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end)) {
      end += text[end] === "\\" ? 2 : 1;
    }
    const opensExpression = text.startsWith("${", end);
    skip(end);
    keep();
    if (opensExpression) {
      keep();
      braces.push("template");
    }
  };
  while (at < text.length) {
    const char = text[at] as string;
    if (text.startsWith("//", at)) skip(endOf(text, "\n", at));
    else if (text.startsWith("/*", at)) skip(endOf(text, "*/", at + 2) + 2);
    else if (char === '"' || char === "'") {
      keep();
      skip(endOfQuoted(text, at, char));
      keep();
    } else if (char === "`") {
      keep();
      template();
    } else if (char === "/" && BEFORE_REGEX.test(out.slice(-40).join("").slice(-40))) {
      keep();
      skip(endOfRegex(text, at));
      keep();
    } else if (char === "}" && braces.pop() === "template") {
      keep();
      template();
    } else {
      if (char === "{") braces.push("block");
      keep();
    }
  }
  return out.join("").slice(0, text.length);
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let end = from;
  while (end < text.length && text[end] !== quote && text[end] !== "\n") {
    end += text[end] === "\\" ? 2 : 1;
  }
  return end;
}

function endOfRegex(text: string, from: number): number {
  let end = from;
  let isInClass = false;
  while (end < text.length && text[end] !== "\n" && (isInClass || text[end] !== "/")) {
    if (text[end] === "[") isInClass = true;
    else if (text[end] === "]") isInClass = false;
    end += text[end] === "\\" ? 2 : 1;
  }
  return end;
}
