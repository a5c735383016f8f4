// The Jute language, from text to a description. Java: org.apache.jute.compiler (a JavaCC grammar).
//
//   file    = module*
//   module  = "module" dotted-name "{" class* "}"
//   class   = "class" name "{" field* "}"
//   field   = type name ";"
//   type    = byte | boolean | int | long | float | double | ustring | buffer
//           | "vector" "<" type ">" | "map" "<" type "," type ">" | [dotted-name "."] class-name
//
// Comments are C's. Those that begin with a single word after `@` are annotations (README.md): they say how a value is
// held in TypeScript and leave the bytes alone, so an annotated file is still one that Java's compiler takes.

export type PrimitiveName =
  | "byte"
  | "boolean"
  | "int"
  | "long"
  | "float"
  | "double"
  | "ustring"
  | "buffer";

export type JuteType =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "vector"; readonly item: JuteType }
  | { readonly kind: "map"; readonly key: JuteType; readonly value: JuteType }
  | { readonly kind: "record"; readonly name: string };

export interface JuteField {
  readonly name: string;
  readonly type: JuteType;
  /** How a long is held: `bigint`, or a name from an `@brand`. Undefined: a plain number. */
  readonly holding: string | undefined;
  /** May be missing where the record's bytes end. */
  readonly trailing: boolean;
  readonly comment: string;
}

export interface JuteRecord {
  readonly name: string;
  readonly module: string;
  readonly comment: string;
  readonly fields: readonly JuteField[];
}

/** `// @brand Zxid number ./ids.js`: a name for longs, over number or bigint, imported from there. */
export interface JuteBrand {
  readonly name: string;
  readonly base: "number" | "bigint";
  readonly from: string;
}

export interface JuteFile {
  readonly brands: ReadonlyMap<string, JuteBrand>;
  readonly records: ReadonlyMap<string, JuteRecord>;
}

export class JuteSyntaxError extends Error {
  override readonly name = "JuteSyntaxError";
}

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveName>([
  "byte",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "ustring",
  "buffer",
]);

interface Token {
  readonly text: string;
  readonly line: number;
  readonly isComment: boolean;
}

export function parseJute(source: string): JuteFile {
  const file = new Parser(tokenize(source)).file();
  for (const name of file.records.keys()) refuseNesting(file, name, []);
  for (const record of file.records.values()) checkRecord(file, record);
  return file;
}

function tokenize(source: string): Token[] {
  const pattern = /\/\/([^\n]*)|\/\*([\s\S]*?)\*\/|([A-Za-z_][\w.]*)|([{}<>,;])|(\s+)|(.)/g;
  const tokens: Token[] = [];
  let line = 1;
  for (const match of source.matchAll(pattern)) {
    const [all, lineComment, blockComment, word, sign, , other] = match;
    if (other !== undefined) throw new JuteSyntaxError(`Line ${line}: unexpected "${other}"`);
    const comment = lineComment ?? blockComment;
    if (comment !== undefined) tokens.push({ text: comment.trim(), line, isComment: true });
    else if (word ?? sign) tokens.push({ text: all, line, isComment: false });
    line += all.split("\n").length - 1;
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #brands = new Map<string, JuteBrand>();
  readonly #records = new Map<string, JuteRecord>();
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  file(): JuteFile {
    for (;;) {
      for (const comment of this.#comments()) this.#brand(comment);
      if (this.#at === this.#tokens.length) break;
      this.#module();
    }
    return { brands: this.#brands, records: this.#records };
  }

  #brand(comment: Token): void {
    if (!comment.text.startsWith("@brand")) return;
    const [, name, base, from] = comment.text.split(/\s+/);
    if (!name || !from || (base !== "number" && base !== "bigint")) {
      throw this.#error(comment, `want "@brand name number|bigint module", have "${comment.text}"`);
    }
    this.#brands.set(name, { name, base, from });
  }

  #module(): void {
    this.#expect("module");
    const module = this.#name();
    this.#expect("{");
    for (;;) {
      const comments = this.#comments();
      if (this.#accept("}")) return;
      this.#class(module, comments);
    }
  }

  #class(module: string, comments: readonly Token[]): void {
    this.#expect("class");
    const token = this.#tokens[this.#at];
    const name = this.#name();
    if (this.#records.has(name)) throw this.#error(token, `class "${name}" is there already`);
    this.#expect("{");
    const fields: JuteField[] = [];
    this.#comments();
    while (!this.#accept("}")) fields.push(this.#field());
    const comment = comments.map((one) => one.text).join(" ");
    this.#records.set(name, { name, module, comment, fields });
  }

  #field(): JuteField {
    const type = this.#type();
    const name = this.#name();
    const line = this.#tokens[this.#at - 1]!.line;
    this.#expect(";");
    let holding: string | undefined;
    let trailing = false;
    const words: string[] = [];
    // What stands on the field's own line is about the field; what stands below it is about nothing that is generated.
    for (const comment of this.#comments()) {
      if (comment.line !== line) continue;
      for (const word of comment.text.split(/\s+/)) {
        if (word === "@trailing") trailing = true;
        else if (word.startsWith("@")) holding = word.slice(1);
        else if (word !== "") words.push(word);
      }
    }
    return { name, type, holding, trailing, comment: words.join(" ") };
  }

  #type(): JuteType {
    const name = this.#name();
    if (name === "vector") {
      this.#expect("<");
      const item = this.#type();
      this.#expect(">");
      return { kind: "vector", item };
    }
    if (name === "map") {
      this.#expect("<");
      const key = this.#type();
      this.#expect(",");
      const value = this.#type();
      this.#expect(">");
      return { kind: "map", key, value };
    }
    if (PRIMITIVES.has(name)) return { kind: "primitive", name: name as PrimitiveName };
    return { kind: "record", name: name.slice(name.lastIndexOf(".") + 1) };
  }

  #comments(): Token[] {
    const start = this.#at;
    while (this.#tokens[this.#at]?.isComment) this.#at += 1;
    return this.#tokens.slice(start, this.#at);
  }

  #name(): string {
    const token = this.#tokens[this.#at];
    if (!token || !/^[A-Za-z_]/.test(token.text)) throw this.#error(token, "want a name");
    this.#at += 1;
    return token.text;
  }

  #accept(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.isComment || token?.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#error(this.#tokens[this.#at], `want "${text}"`);
  }

  #error(token: Token | undefined, message: string): JuteSyntaxError {
    const where = token ? `Line ${token.line} at "${token.text}"` : "End of file";
    return new JuteSyntaxError(`${where}: ${message}`);
  }
}

