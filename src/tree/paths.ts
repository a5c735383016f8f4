// Paths as the tree keeps them.

/** "" for what is in the root, as the root's first name. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

let flatScratch = Buffer.allocUnsafeSlow(1024);

/** Strings cut from or joined of others keep those alive; a tree full of them would keep every request it ever saw. */
export function flat(path: string): string {
  if (path.length > flatScratch.length) flatScratch = Buffer.allocUnsafeSlow(path.length * 2);
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    if (unit > 0xff) return Buffer.from(path, "utf16le").toString("utf16le");
    flatScratch[i] = unit;
  }
  return flatScratch.toString("latin1", 0, path.length);
}
