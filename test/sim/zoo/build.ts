// Builds the simulator with a bug in it: one file, made by esbuild of the sources as they stand, but for the edits.

import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { applyEdit, type Bug } from "./bug.js";

/** From dist/test/sim/zoo. */
export const PROJECT = fileURLToPath(new URL("../../../../", import.meta.url));

/** The files that the bug changes, as they become; throws where a snippet is not there exactly once. */
export function sourcesWith(bug: Bug): Map<string, string> {
  const changed = new Map<string, string>();
  for (const edit of bug.edits) {
    const { file } = edit;
    const source = changed.get(file) ?? readFileSync(join(PROJECT, file), "utf8");
    changed.set(file, applyEdit(source, edit));
  }
  return changed;
}

/** The path of a program that takes --from and --to and hunts (hunt.ts). `bug` undefined: without any. */
export async function buildHunt(bug: Bug | undefined): Promise<string> {
  const changed = bug === undefined ? new Map<string, string>() : sourcesWith(bug);
  const outfile = join(PROJECT, "dist", "zoo", `${bug?.name ?? "none"}.js`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(PROJECT, "test/sim/zoo/hunt.ts")],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "error",
    plugins: [
      {
        name: "zoo",
        setup: ({ onLoad }) => {
          onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
            const contents = changed.get(path.slice(PROJECT.length));
            return contents === undefined ? undefined : { contents, loader: "ts" };
          });
        },
      },
    ],
  });
  return outfile;
}