function checkRecord(file: JuteFile, record: JuteRecord): void {
  for (const [index, field] of record.fields.entries()) {
    const where = `Field "${record.name}.${field.name}"`;
    checkType(file, field.type, where);
    if (field.holding !== undefined) {
      if (!(field.type.kind === "primitive" && field.type.name === "long")) {
        throw new JuteSyntaxError(`${where}: only a long can be held as "${field.holding}"`);
      }
      if (field.holding !== "bigint" && !file.brands.has(field.holding)) {
        throw new JuteSyntaxError(`${where}: "${field.holding}" is neither bigint nor a brand`);
      }
    }
    if (field.trailing && index !== record.fields.length - 1) {
      throw new JuteSyntaxError(`${where}: only the last field can be trailing`);
    }
  }
}

/** A record inside itself, be it in a vector, could be nested as deeply as a peer likes. */
function refuseNesting(file: JuteFile, name: string, within: readonly string[]): void {
  if (within.includes(name)) throw new JuteSyntaxError(`Class "${name}" contains itself`);
  for (const field of file.records.get(name)?.fields ?? []) {
    for (const inner of recordsIn(field.type)) refuseNesting(file, inner, [...within, name]);
  }
}

function recordsIn(type: JuteType): string[] {
  if (type.kind === "record") return [type.name];
  if (type.kind === "vector") return recordsIn(type.item);
  return type.kind === "map" ? [...recordsIn(type.key), ...recordsIn(type.value)] : [];
}

function checkType(file: JuteFile, type: JuteType, where: string): void {
  if (type.kind === "vector" || type.kind === "map") {
    const parts = type.kind === "vector" ? [type.item] : [type.key, type.value];
    for (const part of parts) checkType(file, part, where);
    // A count is only held against what is there when each item takes something.
    if (parts.every((part) => minimumBytes(file, part) === 0)) {
      throw new JuteSyntaxError(`${where}: items that take no bytes cannot be counted`);
    }
  }
  if (type.kind !== "record") return;
  const record = file.records.get(type.name);
  if (!record) throw new JuteSyntaxError(`${where}: no class "${type.name}"`);
  if (record.fields.some((field) => field.trailing)) {
    throw new JuteSyntaxError(
      `${where}: "${type.name}" has a trailing field, so nothing can contain it`,
    );
  }
}

/** The least that a value of this type takes: what a vector's count is checked against. */
export function minimumBytes(file: JuteFile, type: JuteType): number {
  if (type.kind === "record") {
    const fields = file.records.get(type.name)?.fields ?? [];
    return fields.reduce((bytes, field) => bytes + minimumBytes(file, field.type), 0);
  }
  if (type.kind !== "primitive") return 4;
  switch (type.name) {
    case "byte":
    case "boolean":
      return 1;
    case "long":
    case "double":
      return 8;
    default:
      return 4;
  }
}
