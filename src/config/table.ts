// Every setting there is, in the groups by which the program and the manual know them.
//
// Whoever adds one: put a row into the group's file, run the tests of test/config with ZOOID_UPDATE=1 so that
// conf/zoo_sample.cfg tells of it, and use it as config.<group>.<field>.

import type { Setting, ValuesOf } from "./setting.js";
import { adminSettings, metricsSettings } from "./settings/admin.js";
import { authSettings } from "./settings/auth.js";
import { clientSettings } from "./settings/client.js";
import { limitSettings } from "./settings/limits.js";
import { loggingSettings } from "./settings/logging.js";
import { quorumSettings } from "./settings/quorum.js";
import { sessionSettings } from "./settings/session.js";
import { storageSettings } from "./settings/storage.js";
import { tlsClientSettings, tlsQuorumSettings } from "./settings/tls.js";
import { treeSettings } from "./settings/tree.js";

export const SETTINGS = {
  client: clientSettings,
  session: sessionSettings,
  storage: storageSettings,
  limits: limitSettings,
  tree: treeSettings,
  quorum: quorumSettings,
  auth: authSettings,
  tlsClient: tlsClientSettings,
  tlsQuorum: tlsQuorumSettings,
  admin: adminSettings,
  metrics: metricsSettings,
  logging: loggingSettings,
} as const;

export type GroupName = keyof typeof SETTINGS;
export type Groups = { readonly [Name in GroupName]: ValuesOf<(typeof SETTINGS)[Name]> };

export type SettingGroup = Readonly<Record<string, Setting<unknown>>>;

/** The groups for code that walks over all of them. */
export function groups(): [GroupName, SettingGroup][] {
  return Object.entries(SETTINGS) as unknown as [GroupName, SettingGroup][];
}

/** What ZooKeeper knew once and no longer does: read over in silence. */
export const REMOVED_SETTINGS: readonly string[] = [
  "leader.maxConcurrentSnapshots",
  "leader.maxConcurrentSnapshotTimeout",
];
