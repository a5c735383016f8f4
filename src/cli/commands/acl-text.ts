// ACLs as people write and read them: scheme:id:perms, separated by commas. Java: AclParser, ZKUtil.getPermString.

import type { ACL } from "../../wire/records.js";
import { Perms } from "../client/create-mode.js";

const LETTERS: readonly (readonly [string, number])[] = [
  ["c", Perms.create],
  ["d", Perms.delete],
  ["r", Perms.read],
  ["w", Perms.write],
  ["a", Perms.admin],
];

/** What cannot be read is complained of and left out. */
export function parseAcl(text: string, complain: (line: string) => void): ACL[] {
  const acl: ACL[] = [];
  for (const entry of javaSplit(text)) {
    const first = entry.indexOf(":");
    const last = entry.lastIndexOf(":");
    if (first === last) {
      complain(`${entry} does not have the form scheme:id:perm`);
      continue;
    }
    const id = { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) };
    acl.push({ perms: parsePerms(entry.slice(last + 1), complain), id });
  }
  return acl;
}

function parsePerms(text: string, complain: (line: string) => void): number {
  let perms = 0;
  for (const letter of text) {
    const known = LETTERS.find(([name]) => name === letter);
    if (known === undefined) complain(`Unknown perm type: ${letter}`);
    else perms |= known[1];
  }
  return perms;
}

export function permsText(perms: number): string {
  return LETTERS.map(([letter, bit]) => ((perms & bit) === 0 ? "" : letter)).join("");
}

/** String.split: nothing after the last comma is nothing. */
function javaSplit(text: string): string[] {
  const parts = text.split(",");
  while (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts;
}
