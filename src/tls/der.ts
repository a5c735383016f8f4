// ASN.1 as it comes in certificates and key stores: DER, and what of BER PKCS12 files are made of (lengths that are not told,
// strings in pieces). Java: sun.security.util.DerValue.
//
// value = tag length content; the tag's bit 0x20 says that the content is values again. Lengths are checked before they are
// believed, depth is limited, and whatever does not add up is a StoreError: the bytes may come from anybody.

import { StoreError } from "./store-error.js";

export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  generalString: 0x1b,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

const CONSTRUCTED = 0x20;
/** Key stores nest about ten deep. */
const DEPTH_MAX = 32;

export interface DerValue {
  readonly tag: number;
  /** Tag and length included. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** The one value that these bytes are. */
export function readDer(bytes: Buffer): DerValue {
  const { value, end } = readAt(bytes, 0, 0);
  if (end !== bytes.length) throw new StoreError(`${bytes.length - end} bytes too many`);
  return value;
}

/** The values inside; of a value that has none an error. */
export function childrenOf(value: DerValue): DerValue[] {
  if ((value.tag & CONSTRUCTED) === 0) throw new StoreError(`Value ${hex(value.tag)} has no parts`);
  const children: DerValue[] = [];
  for (let at = 0; at < value.content.length; ) {
    const { value: child, end } = readAt(value.content, at, 0);
    children.push(child);
    at = end;
  }
  return children;
}

/** The parts of a SEQUENCE (or of what `tag` says). */
export function partsOf(value: DerValue | undefined, tag: number = Tag.sequence): DerValue[] {
  return childrenOf(expect(value, tag));
}

export function expect(value: DerValue | undefined, tag: number): DerValue {
  if (value === undefined) throw new StoreError(`Value ${hex(tag)} is missing`);
  if (value.tag !== tag) throw new StoreError(`Value is ${hex(value.tag)} instead of ${hex(tag)}`);
  return value;
}

/** An OCTET STRING, put together where it comes in pieces. `tag`: where it is tagged otherwise. */
export function octetsOf(value: DerValue | undefined, tag: number = Tag.octetString): Buffer {
  if (value !== undefined && value.tag === (tag | CONSTRUCTED)) {
    return Buffer.concat(childrenOf(value).map((piece) => octetsOf(piece)));
  }
  return expect(value, tag).content;
}

export function oidOf(value: DerValue | undefined): string {
  const { content } = expect(value, Tag.oid);
  if (content.length === 0 || content.length > 64) throw new StoreError("Object id has no length");
  const numbers: bigint[] = [];
  let number = 0n;
  for (const byte of content) {
    number = (number << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (numbers.length === 0) {
      const first = number < 40n ? 0n : number < 80n ? 1n : 2n;
      numbers.push(first, number - 40n * first);
    } else numbers.push(number);
    number = 0n;
  }
  if (((content[content.length - 1] as number) & 0x80) !== 0)
    throw new StoreError("Object id ends");
  return numbers.join(".");
}

/** An INTEGER that counts something here: at most `max`. */
export function smallIntegerOf(value: DerValue | undefined, max: number): number {
  const { content } = expect(value, Tag.integer);
  if (content.length === 0 || content.length > 5) throw new StoreError("Number is out of range");
  const number = content.readIntBE(0, content.length);
  if (number < 0 || number > max) throw new StoreError(`Number must be 0 to ${max}: got ${number}`);
  return number;
}

/** An INTEGER that is a name: in hexadecimal, without zeros before it. */
export function serialOf(value: DerValue | undefined): string {
  return expect(value, Tag.integer)
    .content.toString("hex")
    .replace(/^(00)+(?=..)/, "");
}

/** The content of a BIT STRING of whole bytes. */
export function bitsOf(value: DerValue | undefined): Buffer {
  const { content } = expect(value, Tag.bitString);
  if (content.length === 0 || content[0] !== 0) throw new StoreError("Bits are not whole bytes");
  return content.subarray(1);
}

function readAt(bytes: Buffer, at: number, depth: number): { value: DerValue; end: number } {
  if (depth > DEPTH_MAX) throw new StoreError(`Values are nested more than ${DEPTH_MAX} deep`);
  if (at + 2 > bytes.length) throw new StoreError("Bytes end before a value does");
  const tag = bytes[at] as number;
  if ((tag & 0x1f) === 0x1f) throw new StoreError("Tag is longer than one byte");
  const first = bytes[at + 1] as number;
  let start = at + 2;
  if (first === 0x80) return readOpenEnded(bytes, at, tag, depth);
  let length = first;
  if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 4 || start + count > bytes.length) throw new StoreError("Length is out of range");
    length = bytes.readUIntBE(start, count);
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) {
    throw new StoreError(`Value needs ${length} bytes and there are ${bytes.length - start}`);
  }
  return {
    value: { tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, end) },
    end,
  };
}

/** BER: values until one that is two zero bytes. */
function readOpenEnded(
  bytes: Buffer,
  at: number,
  tag: number,
  depth: number,
): { value: DerValue; end: number } {
  if ((tag & CONSTRUCTED) === 0) throw new StoreError("Length of plain bytes is not told");
  const start = at + 2;
  let inner = start;
  for (;;) {
    if (inner + 2 > bytes.length) throw new StoreError("Bytes end before a value does");
    if (bytes[inner] === 0 && bytes[inner + 1] === 0) break;
    inner = readAt(bytes, inner, depth + 1).end;
  }
  const end = inner + 2;
  return {
    value: { tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, inner) },
    end,
  };
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, "0")}`;
}
