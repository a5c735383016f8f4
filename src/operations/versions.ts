// Versions: Java ints that only count up, and wrap. Java: PrepRequestProcessor.checkAndIncVersion.

/** What a client says when any version will do. */
export const ANY_VERSION = -1;

export function isExpectedVersion(current: number, expected: number): boolean {
  return expected === ANY_VERSION || expected === current;
}

export function nextVersion(current: number): number {
  return (current + 1) | 0;
}
