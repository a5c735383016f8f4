// A known bug, and how it is put back. Production code knows nothing of it: when the simulator is built for a hunt, exactly
// these pieces of src are replaced (zoo.ts), and a fast test sees to it that each still is there, exactly once.
//
// An entry puts the bug back as Java has or had it, which can take more than one edit: where Zooid would stop the bug a second
// time (an assertion, a check of the receiver), that is taken away as well. Otherwise the simulator would only show that
// the second guard works.

import type { Profile } from "../options.js";
import type { ShowingTest } from "./inventory.js";

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  /** As it stands in the source, once. */
  readonly from: string;
  readonly to: string;
}

export interface Bug {
  readonly name: string;
  /** The numbers of docs/ZOO.md, and where Java has it. */
  readonly known: string;
  /** What the edits make of the server. */
  readonly what: string;
  /** Tests that show it, beside those that docs/ZOO.md names for its numbers. */
  readonly shownBy?: readonly ShowingTest[];
  /** Only faults of this kind: for what needs many of them. Left out: what each seed draws. */
  readonly profile?: Profile;
  /** Changed as well where the bug is not: a world in which it can be met at all. */
  readonly given?: readonly Edit[];
  readonly edits: readonly Edit[];
}

/** What the file becomes; throws where it is not what the edit was written for. */
export function applyEdit(source: string, { file, from, to }: Edit): string {
  const count = source.split(from).length - 1;
  if (count !== 1) {
    const how = "Write the snippet as the file has it now, and the bug that goes with it";
    throw new Error(`Cannot put a bug into ${file}: it has this ${count} times. ${how}:\n${from}`);
  }
  return source.replace(from, () => to);
}
