// ACL lists are few and znodes are many: each list is kept once, under a number. Java: ReferenceCountedACLCache.
//
// Numbers are never used twice, and -1 stands for the open ACL without being in the table. A list whose last znode is gone
// goes, too. The numbers are in snapshots: they must be those that Java would give for the same transactions.

import type { ACL } from "../wire/records.js";

/** Java: ReferenceCountedACLCache.OPEN_UNSAFE_ACL_ID. */
export const OPEN_ACL_ID = -1;

const PERMS_ALL = 31;
const PERMS_READ = 1;
const ANYONE = { scheme: "world", id: "anyone" };

export const OPEN_ACL_UNSAFE: readonly ACL[] = [{ perms: PERMS_ALL, id: ANYONE }];
export const READ_ACL_UNSAFE: readonly ACL[] = [{ perms: PERMS_READ, id: ANYONE }];

/** What stands in for a list that a damaged or fuzzy snapshot refers to and does not have: nobody but super may. */
export const DENY_ALL: readonly ACL[] = [{ perms: 0, id: ANYONE }];

interface Entry {
  readonly id: number;
  readonly acl: readonly ACL[];
  readonly key: string;
  references: number;
}

export class AclTable {
  readonly #byId = new Map<number, Entry>();
  readonly #byKey = new Map<string, Entry>();
  #lastId = 0;
  /** The last list that was added: most creates come with the same one. */
  #latest: Entry | undefined;

  get size(): number {
    return this.#byId.size;
  }

  /** The number of this list; counts one more znode that has it. */
  add(acl: readonly ACL[] | null): number {
    if (acl === null) return OPEN_ACL_ID;
    let entry = this.#latest;
    if (entry === undefined || !sameAcl(entry.acl, acl)) entry = this.#find(acl);
    entry.references++;
    return entry.id;
  }

  #find(acl: readonly ACL[]): Entry {
    const key = keyOf(acl);
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = { id: ++this.#lastId, acl, key, references: 0 };
      this.#byId.set(entry.id, entry);
      this.#byKey.set(key, entry);
    }
    this.#latest = entry;
    return entry;
  }

  /** One znode less has it. */
  release(id: number): void {
    const entry = this.#byId.get(id);
    if (entry !== undefined && --entry.references <= 0) this.#delete(entry);
  }

  get(id: number): readonly ACL[] {
    if (id === OPEN_ACL_ID) return OPEN_ACL_UNSAFE;
    return this.#byId.get(id)?.acl ?? DENY_ALL;
  }

  entries(): IterableIterator<readonly [id: number, acl: readonly ACL[]]> {
    return entriesOf([...this.#byId.values()]);
  }

  // ------------------------------------------------------------------------------------------------------------- loading

  /** A list as a snapshot has it, not yet used by any znode. */
  load(id: number, acl: readonly ACL[]): void {
    const twice = this.#byId.get(id);
    if (twice !== undefined) this.#delete(twice);
    const entry: Entry = { id, acl, key: keyOf(acl), references: 0 };
    this.#byId.set(id, entry);
    // Two numbers for one list happen in Java's files: new znodes get the later one, as there.
    this.#byKey.set(entry.key, entry);
    if (id > this.#lastId) this.#lastId = id;
  }

  /** One znode of a snapshot has it. False: there is no such list, and from now on the number means that nobody may. */
  use(id: number): boolean {
    if (id === OPEN_ACL_ID) return true;
    const entry = this.#byId.get(id);
    if (entry !== undefined) {
      entry.references++;
      return true;
    }
    // Not in #byKey: a client that really sets such a list must get a number of its own.
    this.#byId.set(id, { id, acl: DENY_ALL, key: `missing ${id}`, references: 1 });
    if (id > this.#lastId) this.#lastId = id;
    return false;
  }

  /** Loading has ended: lists without znodes go. */
  purgeUnused(): void {
    for (const entry of this.#byId.values()) if (entry.references <= 0) this.#delete(entry);
  }

  #delete(entry: Entry): void {
    if (this.#latest === entry) this.#latest = undefined;
    this.#byId.delete(entry.id);
    if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
  }
}

function* entriesOf(
  entries: readonly Entry[],
): IterableIterator<readonly [number, readonly ACL[]]> {
  for (const entry of entries) yield [entry.id, entry.acl];
}

function sameAcl(one: readonly ACL[], other: readonly ACL[]): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) {
    const a = one[i]!;
    const b = other[i]!;
    if (a.perms !== b.perms || a.id.id !== b.id.id || a.id.scheme !== b.id.scheme) return false;
  }
  return true;
}

/** Lists are the same when they have the same entries in the same order; null is not "". */
function keyOf(acl: readonly ACL[]): string {
  const first = acl[0];
  if (acl.length === 1 && first !== undefined) return keyOfEntry(first);
  return acl.map(keyOfEntry).join("");
}

function keyOfEntry(entry: ACL): string {
  const { scheme, id } = entry.id;
  // Lengths first: no scheme or id can be mistaken for the end of another.
  return `${entry.perms},${scheme === null ? -1 : scheme.length},${scheme},${id === null ? -1 : id.length},${id};`;
}
