// Every differential session. A new one is a line here; its golden transcript comes from UPDATE_GOLDEN=1.

import type { Script } from "../steps.js";
import { aclScript, skipAclScript } from "./acl.js";
import { createMalformedScript, createPlainScript, createScript } from "./create.js";
import { multiOddScript, multiScript } from "./multi.js";
import { quotaEnforcedScript, quotaScript } from "./quota.js";
import { forbiddenScript, internalScript, readWriteScript } from "./read-write.js";
import {
  expiryScript,
  firstBytesScript,
  handshakeScript,
  laterBytesScript,
  sizesScript,
} from "./sessions.js";
import {
  persistentWatchesScript,
  reconnectScript,
  removeWatchesScript,
  setWatchesScript,
  watchesScript,
} from "./watches.js";
import { consScript, whitelistScript, wordsScript } from "./words.js";

export const SCRIPTS: readonly Script[] = [
  handshakeScript,
  firstBytesScript,
  laterBytesScript,
  sizesScript,
  expiryScript,
  createScript,
  createPlainScript,
  createMalformedScript,
  readWriteScript,
  forbiddenScript,
  internalScript,
  aclScript,
  skipAclScript,
  multiScript,
  multiOddScript,
  watchesScript,
  persistentWatchesScript,
  removeWatchesScript,
  setWatchesScript,
  reconnectScript,
  quotaScript,
  quotaEnforcedScript,
  wordsScript,
  consScript,
  whitelistScript,
];
