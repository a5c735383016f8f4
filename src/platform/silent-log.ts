// Says nothing: for work of which nobody is to be told.

import type { Logger } from "./platform.js";

export const SILENT_LOG: Logger = {
  child: () => SILENT_LOG,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  isDebugEnabled: () => false,
};
