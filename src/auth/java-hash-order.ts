// The order in which Java's hash sets would list strings and identities.
//
// A session's ephemerals are a HashSet in Java, and a closeSession txn lists them as that set iterates: by bucket, that is
// by hash and table size, and by age within a bucket. A connection's identities are a ConcurrentHashMap's keys: in that
// order whoAmI tells them, and an `auth` in an ACL becomes them. Little depends on these orders: watch events of a closing
// session, ACLs of clients with several identities, two logs laid side by side. It costs little to give the same, and
// an order that follows from the names alone is the same on every member. (Very full buckets, which Java turns into
// trees, are listed by age here.)

import type { Id } from "../wire/records.js";

/**
 * `names` are distinct and come oldest first. Java lists a copy: the set has grown from 16 buckets by doubling, the copy is
 * made to measure (HashSet.clone, JDK 8 to 18) and keeps the set's order where names share a bucket. With `isWanted` only some
 * of them are listed, in the order of all.
 */
export function inHashSetOrder(
  names: Iterable<string>,
  isWanted?: (name: string) => boolean,
): string[] {
  const all = [...names];
  const listed = isWanted === undefined ? all : all.filter(isWanted);
  const grown = Math.max(16, tableSize(Math.ceil(all.length / 0.75)));
  const measured = tableSize(Math.floor(all.length / 0.75) + 1);
  return inBucketOrder(inBucketOrder(listed, hashOf, grown), hashOf, measured);
}

/** `identities` are distinct and come oldest first. A ConcurrentHashMap doubles its 16 buckets as soon as 12 are full. */
export function inIdentityOrder(identities: readonly Id[]): Id[] {
  const size = Math.max(16, tableSize(Math.floor(identities.length / 0.75) + 1));
  return inBucketOrder(identities, hashOfId, size);
}

function inBucketOrder<Item>(
  items: readonly Item[],
  hash: (item: Item) => number,
  size: number,
): Item[] {
  const entries = items.map((item) => {
    const h = hash(item);
    return { item, bucket: (h ^ (h >>> 16)) & (size - 1) };
  });
  // The sort is stable: within a bucket the oldest stays first.
  entries.sort((a, b) => a.bucket - b.bucket);
  return entries.map((entry) => entry.item);
}

function tableSize(wanted: number): number {
  let size = 1;
  while (size < wanted) size *= 2;
  return size;
}

/** Java: String.hashCode. */
export function hashOf(text: string | null): number {
  let hash = 0;
  if (text === null) return hash;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Java: what the Jute compiler makes as Id.hashCode. */
function hashOfId({ scheme, id }: Id): number {
  return (Math.imul(37, (37 * 17 + hashOf(scheme)) | 0) + hashOf(id)) | 0;
}
