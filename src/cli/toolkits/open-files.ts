// Who has a file of these directories open: a server that runs on them. Linux says it in /proc, of the processes that one may look
// into; elsewhere nothing is found. Java's tools do not ask.

import * as fs from "node:fs";

export interface OpenFile {
  readonly pid: number;
  readonly path: string;
}

export function openFileIn(directories: readonly string[]): OpenFile | undefined {
  const roots = directories
    .filter((path) => fs.existsSync(path))
    .map((path) => `${fs.realpathSync(path)}/`);
  for (const pid of listed("/proc").filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    for (const fd of listed(`/proc/${pid}/fd`)) {
      const path = linkOf(`/proc/${pid}/fd/${fd}`);
      if (roots.some((root) => path.startsWith(root))) return { pid: Number(pid), path };
    }
  }
  return undefined;
}

/** Nothing where it may not be looked into, or has just gone. */
function listed(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return "";
  }
}
