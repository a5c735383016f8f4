// Paths as strings.

/** "" for what is in the root, as the root's first name. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
