// What pure and driven code must not call, because a simulated run could not repeat it.

import { partOf } from "./imports.js";
import { lineAt, type Tree } from "./source.js";

interface Banned {
  readonly what: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const BANNED: readonly Banned[] = [
  {
    what: "the system's clock",
    pattern: /\bnew\s+Date\b|(?<![\w.])Date\s*[.(]|(?<![\w.])performance\s*\./g,
    instead: "take `now` as an argument (pure) or ask platform.clock (driven)",
  },
  {
    what: "a timer of node",
    pattern: /(?<![\w.])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/g,
    instead: "use platform.clock.setTimer or atTurnEnd",
  },
  {
    what: "the system's randomness",
    pattern: /\bMath\s*\.\s*random\b|(?<![\w.])crypto\s*\./g,
    instead: "take random values as an argument (pure) or from platform.random (driven)",
  },
  {
    what: "the process",
    pattern: /(?<![\w.])process\s*[.[]|(?<![\w.])globalThis\b|(?<![\w.])require\s*\(/g,
    instead: "take settings from Config, facts from platform.host; only main ends the process",
  },
  {
    what: "the console",
    pattern: /(?<![\w.])console\s*\./g,
    instead: "use platform.log",
  },
  {
    what: "the machine's language",
    pattern: /\.\s*toLocale\w*\s*\(|\.\s*localeCompare\s*\(|(?<![\w.])Intl\s*\./g,
    instead: "compare by code units (<), and write numbers and dates out by hand",
  },
  {
    what: "the garbage collector",
    pattern: /\bnew\s+(?:WeakRef|FinalizationRegistry)\b/g,
    instead: "end the life of things explicitly",
  },
];

const WAITING: Banned = {
  what: "promises",
  pattern: /(?<![\w.])(?:async|await)\s|\bnew\s+Promise\b|(?<![\w.])Promise\s*\./g,
  instead: "the core steps and never waits: return what is to be done, and be called again",
};

const PURE = new Set(["wire", "operations", "tree", "session", "quorum", "election"]);
const REAL = new Set([
  "main.ts",
  "reader-thread.ts",
  "cli",
  "platform/node",
  "platform/pure-node.ts",
]);
/** Run by a developer, not by the server. */
const TOOLS = new Set(["src/jute/compile-cli.ts"]);

export function checkCalls(tree: Tree): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".ts", "src/")) {
    const part = partOf(path);
    if (REAL.has(part) || TOOLS.has(path)) continue;
    const rules = PURE.has(part) ? [...BANNED, WAITING] : BANNED;
    for (const rule of rules) problems.push(...findings(tree, path, rule));
  }
  return problems;
}

/** Programs that end themselves: the server, and the shell, whose terminal would keep it alive. */
const PROGRAMS = new Set(["src/main.ts", "src/cli/zk-cli.ts", "src/cli/shell/typed-lines.ts"]);

export function checkExit(tree: Tree): string[] {
  const rule: Banned = {
    what: "process.exit",
    pattern: /(?<![\w.])process\s*\.\s*(?:exit|abort|kill|reallyExit)\s*\(/g,
    instead: "set process.exitCode, or throw FatalError: main ends the process",
  };
  const paths = tree.paths(".ts", "src/").filter((path) => !PROGRAMS.has(path));
  return paths.flatMap((path) => findings(tree, path, rule));
}

function findings(tree: Tree, path: string, rule: Banned): string[] {
  const code = tree.code(path);
  return [...code.matchAll(rule.pattern)].map((match) => {
    const call = match[0].trim().replace(/\($/, "");
    return `${path}:${lineAt(code, match.index)}: "${call}" is ${rule.what}: ${rule.instead}`;
  });
}
