// Base64 as Java's Base64.getDecoder reads it: RFC 4648's alphabet, padding that may be left out but not be wrong. (Node reads
// anything.)

import { UncaughtError } from "./cli-error.js";

const EQUALS = 0x3d;

export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(Array.from(text, latin1));
  if (bytes.length === 1) {
    throw illegal("Input byte[] should at least have 2 bytes for base64 bytes");
  }
  let at = 0;
  for (; at < bytes.length && bytes[at] !== EQUALS; at++) {
    if (!isDigit(bytes[at]!)) {
      throw illegal(`Illegal base64 character ${bytes.readInt8(at).toString(16)}`);
    }
  }
  const digits = at;
  // Two digits want two marks, three want one, none and one want nothing.
  if (at < bytes.length) {
    const over = digits % 4;
    if (over === 0 || (over === 2 && bytes[at + 1] !== EQUALS)) {
      throw illegal("Input byte array has wrong 4-byte ending unit");
    }
    at += over === 2 ? 2 : 1;
  }
  if (digits % 4 === 1) throw illegal("Last unit does not have enough valid bits");
  if (at < bytes.length) throw illegal(`Input byte array has incorrect ending byte at ${at}`);
  return Buffer.from(text.slice(0, digits), "base64");
}

/** String.getBytes(ISO_8859_1). */
function latin1(char: string): number {
  const code = char.codePointAt(0)!;
  return code > 0xff ? 0x3f : code;
}

function isDigit(byte: number): boolean {
  return /[A-Za-z0-9+/]/.test(String.fromCharCode(byte));
}

function illegal(message: string): UncaughtError {
  return new UncaughtError("java.lang.IllegalArgumentException", message);
}
