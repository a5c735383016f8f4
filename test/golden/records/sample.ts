// Generated from sample.jute by src/jute. Do not edit: change the source and run `npm run jute`.

import type { JuteReader } from "../../../src/jute/reader.js";
import type { JuteWriter } from "../../../src/jute/writer.js";
import type { Handle } from "./sample-brands.js";

/** sample.Nothing */
export interface Nothing {
}

export function readNothing(_reader: JuteReader): Nothing {
  return {
  };
}

export function writeNothing(_out: JuteWriter, _record: Nothing): void {
}

/** sample.Everything */
export interface Everything {
  tiny: number;
  yes: boolean;
  low: number;
  /** half of it */
  high: number;
  counts: Map<string | null, number>;
  names: Map<number, (string | null)[] | null>;
  nested: ((Buffer | null)[] | null)[] | null;
  bits: boolean[] | null;
  longs: number[] | null;
  /** that nobody else has */
  handle: Handle;
  raw: bigint;
  nothing: Nothing;
  last?: string | null | undefined;
}

export function readEverything(reader: JuteReader): Everything {
  return {
    tiny: reader.byte(),
    yes: reader.bool(),
    low: reader.float(),
    high: reader.double(),
    counts: readUstringToIntMap(reader),
    names: readIntToUstringVectorMap(reader),
    nested: readBufferVectorVector(reader),
    bits: readBooleanVector(reader),
    longs: readLongVector(reader),
    handle: reader.bigLong() as Handle,
    raw: reader.bigLong(),
    nothing: readNothing(reader),
    last: reader.remaining > 0 ? reader.string() : undefined,
  };
}

export function writeEverything(out: JuteWriter, record: Everything): void {
  out.byte(record.tiny);
  out.bool(record.yes);
  out.float(record.low);
  out.double(record.high);
  writeUstringToIntMap(out, record.counts);
  writeIntToUstringVectorMap(out, record.names);
  writeBufferVectorVector(out, record.nested);
  writeBooleanVector(out, record.bits);
  writeLongVector(out, record.longs);
  out.bigLong(record.handle);
  out.bigLong(record.raw);
  writeNothing(out, record.nothing);
  if (record.last !== undefined) out.string(record.last);
}

export function readUstringToIntMap(reader: JuteReader): Map<string | null, number> {
  const length = reader.vectorLength(8);
  const entries = new Map<string | null, number>();
  for (let i = 0; i < length; i++) {
    const key = reader.string();
    entries.set(key, reader.int());
  }
  return entries;
}

export function writeUstringToIntMap(
  out: JuteWriter,
  entries: ReadonlyMap<string | null, number>,
): void {
  out.int(entries.size);
  for (const [key, value] of entries) {
    out.string(key);
    out.int(value);
  }
}

export function readUstringVector(reader: JuteReader): (string | null)[] | null {
  const length = reader.vectorLength(4);
  if (length < 0) return null;
  const items: (string | null)[] = [];
  for (let i = 0; i < length; i++) items.push(reader.string());
  return items;
}

export function writeUstringVector(
  out: JuteWriter,
  items: readonly (string | null)[] | null,
): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) out.string(item);
}

export function readIntToUstringVectorMap(
  reader: JuteReader,
): Map<number, (string | null)[] | null> {
  const length = reader.vectorLength(8);
  const entries = new Map<number, (string | null)[] | null>();
  for (let i = 0; i < length; i++) {
    const key = reader.int();
    entries.set(key, readUstringVector(reader));
  }
  return entries;
}

export function writeIntToUstringVectorMap(
  out: JuteWriter,
  entries: ReadonlyMap<number, (string | null)[] | null>,
): void {
  out.int(entries.size);
  for (const [key, value] of entries) {
    out.int(key);
    writeUstringVector(out, value);
  }
}

export function readBufferVector(reader: JuteReader): (Buffer | null)[] | null {
  const length = reader.vectorLength(4);
  if (length < 0) return null;
  const items: (Buffer | null)[] = [];
  for (let i = 0; i < length; i++) items.push(reader.buffer());
  return items;
}

export function writeBufferVector(out: JuteWriter, items: readonly (Buffer | null)[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) out.buffer(item);
}

export function readBufferVectorVector(reader: JuteReader): ((Buffer | null)[] | null)[] | null {
  const length = reader.vectorLength(4);
  if (length < 0) return null;
  const items: ((Buffer | null)[] | null)[] = [];
  for (let i = 0; i < length; i++) items.push(readBufferVector(reader));
  return items;
}

export function writeBufferVectorVector(
  out: JuteWriter,
  items: readonly ((Buffer | null)[] | null)[] | null,
): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) writeBufferVector(out, item);
}

export function readBooleanVector(reader: JuteReader): boolean[] | null {
  const length = reader.vectorLength(1);
  if (length < 0) return null;
  const items: boolean[] = [];
  for (let i = 0; i < length; i++) items.push(reader.bool());
  return items;
}

export function writeBooleanVector(out: JuteWriter, items: readonly boolean[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) out.bool(item);
}

export function readLongVector(reader: JuteReader): number[] | null {
  const length = reader.vectorLength(8);
  if (length < 0) return null;
  const items: number[] = [];
  for (let i = 0; i < length; i++) items.push(reader.long());
  return items;
}

export function writeLongVector(out: JuteWriter, items: readonly number[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) out.long(item);
}
