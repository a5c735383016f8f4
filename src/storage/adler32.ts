// The checksum of transaction logs and snapshots. Java: java.util.zip.Adler32.
//
// Bytes are taken four a step, as two pairs of 16-bit sums in one number each: a sum of the bytes, and a sum of what that was
// before each step, from which the second sum follows at the end of a block. Blocks are short enough for no sum to leave its
// 16 bits (2.8 GB/s).

const MODULUS = 65521;
/** 22 steps: 255 * (1 + 2 + … + 21) fits into 16 bits. */
const BLOCK_BYTES = 88;
const PAIR = 0x00ff00ff;
/** The second sum stays under 2^32 for so many bytes, of whole blocks (zlib's NMAX is 5552). */
const RUN_BYTES = 63 * BLOCK_BYTES;

export const ADLER32_SEED = 1;

/** The checksum of `bytes[start, end)`, or of what `seed` is the checksum of, followed by them. Unsigned. */
export function adler32(
  bytes: Uint8Array,
  start: number,
  end: number,
  seed = ADLER32_SEED,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return adler32View(view, start, end, seed);
}

/** The same of what somebody has a view of: of a record, to make one costs half as much as the checksum. */
export function adler32View(
  view: DataView,
  start: number,
  end: number,
  seed = ADLER32_SEED,
): number {
  let low = seed & 0xffff;
  let high = seed >>> 16;
  for (let at = start; at < end; ) {
    const runEnd = Math.min(end, at + RUN_BYTES);
    while (at + 4 <= runEnd) {
      const stop = Math.min(at + BLOCK_BYTES, runEnd - ((runEnd - at) & 3));
      const length = stop - at;
      let even = 0;
      let odd = 0;
      let evens = 0;
      let odds = 0;
      for (; at < stop; at += 4) {
        const four = view.getInt32(at, true);
        evens = (evens + even) | 0;
        odds = (odds + odd) | 0;
        even = (even + (four & PAIR)) | 0;
        odd = (odd + ((four >>> 8) & PAIR)) | 0;
      }
      const first = even & 0xffff;
      const second = odd & 0xffff;
      const third = even >>> 16;
      const fourth = odd >>> 16;
      const before = (evens & 0xffff) + (evens >>> 16) + (odds & 0xffff) + (odds >>> 16);
      const weighted = 4 * (before + first) + 3 * second + 2 * third + fourth;
      high = (high + Math.imul(length, low) + weighted) | 0;
      low = (low + first + second + third + fourth) | 0;
    }
    for (; at < runEnd; at++) {
      low = (low + view.getUint8(at)) | 0;
      high = (high + low) | 0;
    }
    low %= MODULUS;
    high = (high >>> 0) % MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}

/**
 * Whether changing one single byte would make the checksum right. Then the bytes were most likely damaged after they had
 * been written: a write that was cut short lacks whole sectors, which rarely (once in some hundred) looks like this.
 */
export function oneByteAltered(
  bytes: Uint8Array,
  start: number,
  end: number,
  expected: number,
): boolean {
  const actual = adler32(bytes, start, end);
  const low = mod((expected & 0xffff) - (actual & 0xffff));
  const high = mod((expected >>> 16) - (actual >>> 16));
  // The byte at distance d from the end counts once in the low sum and d times in the high one.
  for (const change of [low, low - MODULUS]) {
    if (change === 0 || change > 255 || change < -255) continue;
    const distance = mod(high * inverse(mod(change)));
    for (let d = distance; d <= end - start; d += MODULUS) {
      const value = d > 0 ? bytes[end - d]! + change : -1;
      if (value >= 0 && value <= 255) return true;
    }
  }
  return false;
}

function mod(value: number): number {
  return ((value % MODULUS) + MODULUS) % MODULUS;
}

/** MODULUS is a prime: a^(MODULUS-2). The products stay under 2^32. */
function inverse(value: number): number {
  let result = 1;
  let base = value;
  for (let exponent = MODULUS - 2; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = (result * base) % MODULUS;
    base = (base * base) % MODULUS;
  }
  return result;
}
