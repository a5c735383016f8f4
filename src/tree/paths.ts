// Paths as strings.

export const ZOOKEEPER_PATH = "/zookeeper";
export const QUOTA_PATH = "/zookeeper/quota";
export const CONFIG_PATH = "/zookeeper/config";

/** "" for what is in the root, as the root's first name. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
