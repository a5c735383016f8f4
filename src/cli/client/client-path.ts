// Paths as the client checks them before it asks anybody, and the chroot that stands before them on the wire.
// Java: PathUtils.validatePath, ZooKeeper.prependChroot, ClientCnxn.stripChroot.

/** What is wrong with a path, in Java's words; undefined when nothing is. */
export function pathProblem(path: string): string | undefined {
  if (path.length === 0) return "Path length must be > 0";
  if (path[0] !== "/") return "Path must start with / character";
  if (path.length === 1) return undefined;
  if (path.endsWith("/")) return "Path must not end with / character";
  const reason = firstFault(path);
  return reason === undefined ? undefined : `Invalid path string "${path}" caused by ${reason}`;
}

const SLASH = 0x2f;
const DOT = 0x2e;

function firstFault(path: string): string | undefined {
  let nameStart = 1;
  for (let i = 1; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    if (unit === SLASH) {
      if (i === nameStart) return `empty node name specified @${i}`;
      nameStart = i + 1;
    } else if (unit === DOT) {
      // "." and "..", and nothing that only begins or ends with them.
      const isLast = i + 1 === path.length || path.charCodeAt(i + 1) === SLASH;
      const length = i + 1 - nameStart;
      if (isLast && (length === 1 || (length === 2 && path.charCodeAt(nameStart) === DOT))) {
        return `relative paths not allowed @${i}`;
      }
    } else if (unit === 0) {
      return `null character not allowed @${i}`;
    } else if (isForbidden(unit)) {
      return `invalid character @${i}`;
    }
  }
  return undefined;
}

function isForbidden(unit: number): boolean {
  return (
    unit <= 0x1f ||
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0xd800 && unit <= 0xf8ff) ||
    unit >= 0xfff0
  );
}

/** What the server calls `/a` of a client whose root is `/app`: `/app/a`. */
export class Chroot {
  /** Empty for none. */
  readonly #prefix: string;

  constructor(prefix: string | undefined) {
    this.#prefix = prefix ?? "";
  }

  toServer(path: string): string {
    if (this.#prefix === "") return path;
    return path.length === 1 ? this.#prefix : this.#prefix + path;
  }

  /** What lies outside (the configuration, for one) keeps its name. */
  toClient(path: string): string {
    const prefix = this.#prefix;
    if (prefix === "" || !path.startsWith(prefix)) return path;
    return path.length === prefix.length ? "/" : path.slice(prefix.length);
  }
}
