// Strings as Java's jute archives put them on the wire, which is not quite UTF-8.
//
//  - Writing (Java: BinaryOutputArchive.writeString) encodes each UTF-16 unit on its own: a character outside the basic
//    plane leaves as two three-byte surrogates (six bytes, as CESU-8), and a lone surrogate leaves as it is.
//  - Reading (Java: new String(bytes, UTF_8)) takes real UTF-8 with its four-byte characters, and replaces what is
//    malformed by U+FFFD, by the same rules as the decoder of the JavaScript engine but for one: an encoded surrogate
//    (ED A0..BF xx) is one U+FFFD in Java and three here.
//
// So a string with an emoji does not survive a round trip through Java. ZooKeeper refuses such characters in paths; where
// they are let in (identities, authentication data) every Java server sees what these functions give, and so must we.

const SURROGATE = /[\ud800-\udfff]/;

/** Longer strings are left to the engine: a call into it costs as much as this many steps of ours. */
const NATIVE_ENCODE_UNITS = 28;
const NATIVE_DECODE_BYTES = 12;

/** Encodes `text` at `position`, where there must be room for three bytes a unit. Returns the position after it. */
export function encodeUtf8(target: Buffer, position: number, text: string): number {
  const units = text.length;
  if (units > NATIVE_ENCODE_UNITS && !SURROGATE.test(text)) {
    return position + target.write(text, position, "utf8");
  }
  let at = position;
  for (let i = 0; i < units; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      target[at++] = unit;
    } else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6);
      target[at++] = 0x80 | (unit & 0x3f);
    } else {
      target[at++] = 0xe0 | (unit >> 12);
      target[at++] = 0x80 | ((unit >> 6) & 0x3f);
      target[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at;
}

/** How many bytes `encodeUtf8` makes of it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x800) bytes += 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}

export function decodeUtf8(source: Buffer, start: number, end: number): string {
  if (end - start <= NATIVE_DECODE_BYTES) {
    const short = decodeShortAscii(source, start, end);
    if (short !== undefined) return short;
  }
  const text = source.toString("utf8", start, end);
  return text.includes("\ufffd") ? decodeMalformed(source.subarray(start, end), text) : text;
}

/** What `encodeUtf8` was given: surrogates, whole or alone, come back as they were. */
export function decodeUnits(source: Buffer, start: number, end: number): string {
  const text = decodeUtf8(source, start, end);
  if (!text.includes("\ufffd")) return text;
  let units = "";
  for (let i = start; i < end; ) {
    const first = source[i++]!;
    let unit = first;
    if (first >= 0xe0) {
      unit = ((first & 0x0f) << 12) | ((source[i]! & 0x3f) << 6) | (source[i + 1]! & 0x3f);
      i += 2;
    } else if (first >= 0x80) unit = ((first & 0x1f) << 6) | (source[i++]! & 0x3f);
    units += String.fromCharCode(unit);
  }
  return units;
}

/** Most short strings are schemes and names of clients: four bytes at a step, undefined when one of them is not ASCII. */
function decodeShortAscii(source: Buffer, start: number, end: number): string | undefined {
  let text = "";
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const a = source[at]!;
    const b = source[at + 1]!;
    const c = source[at + 2]!;
    const d = source[at + 3]!;
    if ((a | b | c | d) >= 0x80) return undefined;
    text += String.fromCharCode(a, b, c, d);
  }
  for (; at < end; at++) {
    const unit = source[at]!;
    if (unit >= 0x80) return undefined;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** `text` has replacement characters in it: fewer of them where the bytes have encoded surrogates. */
function decodeMalformed(bytes: Buffer, text: string): string {
  if (!hasEncodedSurrogate(bytes)) return text;
  const mended = Buffer.alloc(bytes.length * 3);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (isEncodedSurrogate(bytes, i)) {
      // ED is never a continuation byte, so a sequence starts here whatever came before.
      length += mended.write("\ufffd", length, "utf8");
      i += 1;
      if ((bytes[i + 1]! & 0xc0) === 0x80) i += 1;
    } else {
      mended[length++] = bytes[i]!;
    }
  }
  return mended.toString("utf8", 0, length);
}

function hasEncodedSurrogate(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length - 1; i++) if (isEncodedSurrogate(bytes, i)) return true;
  return false;
}

function isEncodedSurrogate(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 0xed && at + 1 < bytes.length && bytes[at + 1]! >= 0xa0 && bytes[at + 1]! <= 0xbf
  );
}
