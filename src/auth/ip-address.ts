// Internet addresses as Java reads and writes them. Java: IPAuthenticationProvider, Inet6Address.getHostAddress.

import { javaParseInt } from "../java-text.js";

const V4_BYTES = 4;
const V6_BYTES = 16;
const V6_SEGMENTS = 8;

/** 4 or 16 bytes, undefined for what is no address. Scopes (`fe80::1%eth0`) and embedded dots are none. */
export function parseAddress(address: string): Uint8Array | undefined {
  if (address.includes(":")) return parseV6(address);
  return address.includes(".") ? parseV4(address) : undefined;
}

function parseV4(address: string): Uint8Array | undefined {
  const parts = address.split(".");
  if (parts.length !== V4_BYTES) return undefined;
  const bytes = new Uint8Array(V4_BYTES);
  for (const [i, part] of parts.entries()) {
    const value = javaParseInt(part);
    if (value === undefined || value < 0 || value > 255) return undefined;
    bytes[i] = value;
  }
  return bytes;
}

function parseV6(address: string): Uint8Array | undefined {
  const halves = address.split("::");
  const [front = "", back = ""] = halves;
  if (halves.length > 2) return undefined;
  const before = halves.length === 2 && front === "" ? [] : front.split(":");
  const after = halves.length === 1 || back === "" ? [] : back.split(":");
  const segments = before.length + after.length;
  if (halves.length === 1 ? segments !== V6_SEGMENTS : segments >= V6_SEGMENTS) return undefined;
  const bytes = new Uint8Array(V6_BYTES);
  if (!putSegments(bytes, 0, before)) return undefined;
  return putSegments(bytes, V6_BYTES - after.length * 2, after) ? bytes : undefined;
}

function putSegments(bytes: Uint8Array, at: number, segments: readonly string[]): boolean {
  for (const segment of segments) {
    const value = segment.length > 4 ? undefined : javaParseInt(segment, 16);
    if (value === undefined) return false;
    bytes[at++] = value >> 8;
    bytes[at++] = value;
  }
  return true;
}

/** Whether the first `bits` bits are the same. */
export function samePrefix(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  const whole = bits >>> 3;
  for (let i = 0; i < whole; i++) if (one[i] !== other[i]) return false;
  const rest = bits & 7;
  return rest === 0 || ((one[whole]! ^ other[whole]!) & (0xff00 >> rest) & 0xff) === 0;
}

/** Java writes IPv6 addresses out: `::1` is `0:0:0:0:0:0:0:1`. Scopes stay. */
export function javaHostAddress(remoteAddress: string): string {
  if (!remoteAddress.includes(":")) return remoteAddress;
  const percent = remoteAddress.indexOf("%");
  const bare = percent < 0 ? remoteAddress : remoteAddress.slice(0, percent);
  const bytes = parseV6(bare);
  if (bytes === undefined) return remoteAddress;
  const segments: string[] = [];
  for (let i = 0; i < V6_BYTES; i += 2) {
    segments.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  }
  return segments.join(":") + (percent < 0 ? "" : remoteAddress.slice(percent));
}
