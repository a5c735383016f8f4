// Words that 3.4 understood and later versions put up with.

import { type OptionTable, type ParsedOptions, parseOptions } from "../shell/option-parser.js";
import type { CommandContext } from "./command.js";

/**
 * `get path watch`: any word behind the path asks for a watch. As in Java it is the third word that makes room for the flag,
 * whatever that is: flags before the path, which 3.4 did not have, do not go with the old form.
 */
export function withOldWatchWord(
  parsed: ParsedOptions,
  table: OptionTable,
  warning: string,
  context: CommandContext,
): ParsedOptions {
  if (parsed.args.length <= 2) return parsed;
  context.err(warning);
  return parseOptions(table, parsed.words.with(2, "-w"));
}
