// What every command of zkCli has. One file per command; table.ts lists them. Java: CliCommand.

import type { ZooKeeperClient } from "../client/zookeeper-client.js";
import { CliError } from "../shell/cli-error.js";
import {
  type OptionTable,
  optionLines,
  type ParsedOptions,
  parseOptions,
  unparsed,
} from "../shell/option-parser.js";

export interface CommandContext {
  readonly zk: ZooKeeperClient;
  /** To standard output, as it is. */
  write(text: string): void;
  out(line: string): void;
  err(line: string): void;
}

export interface Command {
  readonly name: string;
  /** What follows the name in the list of commands. */
  readonly usage: string;
  /** Undefined: words that begin with a hyphen are words. */
  readonly options: OptionTable | undefined;
  /** Whether the usage ends with the table of options. */
  readonly hasOptionTable?: boolean;
  /** Of words that are not flags, the name included; fewer give the usage. */
  readonly leastWords?: number;
  /** Left out of the list of commands: an old name. */
  readonly isHidden?: boolean;
  run(context: CommandContext, parsed: ParsedOptions): Promise<void>;
}

export async function runCommand(
  command: Command,
  context: CommandContext,
  words: readonly string[],
): Promise<void> {
  const { options } = command;
  const parsed = options === undefined ? unparsed(words) : parseOptions(options, words);
  if (parsed.args.length < (command.leastWords ?? 0)) throw usageError(command);
  await command.run(context, parsed);
}

export function usageError(command: Command): CliError {
  return new CliError(usageText(command));
}

function usageText(command: Command): string {
  const text = `${command.name} ${command.usage}`;
  return command.hasOptionTable === true && command.options !== undefined
    ? `${text}\n${optionLines(command.options).join("\n")}\n`
    : text;
}
