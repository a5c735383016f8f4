// Up to where session ids may have been given out: the file `sessionIds` beside the epochs. Zooid only: Java does not look
// at it, and where it is missing the server has been Java's, is new, or has lost its disk.

import { ExitCode, FatalError } from "../errors.js";
import type { Disk } from "../platform/platform.js";
import { writeFileAtomically } from "./disk-steps.js";

const NAME = "sessionIds";

/** `directory` is that of the snapshots. Undefined: nothing is known of earlier ids. */
export function readSessionIdLimit(disk: Disk, directory: string): bigint | undefined {
  const path = `${directory}/${NAME}`;
  if (disk.stat(path) === undefined) return undefined;
  const text = disk.readFile(path).toString("latin1").trim();
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  throw new FatalError(
    ExitCode.unexpectedError,
    `Found ${text.slice(0, 40)} in ${path}: it must hold the number up to which session ids were given out. ` +
      "Remove the file if the machine's clock has not been put back since it was written",
  );
}

export async function writeSessionIdLimit(
  disk: Disk,
  directory: string,
  limit: bigint,
): Promise<void> {
  await writeFileAtomically(disk, directory, NAME, `${NAME}.tmp`, Buffer.from(`${limit}\n`));
}
