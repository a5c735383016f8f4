// Numbers as Java's parsers take them.

import { UncaughtError } from "./cli-error.js";

/** Undefined for what is no number of that size. */
export function javaLong(text: string, radix: 10 | 16 = 10): bigint | undefined {
  const match = radix === 10 ? /^([+-]?)(\d+)$/.exec(text) : /^([+-]?)([\da-fA-F]+)$/.exec(text);
  if (match === null) return undefined;
  const digits = BigInt(radix === 10 ? match[2]! : `0x${match[2]}`);
  const value = match[1] === "-" ? -digits : digits;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function javaInt(text: string): number | undefined {
  const value = javaLong(text);
  return value === undefined || BigInt.asIntN(32, value) !== value ? undefined : Number(value);
}

/** For the places where Java does not catch its NumberFormatException. */
export function javaIntOrDie(text: string): number {
  const value = javaInt(text);
  if (value !== undefined) return value;
  throw new UncaughtError("java.lang.NumberFormatException", `For input string: "${text}"`);
}

/** Java: Integer.decode, which takes 0x10, #10 and 010 too. */
export function javaDecodeOrDie(text: string): number {
  const match = /^([+-]?)(0[xX]|#|0(?=.))?([\da-fA-F]+)$/.exec(text);
  const radix = match?.[2] === undefined ? 10 : match[2] === "0" ? 8 : 16;
  const value = match === null ? Number.NaN : Number.parseInt(match[3]!, radix);
  const isWhole = match !== null && value.toString(radix) === stripZeros(match[3]!.toLowerCase());
  const signed = match?.[1] === "-" ? -value : value;
  if (isWhole && signed >= -(2 ** 31) && signed < 2 ** 31) return signed;
  throw new UncaughtError("java.lang.NumberFormatException", `For input string: "${text}"`);
}

function stripZeros(digits: string): string {
  return digits.replace(/^0+(?=.)/, "");
}
