// A log record as a line of text. Java: TxnLogToolkit.printTxn, with the toString that the Jute compiler gives to records.
//
// The records of wire/records.ts refuse what no server writes; a toolkit is there to look at records that are damaged, and
// shows of them what Java would. So numbers are taken as they come here, and nothing is checked but where the bytes end.

import { decodeUtf8 } from "../../jute/utf8.js";
import { OpCode } from "../../wire/op-codes.js";
import { localShortDate } from "../shell/local-date.js";
import { type JavaAcl, JavaReader } from "./java-reader.js";
import { UncaughtEnd, uncaught } from "./toolkit-error.js";

export interface RawHeader {
  readonly clientId: bigint;
  readonly cxid: number;
  readonly zxid: bigint;
  readonly timeMs: bigint;
  readonly type: number;
}

const NAMES = new Map<number, string>(Object.entries(OpCode).map(([name, type]) => [type, name]));

/** 400 years: dates repeat. */
const CALENDAR_CYCLE_MS = 146_097n * 86_400_000n;
const DATE_MAX_MS = 8_640_000_000_000_000n;

/** With the line's end. `byteLimit`: longer strings are refused. */
export function txnLine(bytes: Buffer, bytesLimit: number): string {
  const { header, text } = readTxn(bytes, bytesLimit);
  const { clientId, cxid, zxid, type } = header;
  const ids = `session 0x${hexLong(clientId)} cxid 0x${hexLong(BigInt(cxid))} zxid 0x${hexLong(zxid)}`;
  const line = `${shortDate(header.timeMs)} ${ids} ${typeName(type)} ${text}`;
  return line.endsWith("\n") ? line : `${line}\n`;
}

export function readTxn(bytes: Buffer, bytesLimit: number): { header: RawHeader; text: string } {
  const reader = new JavaReader(bytes, bytesLimit);
  const header = {
    clientId: reader.long(),
    cxid: reader.int(),
    zxid: reader.long(),
    timeMs: reader.long(),
    type: reader.int(),
  };
  const start = reader.at;
  try {
    return { header, text: textOf(header.type, reader) };
  } catch (error) {
    if (!(error instanceof UncaughtEnd)) throw error;
    // A server before 3.4 wrote creates without the last field, one before 3.6 wrote nothing for a closed session.
    if (header.type === OpCode.closeSession) return { header, text: "" };
    if (header.type !== OpCode.create) throw error;
    reader.at = start;
    return { header, text: `${createText(reader)},-1` };
  }
}

/** Java: Long.toHexString. */
export function hexLong(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

function typeName(type: number): string {
  return NAMES.get(type) ?? `unknown ${type}`;
}

function shortDate(ms: bigint): string {
  const isInRange = ms <= DATE_MAX_MS && ms >= -DATE_MAX_MS;
  return localShortDate(Number(isInRange ? ms : ms % CALENDAR_CYCLE_MS));
}

function textOf(type: number, reader: JavaReader): string {
  switch (type) {
    case OpCode.createSession:
    case OpCode.error:
      return `${reader.int()}\n`;
    case OpCode.closeSession:
      return `v{${(reader.vector(() => escaped(reader.string())) ?? []).join(",")}}\n`;
    case OpCode.create:
    case OpCode.create2:
      return `${createText(reader)},${reader.int()}`;
    case OpCode.createContainer:
      return `${nodeText(reader)},${reader.int()}`;
    case OpCode.createTTL:
      return `${nodeText(reader)},${reader.int()},${reader.long()}`;
    case OpCode.delete:
    case OpCode.deleteContainer:
      return `${escaped(reader.string())}\n`;
    case OpCode.setData:
    case OpCode.reconfig:
      return `${reader.string()},${content(reader.buffer())},${reader.int()}`;
    case OpCode.setACL: {
      const path = escaped(reader.string());
      const acl = (reader.acl() ?? []).map((entry) => `s{${aclText(entry)}}`).join(",");
      return `${path},v{${acl}},${reader.int()}\n`;
    }
    case OpCode.multi:
      return multiText(reader);
    default:
      throw uncaught("java.io.IOException", `Unsupported Txn with type=${type}`);
  }
}

function multiText(reader: JavaReader): string {
  const parts = reader.vector(() => `${typeName(reader.int())}:${content(reader.buffer())}`);
  if (parts === null) throw uncaught("java.lang.NullPointerException");
  return parts.join(";");
}

function nodeText(reader: JavaReader): string {
  const path = reader.string();
  const data = content(reader.buffer());
  const acl = reader.acl();
  const entries = acl?.map((entry) => `${aclText(entry)}\n`).join(", ");
  return `${path},${data},${entries === undefined ? null : `[${entries}]`}`;
}

function createText(reader: JavaReader): string {
  return `${nodeText(reader)},${reader.bool()}`;
}

function aclText({ perms, scheme, id }: JavaAcl): string {
  return `${perms},s{${escaped(scheme)},${escaped(id)}}`;
}

function content(data: Buffer | null): string {
  return data === null ? "" : decodeUtf8(data, 0, data.length);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "%00",
  "\n": "%0A",
  "\r": "%0D",
  ",": "%2C",
  "}": "%7D",
  "%": "%25",
};

const ESCAPED = new RegExp(`[${Object.keys(ESCAPES).join("")}]`, "g");

/** Java: ToStringOutputArchive.escapeString. */
function escaped(text: string | null): string {
  if (text === null) return "";
  return `'${text.replace(ESCAPED, (character) => ESCAPES[character]!)}`;
}
