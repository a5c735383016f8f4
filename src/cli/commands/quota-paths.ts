// Where quotas are kept. Java: Quotas.

export const QUOTA_ROOT = "/zookeeper/quota";
export const LIMIT_NODE = "zookeeper_limits";

export function quotaPath(path: string): string {
  return QUOTA_ROOT + path;
}

export function limitPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${LIMIT_NODE}`;
}

export function statPath(path: string): string {
  return `${QUOTA_ROOT}${path}/zookeeper_stats`;
}

/** String.split: what follows the last slash is left out when it is nothing. */
export function pathParts(path: string): string[] {
  const parts = path.split("/");
  while (parts.length > 0 && parts.at(-1) === "") parts.pop();
  return parts;
}
