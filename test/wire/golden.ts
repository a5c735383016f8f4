// The golden records (test/golden/records), and what is needed to hold the generated code against them: the records'
// description, and their read and write functions by name.

import { readFileSync } from "node:fs";
import path from "node:path";
import type { JuteField, JuteFile, JuteType } from "../../src/jute/parse.js";
import { parseJute } from "../../src/jute/parse.js";
import type { JuteReader } from "../../src/jute/reader.js";
import type { JuteWriter } from "../../src/jute/writer.js";
import * as records from "../../src/wire/records.js";

const root = path.join(import.meta.dirname, "../../..");

export function readProjectFile(name: string): string {
  return readFileSync(path.join(root, name), "utf8");
}

export const description: JuteFile = parseJute(readProjectFile("src/wire/zookeeper.jute"));

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Golden {
  readonly record: string;
  readonly set: string;
  readonly value: Json;
  readonly bytes: Buffer;
  /** What Java reads back, and writes then: the same as before, but for strings with surrogates. */
  readonly reads: Json;
  readonly again: Buffer;
}

export function loadGoldens(name: string): Golden[] {
  const text = readProjectFile(`test/golden/records/${name}`);
  return text.split(/\n(?=\S)/).map((entry) => {
    const [title, ...lines] = entry.trimEnd().split("\n");
    const [record, set] = title!.split(", ");
    const named = new Map(lines.map((line) => [line.slice(2, 7), line.slice(8)]));
    const value = named.get("value")!;
    const bytes = named.get("bytes")!;
    return {
      record: record!,
      set: set!,
      value: JSON.parse(value),
      bytes: Buffer.from(bytes, "hex"),
      reads: JSON.parse(named.get("reads") ?? value),
      again: Buffer.from(named.get("again") ?? bytes, "hex"),
    };
  });
}

export interface Codec {
  read(reader: JuteReader): unknown;
  write(out: JuteWriter, record: unknown): void;
}

export function codecFor(record: string): Codec {
  const functions = records as unknown as Record<string, unknown>;
  const [read, write] = [functions[`read${record}`], functions[`write${record}`]];
  if (!read || !write) throw new Error(`No functions for "${record}" in records.ts`);
  return { read, write } as Codec;
}

/** How this project holds what the golden file writes down as JSON. */
export function fromJson(record: string, json: Json): unknown {
  const value: Record<string, unknown> = {};
  for (const field of description.records.get(record)!.fields) {
    const fieldJson = (json as { [name: string]: Json })[field.name];
    value[field.name] = fieldJson === undefined ? undefined : fieldFromJson(field, fieldJson);
  }
  return value;
}

function fieldFromJson(field: JuteField, json: Json): unknown {
  return isBig(field) ? BigInt(json as string) : typeFromJson(field.type, json);
}

export function isBig(field: JuteField): boolean {
  if (field.holding === undefined) return false;
  return field.holding === "bigint" || description.brands.get(field.holding)?.base === "bigint";
}

function typeFromJson(type: JuteType, json: Json): unknown {
  if (json === null) return null;
  if (type.kind === "record") return fromJson(type.name, json);
  if (type.kind === "vector") return (json as Json[]).map((item) => typeFromJson(type.item, item));
  if (type.kind === "map") throw new Error("No record has a map");
  if (type.name === "long") return Number(json);
  return type.name === "buffer" ? Buffer.from(json as string, "hex") : json;
}

/** Whether a long that is held as a number is beyond what numbers hold exactly: such bytes must be refused. */
export function hasUnsafeLong(record: string, json: Json): boolean {
  return description.records.get(record)!.fields.some((field) => {
    if (isBig(field)) return false;
    const value = (json as { [name: string]: Json })[field.name];
    return value !== undefined && value !== null && typeHasUnsafeLong(field.type, value);
  });
}

function typeHasUnsafeLong(type: JuteType, json: Json): boolean {
  if (json === null) return false;
  if (type.kind === "record") return hasUnsafeLong(type.name, json);
  if (type.kind === "vector")
    return (json as Json[]).some((one) => typeHasUnsafeLong(type.item, one));
  const isLong = type.kind === "primitive" && type.name === "long";
  return isLong && !Number.isSafeInteger(Number(json));
}
