// Which realm is ours, when a principal does not say: as Java finds it without asking DNS.
//
//   -Djava.security.krb5.realm, or [libdefaults] default_realm in -Djava.security.krb5.conf or /etc/krb5.conf

import type { Disk } from "../../platform/platform.js";

const DEFAULT_FILE = "/etc/krb5.conf";

export function defaultRealm(
  disk: Pick<Disk, "readFile" | "stat">,
  properties: ReadonlyMap<string, string>,
): string | undefined {
  const realm = properties.get("java.security.krb5.realm");
  if (realm !== undefined && realm !== "") return realm;
  const file = properties.get("java.security.krb5.conf") ?? DEFAULT_FILE;
  if (disk.stat(file)?.kind !== "file") return undefined;
  return realmOf(disk.readFile(file).toString("utf8"));
}

function realmOf(text: string): string | undefined {
  let section = "";
  for (const line of text.split(/\r\n|\r|\n/)) {
    const heading = /^\s*\[([^\]]+)\]/.exec(line);
    if (heading !== null) section = heading[1]!.trim().toLowerCase();
    const entry = /^\s*default_realm\s*=\s*(\S+)/.exec(line);
    if (entry !== null && section === "libdefaults") return entry[1];
  }
  return undefined;
}
