// Compiles disk-shim.c once and arms it: faults of the disk under a server that knows nothing of it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../compat/peers.js";

export const Errno = { EIO: 5, ENOSPC: 28, EROFS: 30 } as const;
export type FaultCall = "write" | "sync" | "create" | "rename" | "unlink";

export class DiskShim {
  readonly #folder = mkdtempSync(join(tmpdir(), "zooid-shim-"));
  readonly #library = join(this.#folder, "disk-shim.so");
  readonly #control = join(this.#folder, "fault");

  constructor() {
    const source = join(REPOSITORY, "test/faults/disk-shim.c");
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", this.#library, source, "-ldl"]);
  }

  /** For the process that is to suffer. */
  get environment(): Record<string, string> {
    return { LD_PRELOAD: this.#library, ZOOID_FAULT: this.#control };
  }

  arm(call: FaultCall, errno: number, partOfPath: string): void {
    writeFileSync(this.#control, `${call} ${errno} ${partOfPath}\n`);
  }

  disarm(): void {
    rmSync(this.#control, { force: true });
  }

  discard(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
