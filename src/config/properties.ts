// Java's properties format, exactly as java.util.Properties.load reads it. Pure: text in, entries out.
//
//   line      = blank* (("#" | "!") anything | key separator value) end        ends are \n, \r, \r\n; blanks are space, \t, \f
//   separator = blanks, or blanks with one "=" or ":" among them; absent when there is only a key
//   escapes   = \t \n \r \f \uXXXX; a backslash before any other character is dropped and the character stays
//   An odd number of backslashes at the end of a line joins the next one to it, less its leading blanks.
//
// So `server.1=host:2888:3888;2181` is one key and one value, `dataDir=E:\\zk` is E:\zk, `dataDir=E:\zk` is E:zk, and a
// # inside a value is part of it. docs/adr/0002-java-properties-by-hand.md says why no library does this for us.
//
// zoo.cfg is read as ISO-8859-1, one character a byte, because that is what Properties.load(InputStream) does: a directory
// name with other letters must be written with \uXXXX, and one that was written in UTF-8 names the same (strange) directory
// for Java and for us.

import { javaTrim } from "../java-text.js";

/** One key and value, in the order of the file. */
export interface PropertiesEntry {
  readonly key: string;
  readonly value: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/** As Java's IllegalArgumentException with the same text. */
export class MalformedProperties extends Error {
  override readonly name = "MalformedProperties";
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Properties.load(InputStream): one character a byte. */
export function parsePropertiesBytes(bytes: Buffer): PropertiesEntry[] {
  return parseProperties(bytes.toString("latin1"));
}

/** Properties.load(Reader). Keys that occur twice are given twice: the last one counts. */
export function parseProperties(text: string): PropertiesEntry[] {
  return logicalLines(text).map(({ content, line }) => entryOf(content, line));
}

/** Keys and values trimmed, as ZooKeeper uses them; of equal keys the last one. */
export function propertiesMap(entries: readonly PropertiesEntry[]): Map<string, PropertiesEntry> {
  const map = new Map<string, PropertiesEntry>();
  for (const { key, value, line } of entries) {
    const trimmed = javaTrim(key);
    map.set(trimmed, { key: trimmed, value: javaTrim(value), line });
  }
  return map;
}

export interface KeySpan {
  readonly key: string;
  /** Lines from 1, both included. */
  readonly first: number;
  readonly last: number;
}

/** On which lines each key stands, for those who change a file and leave the rest of it alone. */
export function keySpans(text: string): KeySpan[] {
  return logicalLines(text).map(({ content, line, lastLine }) => ({
    key: javaTrim(entryOf(content, line).key),
    first: line,
    last: lastLine,
  }));
}

interface LogicalLine {
  readonly content: string;
  readonly line: number;
  readonly lastLine: number;
}

/** Joins continued lines and leaves out comments and blank lines; escapes are still in it. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let content = "";
  let firstLine = 0;
  let joining = false;
  let lone = false;
  for (const [index, physical] of text.split(/\r\n|\r|\n/).entries()) {
    const rest = physical.replace(/^[ \t\f]+/, "");
    if (content === "") {
      // A join that has nothing before it (a line of one backslash) is the beginning of a new line: # is a comment there.
      if (rest === "" && !joining) continue;
      if (rest.startsWith("#") || rest.startsWith("!")) {
        joining = false;
        lone = false;
        continue;
      }
      firstLine = index + 1;
    }
    joining = endsInOddBackslashes(rest);
    lone = content === "" && (rest === "\\" || (lone && rest === ""));
    content += joining ? rest.slice(0, -1) : rest;
    if (joining) continue;
    if (content !== "") lines.push({ content, line: firstLine, lastLine: index + 1 });
    content = "";
  }
  // Java makes an empty key of a last line that is a backslash alone, with at most one character of line end.
  if (content !== "" || (lone && /\\[\r\n]?$/.test(text))) {
    lines.push({ content, line: firstLine, lastLine: Number.POSITIVE_INFINITY });
  }
  return lines;
}

function endsInOddBackslashes(line: string): boolean {
  let count = 0;
  while (count < line.length && line[line.length - 1 - count] === "\\") count++;
  return count % 2 === 1;
}

function entryOf(content: string, line: number): PropertiesEntry {
  let keyEnd = 0;
  while (keyEnd < content.length && !isBlank(content[keyEnd]) && !isSeparator(content[keyEnd])) {
    keyEnd += content[keyEnd] === "\\" ? 2 : 1;
  }
  keyEnd = Math.min(keyEnd, content.length);
  let valueStart = keyEnd;
  while (isBlank(content[valueStart])) valueStart++;
  if (isSeparator(content[valueStart])) valueStart++;
  while (isBlank(content[valueStart])) valueStart++;
  return {
    key: withoutEscapes(content.slice(0, keyEnd), line),
    value: withoutEscapes(content.slice(valueStart), line),
    line,
  };
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\f";
}

function isSeparator(character: string | undefined): boolean {
  return character === "=" || character === ":";
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function withoutEscapes(value: string, line: number): string {
  if (!value.includes("\\")) return value;
  let result = "";
  for (let index = 0; index < value.length; index++) {
    const character = value[index] as string;
    if (character !== "\\") {
      result += character;
      continue;
    }
    const escaped = value[++index] ?? "";
    if (escaped !== "u") {
      result += ESCAPES[escaped] ?? escaped;
      continue;
    }
    const digits = value.slice(index + 1, index + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw new MalformedProperties("Malformed \\uxxxx encoding.", line);
    }
    result += String.fromCharCode(Number.parseInt(digits, 16));
    index += 4;
  }
  return result;
}
