// One row of the table that drives everything about a setting: how it is read, what it is when nobody says, and what the
// manual (conf/zoo_sample.cfg) tells about it.
//
// The rows live in settings/*.ts, one file a group; the type of `Config` is computed from them, so a setting exists exactly
// once. The name is ZooKeeper's, without the prefix `zookeeper.`; the field under which the program finds it is that name
// in camel case with the unit at its end.
//
// Java reads its settings in a dozen ways that differ in what they make of a value that is not one (Integer.getInteger takes
// the default without a word, parseInt ends the start, Boolean.getBoolean takes everything but "true" for false). Each row
// says which way is its own (`strict`), and a value that Java would have ignored in silence is ignored with a warning.

/** Where a setting is looked for. What is written first wins. */
export type Place =
  /** By its name in zoo.cfg, and nowhere else. */
  | "file"
  /** By its name in zoo.cfg, then -Dzookeeper.name (the multiAddress settings). */
  | "fileThenProperty"
  /** System property zookeeper.name: by its name in zoo.cfg, then -Dzookeeper.name. */
  | "property"
  /** As `property`, then -Dname without the prefix. */
  | "propertyThenBare"
  /**
   * -Dname without the prefix; Java knows these nowhere else (jute.maxbuffer). We also take -Dzookeeper.name and the name
   * in zoo.cfg, after it, so that a data centre's -D keeps the meaning that it has with Java.
   */
  | "bare"
  /** Keys of the metrics provider: metricsProvider.name in zoo.cfg. */
  | "file metricsProvider";

export interface Setting<T> {
  /** As ZooKeeper's guide writes it, without `zookeeper.`. */
  readonly name: string;
  readonly place: Place;
  /** What it is when it is not set. */
  readonly fallback: T;
  /** The fallback as an operator would write it; undefined when there is nothing to write. */
  readonly fallbackText: string | undefined;
  /** The unit in which it is written: ticks, ms, KB … */
  readonly unit: string | undefined;
  /** The manual: what it is for, and what goes wrong. */
  readonly about: string;
  /** Read and checked as Java does it; the part of the program that it is for is still to come. */
  readonly later: boolean;
  /** A value that cannot be read ends the start (true) or is passed over with a warning (false). */
  readonly strict: boolean;
  /** Throws InvalidValue. A value out of range is moved into it as Java does, which `warn` may be told. */
  readonly read: (text: string, warn: (line: string) => void) => T;
}

/** The value type of each row of a group: the group as the program sees it. */
export type ValuesOf<Group extends Record<string, Setting<unknown>>> = {
  readonly [Field in keyof Group]: Group[Field] extends Setting<infer T> ? T : never;
};

/** `message` is Java's text where Java has one; `wanted` says what would have been right. */
export class InvalidValue extends Error {
  override readonly name = "InvalidValue";
  readonly wanted: string;
  /** What Java makes of it where it does not fall back to the default: "yes" for a flag is false. */
  readonly instead: { readonly value: unknown } | undefined;
  /** Java throws its ConfigException at once, so that no "Error processing <file>" stands before it. */
  readonly whole: boolean;
  constructor(
    message: string,
    wanted: string,
    more: { readonly instead?: { readonly value: unknown }; readonly whole?: boolean } = {},
  ) {
    super(message);
    this.wanted = wanted;
    this.instead = more.instead;
    this.whole = more.whole ?? false;
  }
}

interface Common<T> {
  readonly name: string;
  readonly place?: Place;
  readonly unit?: string;
  readonly about: string;
  readonly later?: boolean;
  readonly strict?: boolean;
  readonly adjust?: (value: T, warn: (line: string) => void) => T;
}

function row<T>(
  options: Common<T>,
  fallback: T,
  fallbackText: string | undefined,
  read: (text: string) => T,
): Setting<T> {
  const place = options.place ?? "property";
  return {
    name: options.name,
    place,
    fallback,
    fallbackText,
    unit: options.unit,
    about: options.about,
    later: options.later ?? false,
    strict: options.strict ?? place.startsWith("file"),
    read: (value, warn) => {
      const result = read(value);
      return options.adjust === undefined ? result : options.adjust(result, warn);
    },
  };
}

/** An int (Java's 32 bits). */
export function int(options: Common<number> & { readonly fallback: number }): Setting<number> {
  const strict = options.strict ?? (options.place ?? "property").startsWith("file");
  return row(
    options,
    options.fallback,
    String(options.fallback),
    strict ? parseInt32 : decodeInt32,
  );
}

/** An int that may be absent; nothing stands for it then. */
export function optionalInt(options: Common<number | undefined>): Setting<number | undefined> {
  const strict = options.strict ?? (options.place ?? "property").startsWith("file");
  return row(options, undefined, undefined, strict ? parseInt32 : decodeInt32);
}

/** A long; values that a double cannot hold exactly are refused. */
export function long(options: Common<number> & { readonly fallback: number }): Setting<number> {
  const strict = options.strict ?? (options.place ?? "property").startsWith("file");
  return row(options, options.fallback, String(options.fallback), strict ? parseLong : decodeLong);
}

