// Who imports whom: direction, cycles, barrels, packages, files that nobody imports.

import { posix } from "node:path";
import { lineAt, type Tree } from "./source.js";

export interface Import {
  readonly line: number;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly isExport: boolean;
  /** The file in the tree; undefined for packages and node's own modules. */
  readonly target: string | undefined;
}

const STATEMENT = /^(import|export)\s(?:([^;"'=]*?)\sfrom\s+)?["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']/g;

export function importsOf(tree: Tree, path: string): Import[] {
  const text = tree.text(path);
  const code = tree.code(path);
  const found: Import[] = [];
  const add = (at: number, specifier: string, isTypeOnly: boolean, isExport: boolean): void => {
    // In a comment or a string it is no import.
    if (code[at] === " ") return;
    const relative = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
    const target = specifier.startsWith(".") ? relative : undefined;
    found.push({ line: lineAt(text, at), specifier, isTypeOnly, isExport, target });
  };
  for (const match of text.matchAll(STATEMENT)) {
    const clause = (match[2] ?? "").trim();
    add(match.index, match[3] as string, isTypeClause(clause), match[1] === "export");
  }
  for (const match of text.matchAll(DYNAMIC)) add(match.index, match[1] as string, false, false);
  return found;
}

/** `type …`, or braces in which every name is a type. */
function isTypeClause(clause: string): boolean {
  if (clause.startsWith("type ")) return true;
  const names = /^\{([^}]*)\}$/.exec(clause)?.[1]?.split(",") ?? [];
  const given = names.map((name) => name.trim()).filter((name) => name !== "");
  return given.length > 0 && given.every((name) => name.startsWith("type "));
}

/** Files beside the folders that stand for themselves; the others make up the composition root. */
const SINGLE = new Set([
  "crc32.ts",
  "errors.ts",
  "java-text.ts",
  "limits.ts",
  "marks.ts",
  "version.ts",
  "main.ts",
  "reader-thread.ts",
  "queue.ts",
]);

/** The part of the house that a file of src belongs to: its folder, itself, or "root". */
export function partOf(path: string): string {
  const [, first = "", second] = path.split("/");
  if (first === "platform") return `platform/${second}`;
  return second === undefined && !SINGLE.has(first) ? "root" : first;
}

/** What everything may import. */
const GROUND = [
  "crc32.ts",
  "errors.ts",
  "java-text.ts",
  "limits.ts",
  "marks.ts",
  "queue.ts",
  "metrics",
  "strangers",
  "version.ts",
  "platform/platform.ts",
  "platform/cache-use.ts",
  "platform/stores.ts",
  "platform/kerberos.ts",
  "platform/threads.ts",
  "platform/silent-log.ts",
  "platform/pure-node.ts",
];
const CODEC = [...GROUND, "jute", "wire"];
const STATE = [...CODEC, "auth", "tls", "tree", "session", "storage"];
const ENGINE = [...STATE, "operations", "quorum", "election", "pipeline", "config"];
const DOORS = [...ENGINE, "client", "peer", "admin"];
/** Part → what it may import; a trailing "(types)" allows `import type` only. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "errors.ts": [],
  "limits.ts": ["errors.ts"],
  "marks.ts": [],
  "queue.ts": [],
  "java-text.ts": [],
  "crc32.ts": ["platform/pure-node.ts"],
  "version.ts": [],
  metrics: ["errors.ts", "limits.ts"],
  strangers: ["limits.ts", "platform/platform.ts (types)"],
  "platform/platform.ts": [
    "platform/cache-use.ts (types)",
    "platform/kerberos.ts (types)",
    "platform/stores.ts (types)",
    "platform/threads.ts (types)",
  ],
  "platform/cache-use.ts": [],
  "platform/stores.ts": [],
  "platform/threads.ts": [],
  "platform/silent-log.ts": ["platform/platform.ts (types)"],
  "platform/kerberos.ts": [],
  "platform/pure-node.ts": [],
  "platform/node": [
    "errors.ts",
    "limits.ts",
    "queue.ts",
    "platform/platform.ts",
    "platform/cache-use.ts",
    "platform/kerberos.ts",
    "platform/stores.ts",
    "platform/threads.ts",
  ],
  jute: ["errors.ts", "limits.ts"],
  wire: ["errors.ts", "limits.ts", "jute"],
  config: CODEC,
  tls: [...CODEC, "config (types)"],
  auth: [...CODEC, "tls"],
  session: CODEC,
  tree: [...CODEC, "auth"],
  storage: [...CODEC, "tree (types)"],
  // Quorum never looks inside a transaction; operations never ask how it was agreed.
  quorum: [...CODEC, "config"],
  election: [...CODEC, "quorum"],
  operations: [...CODEC, "auth", "config", "tree", "session"],
  pipeline: [...STATE, "operations", "quorum", "election", "client (types)"],
  client: [...CODEC, "auth", "tls", "session", "tree"],
  peer: [...STATE, "quorum", "election", "config (types)"],
  admin: [...STATE, "client", "config"],
  cli: [...STATE, "operations", "config", "platform/node"],
  "main.ts": ["config", "errors.ts", "version.ts", "root", "cli", "platform/node"],
  "reader-thread.ts": ["platform/node", "storage", "tree"],
  member: DOORS,
  // The files beside main: the composition root and its pieces.
  root: [...DOORS, "member"],
};

export function checkDirection(tree: Tree): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".ts", "src/")) {
    const part = partOf(path);
    const allowed = LAYERS[part];
    if (allowed === undefined) {
      problems.push(
        `${path}: "${part}" has no place in the layers: give it one in LAYERS of test/tidy/imports.ts`,
      );
      continue;
    }
    for (const { line, target, isTypeOnly } of importsOf(tree, path)) {
      if (target === undefined) continue;
      const other = target.startsWith("src/") ? partOf(target) : target;
      if (other === part || allowed.includes(other)) continue;
      if (allowed.includes(`${other} (types)`)) {
        if (isTypeOnly) continue;
        problems.push(
          `${path}:${line}: ${part} may import types from ${other} only: write "import type", or pass the value in`,
        );
        continue;
      }
      problems.push(
        `${path}:${line}: ${part} must not import ${other}: imports point down the layers of DESIGN section 3: ` +
          "move what both need to a lower layer, or pass it in from src/server.ts",
      );
    }
  }
  return problems;
}

export function checkTargets(tree: Tree): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".ts")) {
    for (const { line, target, isExport, specifier } of importsOf(tree, path)) {
      if (posix.basename(target ?? "") === "index.ts") {
        problems.push(
          `${path}:${line}: "${specifier}" is a barrel: import from the file that defines the name`,
        );
      }
      if (isExport && target !== undefined) {
        problems.push(
          `${path}:${line}: "${specifier}" is exported again: let those who need it import it from there`,
        );
      }
    }
  }
  return problems;
}

/** Cycles of what is loaded: types alone do no harm. */
export function checkCycles(tree: Tree): string[] {
  const problems: string[] = [];
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const visit = (path: string): void => {
    state.set(path, "open");
    trail.push(path);
    for (const { target, isTypeOnly } of importsOf(tree, path)) {
      if (target === undefined || isTypeOnly || !tree.files.has(target)) continue;
      if (state.get(target) === "open") {
        const cycle = [...trail.slice(trail.indexOf(target)), target];
        problems.push(
          `${path}: imports in a circle: ${cycle.join(" → ")}: move what both need into a file of its own`,
        );
      } else if (!state.has(target)) visit(target);
    }
    trail.pop();
    state.set(path, "done");
  };
  for (const path of tree.paths(".ts")) if (!state.has(path)) visit(path);
  return problems;
}

/** Where each package is used; node's own modules count as "node:". */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  "node:":
    /^src\/(platform\/(node\/|pure-node\.ts)|main\.ts|reader-thread\.ts|cli\/|jute\/compile-cli\.ts)/,
  pino: /^src\/platform\/node\//,
  minizlib: /^src\/platform\/pure-node\.ts/,
  commander: /^src\/(main\.ts|cli\/)/,
  koffi: /^src\/platform\/node\//,
  lmdb: /^src\/platform\/node\//,
};

export function checkPackages(tree: Tree): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".ts", "src/")) {
    for (const { line, specifier, target } of importsOf(tree, path)) {
      if (target !== undefined) continue;
      const name = specifier.startsWith("node:") ? "node:" : specifier;
      if (PACKAGES[name]?.test(path) === true) continue;
      problems.push(
        `${path}:${line}: "${specifier}" must not be imported here: take the world from Platform, and pure functions from ` +
          "src/platform/pure-node.ts; a new package gets its place in PACKAGES of test/tidy/imports.ts",
      );
    }
  }
  return problems;
}

