// The children of a znode, by their whole paths, because those strings are there anyway, as the tree's keys.
//
// Most znodes have none, many have one, and what has more has them in a list, in the order in which they came: adding to
// it costs next to nothing, and a snapshot of a million nodes is loaded by adding. Leaving a long list is what it is bad
// at, so the first child that leaves one makes it a set, and what grows too long for that to go unnoticed is a set anyway.
//
// A child is added once: DataTree knows which nodes there are.

/** Null: none; a path: the only one; paths. Must not be kept across changes. */
export type Children = null | string | string[] | Set<string>;

/** A list up to this long is searched as fast as a set would be. */
const SEARCHED_MAX = 16;
/** Making a set of so many takes a fraction of a millisecond. */
const LISTED_MAX = 4096;

export function countOf(children: Children): number {
  if (children === null) return 0;
  if (typeof children === "string") return 1;
  return Array.isArray(children) ? children.length : children.size;
}

export function pathsOf(children: Children): Iterable<string> {
  if (children === null) return [];
  return typeof children === "string" ? [children] : children;
}

export function withChild(children: Children, path: string): Children {
  if (children === null) return path;
  if (typeof children === "string") return [children, path];
  if (!Array.isArray(children)) return children.add(path);
  children.push(path);
  return children.length > LISTED_MAX ? new Set(children) : children;
}

export function withoutChild(children: Children, path: string): Children {
  if (children === null || typeof children === "string") return children === path ? null : children;
  if (!Array.isArray(children)) {
    children.delete(path);
    // A set costs more than the node: small trees of locks come and go all the time.
    return children.size === 0 ? null : children;
  }
  if (children.length > SEARCHED_MAX) return withoutChild(new Set(children), path);
  const at = children.indexOf(path);
  if (at >= 0) children.splice(at, 1);
  return children.length === 0 ? null : children;
}
