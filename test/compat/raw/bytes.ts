// Jute by hand: builds the bytes of ZooKeeper's protocol, right ones and wrong ones, without any code of src/.
//
// What checks the server's codec must not be the server's codec; and a wrong length or a missing field has to be as easy
// to say as a right one.

export const byte = (value: number) => Buffer.from([value & 0xff]);
export const bool = (value: boolean) => byte(value ? 1 : 0);

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

export function long(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)));
  return bytes;
}

/** A buffer or ustring: its length and its bytes; null is length -1. */
export function buffer(value: Uint8Array | string | null): Buffer {
  if (value === null) return int(-1);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([int(bytes.length), bytes]);
}

export function vector(items: readonly Buffer[] | null): Buffer {
  return items === null ? int(-1) : Buffer.concat([int(items.length), ...items]);
}

export const strings = (items: readonly (string | null)[] | null) =>
  vector(items === null ? null : items.map(buffer));

/** A frame: what is inside, and its length before it. */
export const frame = (...parts: Buffer[]) => buffer(Buffer.concat(parts));

export const join = (...parts: Buffer[]) => Buffer.concat(parts);