/** What the server does not reach, and why it is there. Entries that are not needed any more are reported. */
const UNREACHED: Readonly<Record<string, string>> = {
  "src/config/sample.ts": "makes conf/zoo_sample.cfg; test/config holds the two together",
};

/** A file of src must be reached from src, a helper of test from a test; or be started by a script or a test by its path. */
export function checkDeadFiles(tree: Tree): string[] {
  const reached = new Set<string>();
  for (const path of tree.paths(".ts")) {
    for (const { target } of importsOf(tree, path)) {
      if (target !== undefined && (path.startsWith("src/") || target.startsWith("test/"))) {
        reached.add(target);
      }
    }
  }
  // Who is imported was asked above; here the question is whose path stands in a script or a call.
  const starters = [...tree.files]
    .filter(([path]) => !path.endsWith(".md"))
    .map(([path, text]) => [path, text.replace(STATEMENT, "")] as const);
  const problems: string[] = [];
  const idle = new Set<string>();
  for (const path of tree.paths(".ts")) {
    // Tests are found by their name; what is started by hand says how in its first lines.
    const command = `dist/${path.replace(/\.ts$/, ".js")}`;
    const isByHand = path.startsWith("test/") && tree.text(path).slice(0, 600).includes(command);
    if (reached.has(path) || path.endsWith(".test.ts") || isByHand) continue;
    const compiled = path.replace(/^src\/|^test\//, "").replace(/\.ts$/, ".js");
    const isStarted = starters.some(([other, text]) => other !== path && text.includes(compiled));
    if (isStarted) continue;
    idle.add(path);
    if (!(path in UNREACHED)) {
      problems.push(
        `${path}: nothing imports or starts it: remove it, or use it; a program of test/ that is started by hand says ` +
          `"node dist/…" in its first lines`,
      );
    }
  }
  for (const path of Object.keys(UNREACHED)) {
    if (idle.has(path) || !tree.files.has(path)) continue;
    problems.push(`${path}: is used now: take it off UNREACHED in test/tidy/imports.ts`);
  }
  return problems;
}
