// What may be a path of a znode. Java: PathUtils.validatePath, PrepRequestProcessor's own shorter checks.
//
// Not every request is held to the same rules, and clients can see which: a create looks first only for a slash and for
// NULs, and applies the whole rule after the parent was found; a delete never does; reads take any string, which then is
// simply not found. Each verb says which check it makes, in its order.

const SLASH = 0x2f;
const DOT = 0x2e;

/** The whole rule: absolute, no empty, `.` or `..` element, no control characters, surrogates or private use. */
export function isValidPath(path: string | null): path is string {
  if (path === null || path.length === 0 || path.charCodeAt(0) !== SLASH) return false;
  const length = path.length;
  if (length === 1) return true;
  let elementStart = 1;
  for (let i = 1; i < length; i++) {
    const c = path.charCodeAt(i);
    if (c === SLASH) {
      if (isReservedElement(path, elementStart, i)) return false;
      elementStart = i + 1;
    } else if (c < 0x20 || (c >= 0x7f && !isAllowedAboveAscii(c))) {
      return false;
    }
  }
  return !isReservedElement(path, elementStart, length);
}

function isAllowedAboveAscii(c: number): boolean {
  return c > 0x9f && !(c >= 0xd800 && c <= 0xf8ff) && c < 0xfff0;
}

/** Nothing, `.` and `..` are no names. */
function isReservedElement(path: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0) return true;
  if (length > 2 || path.charCodeAt(start) !== DOT) return false;
  return length === 1 || path.charCodeAt(start + 1) === DOT;
}

/** Enough of a path to have a parent: the first check of create and delete. The root counts as the child of "". */
export function hasParent(path: string): boolean {
  return path.lastIndexOf("/") !== -1 && !path.includes("\0");
}

/** The parent as Java names it: "" for what is directly below the root. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The znodes that are ZooKeeper's own and cannot be deleted. Java: DataTree.isSpecialPath. */
export function isSpecialPath(path: string): boolean {
  return (
    path === "/" ||
    path === "/zookeeper" ||
    path === "/zookeeper/quota" ||
    path === "/zookeeper/config"
  );
}

/** The number that makes a sequential name: Java's `%010d`, whose width includes the sign. */
export function sequenceSuffix(cversion: number): string {
  if (cversion >= 0) return cversion.toString().padStart(10, "0");
  return `-${(-cversion).toString().padStart(9, "0")}`;
}
