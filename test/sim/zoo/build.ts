// Builds the simulator with a bug in it: one file, made by esbuild of the sources as they stand, but for the edits.

import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { applyEdit, type Bug, type Edit } from "./bug.js";

/** From dist/test/sim/zoo. */
export const PROJECT = fileURLToPath(new URL("../../../../", import.meta.url));

/** The files that the edits change, as they become; throws where a snippet is not there exactly once. */
export function edited(edits: readonly Edit[]): Map<string, string> {
  const changed = new Map<string, string>();
  for (const edit of edits) {
    const { file } = edit;
    const source = changed.get(file) ?? readFileSync(join(PROJECT, file), "utf8");
    changed.set(file, applyEdit(source, edit));
  }
  return changed;
}

export function sourcesWith({ given = [], edits }: Bug): Map<string, string> {
  return edited([...given, ...edits]);
}

/** The path of a program that takes --from and --to and hunts (hunt.ts), with the bug in it. */
export function buildHunt(bug: Bug): Promise<string> {
  return buildOf(bug.name, sourcesWith(bug));
}

const controls = new Map<string, Promise<string>>();

/** The same without the bug, in the world that it is given. Built once. */
export function buildControl({ name, given }: Bug): Promise<string> {
  const called = given === undefined ? "none" : `${name}-without`;
  const control = controls.get(called) ?? buildOf(called, edited(given ?? []));
  controls.set(called, control);
  return control;
}

async function buildOf(name: string, changed: ReadonlyMap<string, string>): Promise<string> {
  const outfile = join(PROJECT, "dist", "zoo", `${name}.js`);
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