export function optionalLong(options: Common<number | undefined>): Setting<number | undefined> {
  return row<number | undefined>(options, undefined, undefined, decodeLong);
}

/** Written in KB, kept in bytes; 0 and less stay what they are: off. */
export function kilobytes(
  options: Common<number> & { readonly fallbackKb: number },
): Setting<number> {
  const unit = options.unit ?? "KB";
  const toBytes = (count: number) => (count > 0 ? count * 1024 : count);
  const read = (text: string) => toBytes(decodeLong(text));
  return row({ ...options, unit }, toBytes(options.fallbackKb), String(options.fallbackKb), read);
}

export function decimal(options: Common<number> & { readonly fallback: number }): Setting<number> {
  return row(options, options.fallback, String(options.fallback), parseDouble);
}

export function text(options: Common<string> & { readonly fallback: string }): Setting<string> {
  return row(options, options.fallback, options.fallback, (value) => value);
}

export function optionalText(options: Common<string | undefined>): Setting<string | undefined> {
  return row<string | undefined>(options, undefined, undefined, (value) => value);
}

/** `true` or `false` in any case; what else is written is false (or ends the start where the row is strict). */
export function flag(options: Common<boolean> & { readonly fallback: boolean }): Setting<boolean> {
  const read = (value: string) => parseFlag(options.name, value);
  return row(options, options.fallback, String(options.fallback), read);
}

/** On unless the one word that turns it off is written (`forceSync=no`), or off unless the one that turns it on. */
export function word(
  options: Common<boolean> & {
    readonly on?: string;
    readonly off?: string;
    readonly shown: string;
  },
): Setting<boolean> {
  const fallback = options.on === undefined;
  const read = (value: string) => (fallback ? value !== options.off : value === options.on);
  return row(options, fallback, options.shown, read);
}

/** One of a few words, in any case. */
export function choice<Value extends string>(
  options: Common<Value> & { readonly fallback: Value; readonly values: readonly Value[] },
): Setting<Value> {
  const read = (value: string): Value => {
    const found = options.values.find((one) => one.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    const wanted = options.values.map((one) => JSON.stringify(one)).join(", ");
    const message = `Unrecognised ${options.name.toLowerCase()}: ${value}`;
    throw new InvalidValue(message, `must be one of ${wanted}`, { whole: true });
  };
  return row(options, options.fallback, options.fallback, read);
}

/** Words between commas; blanks around them and empty ones are dropped. */
export function list(
  options: Common<readonly string[]> & { readonly fallback?: readonly string[] },
): Setting<readonly string[]> {
  const fallback = options.fallback ?? [];
  const shown = fallback.length > 0 ? fallback.join(",") : undefined;
  return row(options, fallback, shown, splitList);
}

/** A row with its own reader. */
export function custom<T>(
  options: Common<T> & {
    readonly fallback: T;
    readonly shown: string | undefined;
    readonly read: (value: string) => T;
  },
): Setting<T> {
  return row(options, options.fallback, options.shown, options.read);
}

// ------------------------------------------------------------------------------------------------------ Java's readers

const INT_WANTED = "must be an integer from -2147483648 to 2147483647";
const LONG_WANTED = "must be an integer";

function numberFormat(value: string, wanted: string): InvalidValue {
  return new InvalidValue(`For input string: "${value}"`, wanted);
}

/** Java's Integer.parseInt. */
export function parseInt32(value: string): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= -2147483648 && number <= 2147483647)) throw numberFormat(value, INT_WANTED);
  return number;
}

/** Java's Long.parseLong, for values that a double holds exactly. */
export function parseLong(value: string): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw numberFormat(value, LONG_WANTED);
  return number;
}

/** Java's Integer.decode, which also reads 0x10, #10 and 010. */
function decodeInt32(value: string): number {
  const number = decode(value);
  if (!(number >= -2147483648 && number <= 2147483647)) throw numberFormat(value, INT_WANTED);
  return number;
}

function decodeLong(value: string): number {
  const number = decode(value);
  if (!Number.isSafeInteger(number)) throw numberFormat(value, LONG_WANTED);
  return number;
}

function decode(value: string): number {
  const match = /^([+-]?)(?:(?:0[xX]|#)([0-9a-fA-F]+)|0([0-7]+)|(\d+))$/.exec(value);
  if (match === null) return Number.NaN;
  const [, sign, hexDigits, octalDigits, decimalDigits] = match;
  const magnitude =
    hexDigits !== undefined
      ? Number.parseInt(hexDigits, 16)
      : octalDigits !== undefined
        ? Number.parseInt(octalDigits, 8)
        : Number(decimalDigits);
  return sign === "-" ? -magnitude : magnitude;
}

function parseDouble(value: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?$/.test(value)) {
    throw numberFormat(value, "must be a number");
  }
  return Number.parseFloat(value);
}

function parseFlag(name: string, value: string): boolean {
  const lower = value.toLowerCase();
  if (lower === "true") return true;
  if (lower === "false") return false;
  const message = `Invalid option ${value} for ${name}. Choose 'true' or 'false.'`;
  throw new InvalidValue(message, `must be "true" or "false"`, {
    instead: { value: false },
    whole: true,
  });
}

function splitList(value: string): readonly string[] {
  return value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
