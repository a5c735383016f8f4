// JSON as Java's commands print it: Jackson with INDENT_OUTPUT. Java: JsonOutputter.
//
//   {
//     "connections" : [ {
//       "session_id" : 72058054714327040
//     } ],
//     "error" : null
//   }
//
// Objects are indented by two, lists stand on one line, empty ones are `{ }` and `[ ]`. Written in parts, from iterables, so
// that a list of a million watches is made while it is sent. Keys keep their order: a value is a list of pairs, not a
// JavaScript object, which would put keys that look like numbers (session ids do) first.

export type Json = string | number | bigint | boolean | null | RawNumber | JsonList | JsonObject;
export type JsonEntry = readonly [key: string, value: Json];

/** A number in Java's spelling: 0.0, 1.0E7. What JSON has no number for is a string, as Jackson has it. */
export class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text === "NaN" || text.endsWith("Infinity") ? `"${text}"` : text;
  }
}

export class JsonList {
  readonly items: Iterable<Json>;
  constructor(items: Iterable<Json>) {
    this.items = items;
  }
}

export class JsonObject {
  readonly entries: Iterable<JsonEntry>;
  constructor(entries: Iterable<JsonEntry>) {
    this.entries = entries;
  }
}

export function* jsonText(value: Json, indent = ""): Generator<string> {
  if (value instanceof JsonList) yield* listText(value, indent);
  else if (value instanceof JsonObject) yield* objectText(value, indent);
  else yield scalarText(value);
}

function* listText({ items }: JsonList, indent: string): Generator<string> {
  let separator = "[ ";
  for (const item of items) {
    yield separator;
    yield* jsonText(item, indent);
    separator = ", ";
  }
  yield separator === "[ " ? "[ ]" : " ]";
}

function* objectText({ entries }: JsonObject, indent: string): Generator<string> {
  const inner = `${indent}  `;
  let separator = "{\n";
  for (const [key, value] of entries) {
    const isNested = value instanceof JsonList || value instanceof JsonObject;
    const start = `${separator}${inner}${quoted(key)} : `;
    if (isNested) {
      yield start;
      yield* jsonText(value, inner);
    } else {
      yield start + scalarText(value);
    }
    separator = ",\n";
  }
  yield separator === "{\n" ? "{ }" : `\n${indent}}`;
}

function scalarText(value: Exclude<Json, JsonList | JsonObject>): string {
  if (typeof value === "string") return quoted(value);
  return value instanceof RawNumber ? value.text : String(value);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them
  const escaped = text.replace(/[\x00-\x1f"\\]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return SHORT[character] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}
