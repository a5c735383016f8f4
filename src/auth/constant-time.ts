// Comparing secrets: how long it takes must not tell how much of them was right.

export function equalInConstantTime(one: string, other: string): boolean {
  // That the lengths differ may be seen: they are those of a digest.
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
