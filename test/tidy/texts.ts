// Markdown pages, and marks that somebody meant to come back to.

import { posix } from "node:path";
import { lineAt, type Tree } from "./source.js";

const LEFTOVER = new RegExp(`\\b(?:${["TO", "FIX"].join("DO|")}ME)\\b`, "g");
/** Pages that are linked and still to be written: every entry goes with the page it waits for. */
const PROMISED = new Set<string>([]);

const TEXTS = /\.(ts|md|sh|cmd|cfg|json|jsonc|jute)$|^\.ci\/|^bin\//;

export function checkLeftovers(tree: Tree): string[] {
  const problems: string[] = [];
  for (const [path, text] of tree.files) {
    if (!TEXTS.test(path)) continue;
    for (const match of text.matchAll(LEFTOVER)) {
      const line = lineAt(text, match.index);
      problems.push(`${path}:${line}: "${match[0]}" is left over: do it, or write an issue`);
    }
  }
  return problems;
}

export function checkTitles(tree: Tree): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".md")) {
    const titles = withoutCode(tree.text(path)).match(/^# .+$/gm) ?? [];
    if (titles.length !== 1) {
      problems.push(
        `${path}: ${titles.length} lines begin with "# ", a page has one title: add it, or make the others "## "`,
      );
    }
  }
  return problems;
}

/** `exists` is asked for files and folders that are not part of the tree (captured ones, for example). */
export function checkLinks(tree: Tree, exists: (path: string) => boolean): string[] {
  const problems: string[] = [];
  for (const path of tree.paths(".md")) {
    const text = withoutCode(tree.text(path));
    for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const link = match[1] as string;
      if (/^[a-z]+:/.test(link)) continue;
      const line = lineAt(text, match.index);
      const [file, anchor] = link.split("#") as [string, string | undefined];
      const target = file === "" ? path : posix.join(posix.dirname(path), decodeURI(file));
      if (PROMISED.has(target)) continue;
      if (!tree.files.has(target) && !exists(target)) {
        problems.push(`${path}:${line}: "${link}" leads nowhere: mend the link, or write the page`);
      } else if (anchor !== undefined && target.endsWith(".md")) {
        if (!anchors(tree.text(target)).has(anchor)) {
          problems.push(
            `${path}:${line}: "${link}": ${target} has no such heading: mend the anchor`,
          );
        }
      }
    }
  }
  return problems;
}

/** A promise that was kept is a promise no more. */
export function checkPromises(tree: Tree): string[] {
  const kept = [...PROMISED].filter((path) => tree.files.has(path));
  return kept.map((path) => `${path}: is there now: take it off PROMISED in test/tidy/texts.ts`);
}

/** Fenced blocks and inline code hold examples, not links and titles. */
function withoutCode(text: string): string {
  const blank = (code: string): string => code.replace(/[^\n]/g, " ");
  return text.replace(/^( *)(```|~~~)[\s\S]*?^\1\2/gm, blank).replace(/`[^`\n]*`/g, blank);
}

/** Headings as links name them. */
function anchors(text: string): Set<string> {
  const headings = text.match(/^#+ .+$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/\s/g, "-"),
    ),
  );
}
