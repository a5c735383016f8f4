// Ints in Buffers, and runs of bytes between them, for what is done for each transaction.
//
// The engine of Node 20 does not know a typed array's methods at the place that calls them: each call looks its method up,
// which is a quarter of copying 200 bytes, and more than half of reading an int.

const { set } = Uint8Array.prototype;

/** All of `source`, to `at` in `target`. */
export function copyBytes(source: Uint8Array, target: Uint8Array, at: number): void {
  set.call(target, source, at);
}

/** Up to here a loop costs less than a call into the engine, or than that and a view of a part. */
const WHOLE_LOOP_BYTES = 24;
const PART_LOOP_BYTES = 128;

/** `count` bytes of `source` from `from` on, to `at` in `target`. */
export function copyRange(
  source: Uint8Array,
  from: number,
  count: number,
  target: Uint8Array,
  at: number,
): void {
  if (count === source.length && count > WHOLE_LOOP_BYTES) set.call(target, source, at);
  else if (count > PART_LOOP_BYTES) set.call(target, source.subarray(from, from + count), at);
  else for (let i = 0; i < count; i++) target[at + i] = source[from + i]!;
}

/** Signed. The bytes must be there. */
export function getInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Signed or not: the low 32 bits. There must be room. */
export function putInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
