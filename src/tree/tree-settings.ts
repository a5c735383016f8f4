// What a tree is told when it is made.

import type { DigestMismatch } from "./digest-log.js";
import type { EphemeralTypeSettings } from "./ephemeral-type.js";
import type { TreeObserver } from "./tree-observer.js";

export interface TreeSettings extends EphemeralTypeSettings {
  readonly digestEnabled: boolean;
  /** Which paths have the same place in the table of nodes: strangers must not know. Left out: 0. */
  readonly hashSeed?: number;
  /** How many long lists of children are kept as replies have them; left out: CHILD_LISTS_KEPT. */
  readonly childListsKept?: number;
  /** Told of every digest that is not what it must be. */
  readonly onDigestMismatch?: (mismatch: DigestMismatch) => void;
  readonly observer?: TreeObserver;
}

/** Java's maxGetChildrenResponseCacheSize. */
export const CHILD_LISTS_KEPT = 400;

export const DEFAULT_TREE_SETTINGS: TreeSettings = {
  digestEnabled: true,
  extendedTypesEnabled: false,
  emulate353TtlNodes: false,
};
