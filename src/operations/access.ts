// Asking for permission, from within an operation. The rules themselves are in auth/access.ts. Java: ZooKeeperServer.checkACL.

import { isPermitted } from "../auth/access.js";
import type { ACL } from "../wire/records.js";
import type { Caller, OperationSettings } from "./operation.js";

export interface Asker {
  readonly caller: Caller;
  readonly settings: OperationSettings;
}

export function mayDo({ caller, settings }: Asker, acl: readonly ACL[], perms: number): boolean {
  return settings.skipAcl || isPermitted(settings.schemes, acl, perms, caller.identities);
}
