// One znode as the page's browser of the tree shows it: what getData, getChildren and getACL would tell the same identity.
// A list of children is told a page at a time.

import { maskDigests, Perms } from "../../auth/access.js";
import { PAGE_CHILDREN_SKIPPED_MAX, PAGE_DATA_MAX_BYTES, PAGE_ROWS } from "../../limits.js";
import { NodeKind } from "../../tree/ephemeral-type.js";
import type { Znode } from "../../tree/znode.js";
import { hex0x } from "../../wire/ids.js";
import type { ACL, Id } from "../../wire/records.js";
import type { AdminContext } from "../admin-context.js";
import { mayDo } from "../authorization.js";
import { offsetOf, type View } from "./view.js";

const KINDS: Readonly<Record<NodeKind, string>> = {
  [NodeKind.persistent]: "persistent",
  [NodeKind.ephemeral]: "ephemeral",
  [NodeKind.container]: "container",
  [NodeKind.ttl]: "TTL",
  [NodeKind.unknown]: "unknown",
};

export function nodeView(
  context: AdminContext,
  query: ReadonlyMap<string, string>,
  identities: readonly Id[],
): View {
  const path = query.get("path") ?? "/";
  const refuse = (status: number, error: string) => ({ status, content: { path, error } });
  // Between two roles the tree is nobody's to show.
  if (!context.door.port.serving) return refuse(503, "This server is not serving requests now");
  const tree = context.tree();
  const node = path.startsWith("/") ? tree.get(path) : undefined;
  if (node === undefined) return refuse(404, "Node does not exist");
  const acl = tree.aclOf(node);
  const may = (permissions: number) => mayDo(context, acl, permissions, identities);
  const shownAcl = may(Perms.admin) ? acl : maskDigests(acl);
  if (!may(Perms.read)) {
    const entries = may(Perms.admin) ? { acl: aclEntries(shownAcl) } : {};
    return { status: 403, content: { path, error: "Insufficient permission", ...entries } };
  }
  const { dataLength } = node;
  return {
    content: {
      path,
      kind: KINDS[node.kind],
      stat: statEntries(node),
      acl: aclEntries(shownAcl),
      data: dataOf(node),
      dataIsWhole: dataLength <= PAGE_DATA_MAX_BYTES,
      ...children(context, node, offsetOf(query), identities),
    },
  };
}

function dataOf(node: Znode): string | null {
  return node.data()?.subarray(0, PAGE_DATA_MAX_BYTES).toString("base64") ?? null;
}

function statEntries(node: Znode): object {
  const stat = node.stat();
  return {
    cZxid: hex0x(stat.czxid),
    ctime: stat.ctime,
    mZxid: hex0x(stat.mzxid),
    mtime: stat.mtime,
    pZxid: hex0x(stat.pzxid),
    cversion: stat.cversion,
    dataVersion: stat.version,
    aclVersion: stat.aversion,
    ephemeralOwner: hex0x(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}

function aclEntries(acl: readonly ACL[]): object[] {
  return acl.map(({ perms, id }) => ({ scheme: id.scheme, id: id.id, perms }));
}

function children(
  context: AdminContext,
  node: Znode,
  wantedOffset: number,
  identities: readonly Id[],
): object {
  const tree = context.tree();
  const offset = Math.min(wantedOffset, PAGE_CHILDREN_SKIPPED_MAX);
  const end = offset + PAGE_ROWS;
  const rows: object[] = [];
  let index = 0;
  for (const path of sortedWhereFew(node)) {
    if (index >= end) break;
    if (index++ < offset) continue;
    const child = tree.get(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    // Who may read the parent knows the names; what is behind one is the child's own ACL's to say.
    const isReadable =
      child !== undefined && mayDo(context, tree.aclOf(child), Perms.read, identities);
    rows.push(
      isReadable
        ? { name, kind: KINDS[child.kind], children: child.childCount, bytes: child.dataLength }
        : { name },
    );
  }
  return { offset, children: rows, hasMore: index < node.childCount && end <= LAST_OFFSET };
}

const LAST_OFFSET = PAGE_CHILDREN_SKIPPED_MAX;
/** So many are put in order in well under a millisecond; more are told in the order in which they came. */
const SORTED_MAX = 2000;

function sortedWhereFew(node: Znode): Iterable<string> {
  return node.childCount > SORTED_MAX ? node.childPaths() : [...node.childPaths()].sort();
}
