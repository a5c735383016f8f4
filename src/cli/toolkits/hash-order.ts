// The order in which Java's HashSet and HashMap list what was put into them and never taken out: by bucket, and by age
// within a bucket. (src/auth/java-hash-order.ts has other tables, which have lived longer.)
//
// Nine in one bucket make a small table grow early, which is seen here; in a large one they make it a tree, whose order is
// not followed: one set in millions is listed a little differently.

const BUCKET_MAX = 8;
const TREE_TABLE_MIN = 64;
/** Above this many, a table is larger than one that grows for its buckets' sake. */
const SMALL_SET = 48;

/** The positions of the hashes (Java's hashCode), in the order in which they are listed. */
export function inHashOrder(hashes: readonly number[], initialCapacity: number): number[] {
  const count = hashes.length;
  if (count < 2) return count === 0 ? [] : [0];
  const mask = capacity(hashes, initialCapacity) - 1;
  // One number a position, bucket first: typed arrays sort numbers quickly.
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = bucket(hashes[i]!, mask) * count + i;
  keys.sort();
  return Array.from(keys, (key) => key % count);
}

function capacity(hashes: readonly number[], initialCapacity: number): number {
  let size = initialCapacity;
  const isSmall = hashes.length <= SMALL_SET;
  for (let i = 0; i < hashes.length; i++) {
    if (isSmall && size < TREE_TABLE_MIN && isCrowded(hashes, i, size - 1)) size *= 2;
    if (i + 1 > size * 0.75) size *= 2;
  }
  return size;
}

/** Whether the bucket that position `i` comes to is full. */
function isCrowded(hashes: readonly number[], i: number, mask: number): boolean {
  const own = bucket(hashes[i]!, mask);
  let others = 0;
  for (let j = 0; j < i; j++) if (bucket(hashes[j]!, mask) === own) others++;
  return others >= BUCKET_MAX;
}

function bucket(hash: number, mask: number): number {
  return (hash ^ (hash >>> 16)) & mask;
}
