// The texts that a reconfig leaves behind: the dynamic file, and zoo.cfg pointing to it. Java: writeDynamicConfig and
// editStaticConfig of QuorumPeerConfig.
//
// Java writes zoo.cfg anew from what it has read: comments are lost, the order is that of a hash table, and backslashes are
// lost as well. Here the lines that must go are taken out, and everything else stays as it was written.

import { formatMembership, isMembershipKey, type Membership } from "./membership.js";
import { keySpans } from "./properties.js";

/** Java sorts the lines as texts, and writes no end of the last one. The version is the file's name's, or a line of its own. */
export function dynamicFileText(membership: Membership, withVersion: boolean): string {
  const lines = formatMembership(membership).split("\n");
  return lines
    .filter((line) => withVersion || !line.startsWith("version="))
    .sort()
    .join("\n");
}

/** `erasesClientPort`: the dynamic file says where we serve clients. */
export function pointToDynamicFile(
  text: string,
  dynamicFile: string,
  erasesClientPort: boolean,
): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const gone = new Set<number>();
  const lines = text.split(/\r\n|\r|\n/);
  for (const { key, first, last } of keySpans(text)) {
    if (!isDropped(key, erasesClientPort)) continue;
    for (let line = first; line <= Math.min(last, lines.length); line++) gone.add(line);
  }
  const kept = lines.filter((_line, index) => !gone.has(index + 1));
  while (kept.at(-1) === "") kept.pop();
  kept.push(`dynamicConfigFile=${escaped(dynamicFile)}`);
  return kept.map((line) => line + end).join("");
}

function isDropped(key: string, erasesClientPort: boolean): boolean {
  if (isMembershipKey(key) || key.startsWith("dynamicConfigFile")) return true;
  if (key.startsWith("peerType")) return true;
  return erasesClientPort && (key === "clientPort" || key === "clientPortAddress");
}

/** What Properties.load reads back as it was. */
function escaped(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
