// A directory whose state is a real tree, for tests of checkpoints: random transactions, with what the tree was after each.

import { applyTxn, decodeTxnRecord, encodeTxnRecord } from "../../src/operations/transactions.js";
import type { Platform } from "../../src/platform/platform.js";
import type { StorageSettings } from "../../src/storage/settings.js";
import { Storage } from "../../src/storage/storage.js";
import { DataTree } from "../../src/tree/data-tree.js";
import { TreeLoader } from "../../src/tree/tree-loader.js";
import { DEFAULT_TREE_SETTINGS } from "../../src/tree/tree-settings.js";
import type { SessionId, Zxid } from "../../src/wire/ids.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { Lines, SETTINGS } from "./fixture.js";
import { describe } from "./state.js";

export type Choose = (bound: number) => number;

/** A small generator of numbers, so that a run can be had again. */
export function chooser(seed: number): Choose {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** What has happened to one history through all its processes. */
export interface Account {
  readonly states: Map<number, string>;
  appended: number;
  acknowledged: number;
}

export function newAccount(): Account {
  const states = new Map([
    [0, describe({ tree: new DataTree(), lastZxid: 0 as Zxid, mismatches: [] })],
  ]);
  return { states, appended: 0, acknowledged: 0 };
}

const LONG = "n".repeat(1030);
const LISTS = [1, 3, 31].map((perms) => [{ perms, id: { scheme: "world", id: "anyone" } }]);

export class Life {
  readonly storage: Storage;
  readonly account: Account;
  readonly log: Lines;
  tree: DataTree;
  readonly #choose: Choose;

  private constructor(
    storage: Storage,
    tree: DataTree,
    account: Account,
    choose: Choose,
    log: Lines,
  ) {
    this.storage = storage;
    this.tree = tree;
    this.account = account;
    this.#choose = choose;
    this.log = log;
  }

  static async begin(
    platform: Platform,
    account: Account,
    choose: Choose,
    settings: Partial<StorageSettings> = {},
  ): Promise<Life> {
    const log = new Lines();
    const all: StorageSettings = { ...SETTINGS, snapshotStore: "lmdb", ...settings };
    const storage = await Storage.open(platform, all, log, { onFatal: () => {} });
    const { tree, needsSnapshot } = await recovered(storage);
    const life = new Life(storage, tree, account, choose, log);
    if (needsSnapshot) await life.snapshot();
    account.states.set(tree.lastProcessedZxid, life.state());
    account.appended = tree.lastProcessedZxid;
    account.acknowledged = tree.lastProcessedZxid;
    return life;
  }

  state(): string {
    return describe({ tree: this.tree, lastZxid: this.tree.lastProcessedZxid, mismatches: [] });
  }

  snapshot(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.storage.startSnapshot(this.tree.beginSnapshot(), (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Random transactions, of which any may do nothing. */
  change(count: number): void {
    for (let i = 0; i < count; i++) this.#one();
  }

  flush(): Promise<void> {
    const { appended } = this.account;
    return new Promise((resolve, reject) => {
      this.storage.flush((error) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        this.account.acknowledged = appended;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resume) => this.storage.close(resume));
  }

  /** As a role does when a leader orders TRUNC. */
  async truncate(zxid: number): Promise<boolean> {
    if (!(await this.storage.truncate(zxid as Zxid))) return false;
    this.tree = (await recovered(this.storage)).tree;
    return true;
  }

  #one(): void {
    const choose = this.#choose;
    const names = ["/a", "/b", "/a/c", "/a/d", `/${LONG}`, `/${LONG}/${LONG}`, "/b/ä€"];
    const path = names[choose(names.length)]!;
    const data = choose(5) === 0 ? null : Buffer.alloc(choose(200), choose(256));
    const session = BigInt(1 + choose(3));
    const kind = choose(12);
    if (kind < 5) {
      const ephemeral = path === "/a/d" && choose(2) === 0 && this.tree.sessions.size > 0;
      const acl = LISTS[choose(LISTS.length)];
      this.#log(OpCode.create, { path, data, acl, ephemeral, parentCVersion: -1 }, session);
    } else if (kind < 7) {
      this.#log(OpCode.setData, { path, data, version: this.account.appended });
    } else if (kind < 9) this.#remove(path);
    else if (kind === 9) {
      this.#log(OpCode.setACL, { path, acl: LISTS[choose(LISTS.length)], version: choose(9) });
    } else if (kind === 10) this.#log(OpCode.createSession, { timeOut: 1000 + choose(9) }, session);
    else {
      const paths2Delete = [...this.tree.ephemeralsOf(session as SessionId)];
      this.#log(OpCode.closeSession, { paths2Delete }, session);
    }
  }

  /** Only what has no children can be deleted by a request. */
  #remove(path: string): void {
    const node = this.tree.get(path);
    if (node === undefined || node.childCount > 0) this.#log(OpCode.error, { err: -101 });
    else this.#log(OpCode.delete, { path });
  }

  #log(type: number, txn: unknown, session = 1n): void {
    const zxid = (this.account.appended + 1) as Zxid;
    const clientId = session as SessionId;
    const header = { clientId, cxid: zxid, zxid, time: 1_700_000_000_000 + zxid, type };
    const bytes = encodeTxnRecord(header, txn, undefined);
    applyTxn(this.tree, decodeTxnRecord(bytes));
    this.storage.append(bytes, zxid);
    this.account.appended = zxid;
    this.account.states.set(zxid, this.state());
  }
}

export async function recovered(storage: Storage) {
  const settings = {
    ...DEFAULT_TREE_SETTINGS,
    onDigestMismatch: () => {
      throw new Error("The digest is another");
    },
  };
  const loader = new TreeLoader(settings, (message) => {
    throw new Error(message);
  });
  const state = await storage.recover(loader, (page, start, end) => {
    applyTxn(loader.tree, decodeTxnRecord(page.subarray(start, end)));
  });
  return { ...state, tree: loader.tree };
}
