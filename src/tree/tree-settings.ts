// What a tree is told when it is made.

import type { DigestMismatch } from "./digest-log.js";
import type { EphemeralTypeSettings } from "./ephemeral-type.js";
import type { TreeObserver } from "./tree-observer.js";

export interface TreeSettings extends EphemeralTypeSettings {
  readonly digestEnabled: boolean;
  /** Told of every digest that is not what it must be. */
  readonly onDigestMismatch?: (mismatch: DigestMismatch) => void;
  readonly observer?: TreeObserver;
}

export const DEFAULT_TREE_SETTINGS: TreeSettings = {
  digestEnabled: true,
  extendedTypesEnabled: false,
  emulate353TtlNodes: false,
};
