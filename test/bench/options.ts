// What the benches are told. What is wrong with it is said in a line or two, before anything is measured.

import { accessSync, constants, statSync } from "node:fs";

/** The options as `parse` reads them; with an unknown one, or --help, how the bench is used. */
export function optionsOf<T>(usage: string, parse: () => T): T {
  if (process.argv.includes("--help")) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  try {
    return parse();
  } catch (error) {
    refuse(`${(error as Error).message}\n${usage}`);
  }
}

export function refuse(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

/** A number of things. */
export function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) refuse(`--${name} is "${text}": want 1 or more`);
  return count;
}

export function secondsOf(name: string, text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && Number.isFinite(seconds))) {
    refuse(`--${name} is "${text}": want a number of seconds above 0`);
  }
  return seconds;
}

export function oneOf(name: string, text: string, known: readonly string[]): string {
  if (!known.includes(text)) refuse(`--${name} has "${text}": want one of ${known.join(", ")}`);
  return text;
}

/** A load generator: a program, or its C source. */
export function generatorOf(path: string | undefined): string {
  if (path === undefined)
    refuse("--zkload is not given: the path of the load generator, or of its C source");
  try {
    if (!statSync(path).isFile()) refuse(`--zkload is "${path}", which is no file`);
    accessSync(path, path.endsWith(".c") ? constants.R_OK : constants.X_OK);
  } catch (error) {
    refuse(`--zkload is "${path}", which cannot be used: ${(error as Error).message}`);
  }
  return path;
}
