// Which call of a disk fails, and what becomes of it.

import type { DiskFault } from "./platform/disk-faults.js";
import type { SeededRandom } from "./platform/random.js";

export function drawDiskError(random: SeededRandom): DiskFault {
  const skip = random.integer(20);
  switch (random.integer(5)) {
    case 0:
      return { operation: "sync", code: "EIO", effect: "pages dropped", skip };
    case 1:
      return {
        operation: "sync",
        code: "EIO",
        effect: random.pick(["nothing", "part", "all"]),
        skip,
      };
    case 2:
      return {
        operation: "write",
        code: random.pick(["EIO", "ENOSPC"]),
        effect: random.pick(["nothing", "part", "all"]),
        skip,
      };
    case 3:
      return {
        operation: ["rename", "create", "syncDirectory", "remove", "truncate"],
        code: "EIO",
        skip,
      };
    default:
      return { code: "EIO", skip, operation: ["read", "open", "stat", "readDirectory"] };
  }
}
