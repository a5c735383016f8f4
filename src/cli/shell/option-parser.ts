// Flags of zkCli's inner commands and of the toolkits, read exactly as Java's commons-cli 1.5 reads them (DefaultParser),
// which no library for node does: `-sw` is two flags, `-v5` and `-v=5` a flag with a value, a value may begin with a hyphen
// if it is a number, flags may stand behind the words, and `--` ends them. A long name may follow one hyphen or two, and
// be cut short where that leaves no doubt.
//
// The messages are what Java prints of the exception: its class, a colon, its text.

import { CliError } from "./cli-error.js";

export interface OptionSpec {
  readonly flag: string;
  readonly hasValue: boolean;
  readonly description: string;
  readonly long?: string;
  readonly isRequired?: boolean;
  /** What help calls the value. */
  readonly valueName?: string;
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

/** Words that cannot be understood. The message is for zkCli, the text for a toolkit. */
export class OptionError extends CliError {
  readonly text: string;
  constructor(exception: string, text: string) {
    super(`org.apache.commons.cli.${exception}: ${text}`);
    this.text = text;
  }
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
    else if (word.startsWith("--")) this.#takeLong(word);
    else if (word.startsWith("-") && word !== "-") this.#takeFlags(word);
    else this.#unknown(word);
  }

  finish(words: readonly string[]): ParsedOptions {
    this.#requireValue();
    if (this.#table.group === "required" && this.#selected === undefined) {
      const options = this.#table.options.map((option) => `-${option.flag} ${option.description}`);
      throw new OptionError(
        "MissingOptionException",
        `Missing required option: [${options.join(", ")}]`,
      );
    }
    const missing = this.#table.options.filter(
      (option) => option.isRequired === true && !this.#values.has(option.flag),
    );
    if (missing.length > 0) {
      const flags = missing.map((option) => option.flag).join(", ");
      const plural = missing.length === 1 ? "" : "s";
      throw new OptionError("MissingOptionException", `Missing required option${plural}: ${flags}`);
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
    if (equals > 1) this.#takeLong(word);
    else if (equals >= 0) this.#takeAssigned(word, this.#option(text[0]!));
    else if (this.#option(text) !== undefined) this.#begin(this.#option(text)!);
    else if (text.length === 1) this.#unknown(word);
    else if (this.#longNamed(text).length > 0) this.#takeLong(word);
    else this.#takeLongJoined(word);
  }

  /** `--recover`, `--rec`, `-recover`, `--zxid=5`. */
  #takeLong(word: string): void {
    const name = word.split("=", 1)[0]!;
    const found = this.#longNamed(name);
    if (found.length > 1) {
      const names = found.map((option) => `'${option.long}'`).join(", ");
      throw new OptionError(
        "AmbiguousOptionException",
        `Ambiguous option: '${name}'  (could be: ${names})`,
      );
    }
    if (name !== word) this.#takeAssigned(word, found[0]);
    else if (found[0] === undefined) this.#unknown(word);
    else this.#begin(found[0]);
  }

  #takeAssigned(word: string, option: OptionSpec | undefined): void {
    if (option === undefined || !option.hasValue) {
      this.#unknown(word);
      return;
    }
    this.#begin(option);
    this.#give(word.slice(word.indexOf("=") + 1));
  }

  /** `-zxid5`. */
  #takeLongJoined(word: string): void {
    const option = this.#longBeginning(word);
    if (option === undefined || !option.hasValue) {
      this.#takeJoined(word);
      return;
    }
    this.#begin(option);
    this.#give(withoutHyphens(word).slice(option.long!.length));
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
        throw new OptionError(
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
    throw new OptionError(
      "MissingArgumentException",
      `Missing argument for option: ${this.#current.flag}`,
    );
  }

  #unknown(word: string): void {
    if (word.startsWith("-") && word.length > 1) {
      throw new OptionError("UnrecognizedOptionException", `Unrecognized option: ${word}`);
    }
    this.#args.push(word);
  }

  /** commons-cli looks a name up without its hyphens: `--s` behind a flag that wants a value is taken for `-s`. */
  #option(text: string): OptionSpec | undefined {
    const name = withoutHyphens(text);
    return this.#table.options.find((option) => option.flag === name);
  }

  /** Those with that long name, or else those whose long names begin so. */
  #longNamed(text: string): OptionSpec[] {
    const name = withoutHyphens(text);
    const whole = this.#table.options.filter((option) => option.long === name);
    if (whole.length > 0) return whole;
    return this.#table.options.filter((option) => option.long?.startsWith(name) === true);
  }

  /** The longest long name that the word begins with; commons-cli does not look at names of one letter. */
  #longBeginning(word: string): OptionSpec | undefined {
    const text = withoutHyphens(word);
    for (let length = text.length - 2; length > 1; length--) {
      const name = text.slice(0, length);
      const option = this.#table.options.find((candidate) => candidate.long === name);
      if (option !== undefined) return option;
    }
    return undefined;
  }

  /** Whatever is not one of the command's flags; a flag that is also a number is a value. */
  #isValue(word: string): boolean {
    if (!word.startsWith("-") || word.length === 1 || isJavaDouble(word)) return true;
    if (this.#longNamed(word.split("=", 1)[0]!).length > 0) return false;
    if (!word.startsWith("--") && this.#longBeginning(word) !== undefined) return false;
    const name = word.slice(1).split("=", 1)[0]!;
    return this.#option(name) === undefined && this.#option(name.slice(0, 1)) === undefined;
  }
}

function withoutHyphens(text: string): string {
  return text.replace(/^--?/, "");
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
    left: ` -${option.flag}${option.long === undefined ? "" : `,--${option.long}`}${valueText(option)}`,
    flag: option.flag.toLowerCase(),
    right: option.description,
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  rows.sort((a, b) => (a.flag < b.flag ? -1 : a.flag > b.flag ? 1 : 0));
  return rows.map((row) => `${row.left.padEnd(width)}   ${row.right}`);
}

function valueText(option: OptionSpec): string {
  return option.hasValue ? ` <${option.valueName ?? "arg"}>` : "";
}
