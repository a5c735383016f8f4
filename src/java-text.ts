// What Java's text functions do, where clients or the files of an operator can see it.

/** String.split: empty strings at the end are dropped, and a text without the separator is itself. */
export function javaSplit(text: string, separator: string): string[] {
  const parts = text.split(separator);
  if (parts.length === 1) return parts;
  while (parts.length > 0 && parts[parts.length - 1] === "") parts.pop();
  return parts;
}

const DECIMAL = /^[+-]?[0-9]+$/;
const HEXADECIMAL = /^[+-]?[0-9a-fA-F]+$/;

/** Integer.parseInt; undefined for what it would throw at. */
export function javaParseInt(text: string, radix: 10 | 16 = 10): number | undefined {
  if (!(radix === 10 ? DECIMAL : HEXADECIMAL).test(text)) return undefined;
  const value = Number.parseInt(text, radix);
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
}

/**
 * String.trim: everything up to a space is blank, and nothing above: other Unicode blanks stay. Not by a pattern: those look
 * at long blanks again and again.
 */
export function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}
