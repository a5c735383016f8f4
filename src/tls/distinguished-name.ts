// Names of certificates (X.500) as Java prints them, which is what ACLs of the scheme x509 say. Java:
// X500Principal.getName() (RFC 2253), sun.security.x509.X500Name and AVA.
//
// A certificate's name is a list of sets of type=value. RFC 2253 prints it from the last to the first, with nine types by
// name and the others by number with the value's bytes in hex. test/golden/tls holds what Java says of some hundred names.

import { childrenOf, type DerValue, oidOf, partsOf, Tag } from "./der.js";

/** The types that RFC 2253 has names for. */
const NAMES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.9": "STREET",
  "0.9.2342.19200300.100.1.25": "DC",
  "0.9.2342.19200300.100.1.1": "UID",
};

const STRINGS: ReadonlySet<number> = new Set([
  Tag.printableString,
  Tag.t61String,
  Tag.ia5String,
  Tag.generalString,
  Tag.bmpString,
  Tag.utf8String,
]);

/** As X500Principal.getName() prints it. */
export function rfc2253Name(name: DerValue): string {
  const sets = partsOf(name).map((set) =>
    partsOf(set, Tag.set)
      .map((pair) => typeAndValue(partsOf(pair)))
      .join("+"),
  );
  return sets.reverse().join(",");
}

function typeAndValue([type, value]: DerValue[]): string {
  const oid = oidOf(type);
  const keyword = NAMES[oid];
  if (value === undefined) return `${keyword ?? oid}=`;
  if (keyword === undefined || !STRINGS.has(value.tag)) {
    return `${keyword ?? oid}=#${value.whole.toString("hex")}`;
  }
  // Whatever the string's own alphabet: Java takes the bytes for UTF-8.
  return `${keyword}=${escaped(value.content.toString("utf8"))}`;
}

function escaped(text: string): string {
  const plain = text.replace(/[,=+<>#;"\\]/g, "\\$&").replaceAll("\0", "\\00");
  const lead = /^[ \r]*/.exec(plain)?.[0].length ?? 0;
  const trail =
    lead === plain.length ? lead : plain.length - (/[ \r]*$/.exec(plain)?.[0].length ?? 0);
  const blanks = (part: string): string => part.replace(/[\s\S]/g, "\\$&");
  return blanks(plain.slice(0, lead)) + plain.slice(lead, trail) + blanks(plain.slice(trail));
}

/** The last CN that a name has. */
export function commonNameOf(name: DerValue): string | undefined {
  let found: string | undefined;
  for (const set of partsOf(name)) {
    for (const pair of childrenOf(set)) {
      const [type, value] = partsOf(pair);
      if (oidOf(type) === "2.5.4.3" && value !== undefined && STRINGS.has(value.tag)) {
        found = value.content.toString("utf8");
      }
    }
  }
  return found;
}

// ------------------------------------------------------------------------------------------------------- names in ACLs

/** What X500Principal(String) knows by name. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME INITIALS GENERATION EMAIL EMAILADDRESS UID " +
    "SERIALNUMBER"
  ).split(" "),
);

/** Whether X500Principal(text) takes it, which is what Java asks of an ACL's id. */
export function isDistinguishedName(text: string): boolean {
  if (text === "") return true;
  return splitOutside(text, ",;").every((set) => splitOutside(set, "+").every(isTypeAndValue));
}

/** Between unquoted and unescaped separators. */
function splitOutside(text: string, separators: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === "\\") at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && separators.includes(char)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function isTypeAndValue(text: string): boolean {
  const equals = text.indexOf("=");
  if (equals < 0) return false;
  return isType(text.slice(0, equals)) && isValue(text.slice(equals + 1).replace(/^[ \n]+/, ""));
}

function isType(text: string): boolean {
  const name = text.trim().toUpperCase();
  if (KEYWORDS.has(name)) return true;
  const oid = name.startsWith("OID.") ? name.slice(4) : name;
  if (!/^\d+(\.\d+)+$/.test(oid)) return false;
  const [first, second] = oid.split(".").map(Number) as [number, number];
  return first < 2 ? second < 40 : first === 2;
}

function isValue(text: string): boolean {
  if (text.startsWith("#")) {
    const digits = text.slice(1).trimEnd();
    return digits.length > 0 && digits.length % 2 === 0 && /^[0-9A-Fa-f]+$/.test(digits);
  }
  if (text.startsWith('"')) return /^"(?:[^"\\]|\\[\s\S])*"[ \n]*$/.test(text) && escapesHold(text);
  return !/[,+<>;"]/.test(text.replace(/\\[\s\S]/g, "").trimEnd()) && escapesHold(text);
}

/** After a backslash stands a character that has a meaning, or two hexadecimal digits. */
function escapesHold(text: string): boolean {
  return [...text.matchAll(/\\(?:([0-9A-Fa-f]{2})|([\s\S])|$)/g)].every(
    ([, digits, char]) =>
      digits !== undefined || (char !== undefined && ',=\n+<>#;\\" '.includes(char)),
  );
}
