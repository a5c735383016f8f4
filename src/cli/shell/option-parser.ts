// Flags of zkCli's inner commands, read exactly as Java's commons-cli 1.5 reads them (DefaultParser), which no library for
// node does: `-sw` is two flags, `-v5` and `-v=5` a flag with a value, a value may begin with a hyphen if it is a number,
// flags may stand behind the words, and `--` ends them.
//
// The messages are what Java prints of the exception: its class, a colon, its text.

import { CliError } from "./cli-error.js";

export interface OptionSpec {
  readonly flag: string;
  readonly hasValue: boolean;
  readonly description: string;
}

export interface OptionTable {
  readonly options: readonly OptionSpec[];
  /** All options exclude each other, and one of them may have to be there. */
  readonly group?: "optional" | "required";
}

export interface ParsedOptions {
  /** All of them, as they were typed. */
  readonly words: readonly string[];
  /** Without the flags; the command's own name is the first. */
  readonly args: string[];
  has(flag: string): boolean;
  /** The first one, where there are several. */
  value(flag: string): string | undefined;
}

export const NO_OPTIONS: OptionTable = { options: [] };

export function flag(name: string, description: string): OptionSpec {
  return { flag: name, hasValue: false, description };
}

export function valued(name: string, description: string): OptionSpec {
  return { flag: name, hasValue: true, description };
}

/** Of a command that does not look for flags. */
export function unparsed(words: readonly string[]): ParsedOptions {
  return { words, args: [...words], has: () => false, value: () => undefined };
}

export function parseOptions(table: OptionTable, words: readonly string[]): ParsedOptions {
  const parser = new Parser(table);
  for (const word of words) parser.take(word);
  return parser.finish(words);
}

class Parser {
  readonly #table: OptionTable;
  readonly #args: string[] = [];
  readonly #values = new Map<string, string[]>();
  /** The flag that still wants its value. */
  #current: OptionSpec | undefined;
  #selected: string | undefined;
  #isSkipping = false;

  constructor(table: OptionTable) {
    this.#table = table;
  }

  take(word: string): void {
    if (this.#isSkipping) this.#args.push(word);
    else if (word === "--") this.#isSkipping = true;
    else if (this.#current !== undefined && this.#isValue(word)) this.#give(withoutQuotes(word));
    else if (word.startsWith("--")) this.#unknown(word);
    else if (word.startsWith("-") && word !== "-") this.#takeFlags(word);
    else this.#unknown(word);
  }

  finish(words: readonly string[]): ParsedOptions {
    this.#requireValue();
    if (this.#table.group === "required" && this.#selected === undefined) {
      const options = this.#table.options.map((option) => `-${option.flag} ${option.description}`);
      throw parseError(
        "MissingOptionException",
        `Missing required option: [${options.join(", ")}]`,
      );
    }
    const values = this.#values;
    return {
      words,
      args: this.#args,
      has: (name) => values.has(name),
      value: (name) => values.get(name)?.[0],
    };
  }

  #takeFlags(word: string): void {
    const text = word.slice(1);
    const equals = text.indexOf("=");
    if (equals >= 0) {
      const option = equals === 1 ? this.#option(text[0]!) : undefined;
      if (option === undefined || !option.hasValue) this.#unknown(word);
      else {
        this.#begin(option);
        this.#give(text.slice(2));
      }
      return;
    }
    const whole = this.#option(text);
    if (whole !== undefined) this.#begin(whole);
    else if (text.length === 1) this.#unknown(word);
    else this.#takeJoined(word);
  }

  /** `-sw`, or `-v5`. */
  #takeJoined(word: string): void {
    for (let i = 1; i < word.length; i++) {
      const option = this.#option(word[i]!);
      if (option === undefined) {
        this.#unknown(word);
        return;
      }
      this.#begin(option);
      if (option.hasValue && i + 1 < word.length) {
        this.#give(word.slice(i + 1));
        return;
      }
    }
  }

  #begin(option: OptionSpec): void {
    this.#requireValue();
    if (this.#table.group !== undefined) {
      if (this.#selected !== undefined && this.#selected !== option.flag) {
        throw parseError(
          "AlreadySelectedException",
          `The option '${option.flag}' was specified but an option from this group has already been selected: '${this.#selected}'`,
        );
      }
      this.#selected = option.flag;
    }
    if (!this.#values.has(option.flag)) this.#values.set(option.flag, []);
    this.#current = option.hasValue ? option : undefined;
  }

  #give(value: string): void {
    this.#values.get(this.#current!.flag)!.push(value);
    this.#current = undefined;
  }

  #requireValue(): void {
    if (this.#current === undefined) return;
    throw parseError(
      "MissingArgumentException",
      `Missing argument for option: ${this.#current.flag}`,
    );
  }

  #unknown(word: string): void {
    if (word.startsWith("-") && word.length > 1) {
      throw parseError("UnrecognizedOptionException", `Unrecognized option: ${word}`);
    }
    this.#args.push(word);
  }

  /** commons-cli looks a name up without its hyphens: `--s` behind a flag that wants a value is taken for `-s`. */
  #option(text: string): OptionSpec | undefined {
    const name = text.replace(/^--?/, "");
    return this.#table.options.find((option) => option.flag === name);
  }

  /** Whatever is not one of the command's flags; a flag that is also a number is a value. */
  #isValue(word: string): boolean {
    if (!word.startsWith("-") || word.length === 1 || isJavaDouble(word)) return true;
    const name = word.slice(1).split("=", 1)[0]!;
    return this.#option(name) === undefined && this.#option(name.slice(0, 1)) === undefined;
  }
}

function parseError(exception: string, text: string): CliError {
  return new CliError(`org.apache.commons.cli.${exception}: ${text}`);
}

/** What Double.parseDouble takes, as far as anybody types it. */
function isJavaDouble(word: string): boolean {
  return /^[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)$/.test(word);
}

function withoutQuotes(value: string): string {
  const inner = value.slice(1, -1);
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return isQuoted && !inner.includes('"') ? inner : value;
}

/** Java: HelpFormatter.printOptions, for lines that need no wrapping. */
export function optionLines(table: OptionTable): string[] {
  const rows = table.options.map((option) => ({
    left: ` -${option.flag}${option.hasValue ? " <arg>" : ""}`,
    flag: option.flag.toLowerCase(),
    right: option.description,
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  rows.sort((a, b) => (a.flag < b.flag ? -1 : a.flag > b.flag ? 1 : 0));
  return rows.map((row) => `${row.left.padEnd(width)}   ${row.right}`);
}
