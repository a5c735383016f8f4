// A snapshot as Java takes one: while transactions go on. Depth first; each node is written as it is when its turn comes,
// with the list of its children at that moment; a child that is gone when its own turn comes is left out.

import { applyTxn, decodeTxnRecord } from "../../src/operations/transactions.js";
import type { PreparedTxn } from "../../src/operations/txn-record.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import type { Zxid } from "../../src/wire/ids.js";
import type { ACL } from "../../src/wire/records.js";
import { writeStatPersisted } from "../../src/wire/records.js";
import { encoded, SETTINGS } from "./world.js";

interface Written {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[];
  readonly stat: Buffer;
}

export class FuzzyHistory {
  readonly #records: readonly PreparedTxn[];

  constructor(records: readonly PreparedTxn[]) {
    this.#records = records;
  }

  /** Begun when `start` records were applied; before each node as many more are as `pace` says. */
  snapshot(start: number, pace: Iterator<number>): DataTree {
    const live = new DataTree(SETTINGS);
    let at = 0;
    const advance = (count: number) => {
      for (; count > 0 && at < this.#records.length; count--, at++) {
        applyTxn(live, decodeTxnRecord(this.#records[at]!.bytes));
      }
    };
    advance(start);
    const lastZxid = live.lastProcessedZxid;
    const sessions = new Map(live.sessions);
    const written: Written[] = [];
    const write = (path: string) => {
      advance(pace.next().value);
      const node = live.get(path);
      if (node === undefined) return;
      const stat = encoded((out) => writeStatPersisted(out, node.statPersisted()));
      written.push({ path, data: node.data(), acl: live.aclOf(node), stat });
      for (const child of [...node.childPaths()]) write(child);
    };
    write("");
    return load(sessions, written, lastZxid);
  }
}

function load(
  sessions: DataTree["sessions"],
  written: readonly Written[],
  lastZxid: Zxid,
): DataTree {
  const loader = new TreeLoader(SETTINGS, () => {});
  loader.begin();
  for (const [id, timeoutMs] of sessions) loader.session(id, timeoutMs);
  for (const [index, { acl }] of written.entries()) loader.acl(index + 1, acl);
  for (const [index, { path, data, stat }] of written.entries()) {
    const bytes = Buffer.from(path);
    const page = Buffer.concat([data ?? Buffer.alloc(0), stat]);
    const length = data?.length ?? 0;
    loader.node(bytes, 0, bytes.length, page, 0, data === null ? -1 : length, index + 1, length);
  }
  loader.finish(lastZxid, undefined);
  return loader.tree;
}
