// Access control lists, common and odd.

import type { JuteWriter } from "../../../src/jute/writer.js";

export type Acl =
  | readonly (readonly [perms: number, scheme: string | null, id: string | null])[]
  | null;

export function writeAcl(out: JuteWriter, acl: Acl): void {
  out.int(acl === null ? -1 : acl.length);
  for (const [perms, scheme, id] of acl ?? []) {
    out.int(perms);
    out.string(scheme);
    out.string(id);
  }
}

export const WORLD: Acl = [[31, "world", "anyone"]];
export const ODD_ACL: Acl = [
  [1, "digest", "u,x%}:p\n\r\0"],
  [-1, null, ""],
];
