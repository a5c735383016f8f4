// A connection that is not let in: nothing it may send is looked at.

import type { Connection } from "../platform/platform.js";

const IGNORE = { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };

export function refuse(connection: Connection): void {
  connection.start(IGNORE);
  connection.destroy();
}
