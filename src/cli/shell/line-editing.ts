// What happens to a line between the keyboard and zkCli. Java: JLine's DefaultExpander and LineReaderImpl.finish.
//
// Earlier lines can be called back (`!!`, `!3`, `!-2`, `!get`, `!?word?`, `!$`, `^old^new`), outside of single quotes; a
// line for which nothing is found stays as it is. After that a backslash is taken off, and what follows it stays.

/** The lines that can be called back, without repetitions; the first has number 1. */
export class LineHistory {
  readonly #lines: string[] = [];

  add(line: string): void {
    const text = line.trim();
    if (line === "" || line.startsWith(" ") || text === this.#lines.at(-1)) return;
    this.#lines.push(text);
  }

  /** The line as zkCli gets it. Enters it (as it was typed, but for the call-backs). */
  edit(typed: string): string {
    const line = this.#expanded(typed);
    this.add(line);
    return unescaped(line);
  }

  #expanded(line: string): string {
    const replaced = line.startsWith("^") ? this.#replaced(line) : undefined;
    let result = replaced?.text ?? "";
    let isQuoted = false;
    for (let i = replaced?.end ?? 0; i < line.length; i++) {
      const char = line[i]!;
      if (char === "\\" && !isQuoted) {
        const escaped = escapedLength(line, i + 1);
        result += line.slice(i, i + 1 + escaped);
        i += escaped;
      } else if (char !== "!" || isQuoted || i + 1 === line.length) {
        if (char === "'") isQuoted = !isQuoted;
        result += char;
      } else {
        const event = this.#event(line, i + 1, result);
        if (event === undefined) return line;
        result += event.text;
        i = event.end - 1;
      }
    }
    return result;
  }

  /** What stands for the event that is named from `at` on, and where the name ends. Undefined: there is no such event. */
  #event(line: string, at: number, before: string): { text: string; end: number } | undefined {
    const lines = this.#lines;
    const found = (text: string | undefined, end: number) =>
      text === undefined ? undefined : { text, end };
    const rest = line.slice(at);
    const number = /^(-?)(\d+)/.exec(rest);
    if (number !== null) {
      const n = Number(number[2]);
      const index = number[1] === "-" ? lines.length - n : n - 1;
      // JLine goes one too far here: what follows the number is lost.
      return found(n > 0 ? lines[index] : undefined, at + number[0].length + 1);
    }
    switch (line[at]) {
      case "!":
        return found(lines.at(-1), at + 1);
      case "#":
        return { text: before, end: at + 1 };
      case "$":
        return found(lines.at(-1)?.split(" ").at(-1), at + 1);
      case " ":
      case "\t":
        return { text: `!${line[at]}`, end: at + 1 };
      case "?": {
        const close = line.indexOf("?", at + 1);
        const end = close < 0 ? line.length : close;
        const word = line.slice(at + 1, end);
        return found(
          lines.findLast((one) => one.includes(word)),
          end + 1,
        );
      }
      default:
        return found(
          lines.findLast((one) => one.startsWith(rest)),
          line.length,
        );
    }
  }

  /** `^old^new^`: the last line with one for the other. JLine loses the character behind it. */
  #replaced(line: string): { text: string; end: number } | undefined {
    const middle = line.indexOf("^", 1);
    const last = this.#lines.at(-1);
    if (middle < 0 || last === undefined) return undefined;
    const close = line.indexOf("^", middle + 1);
    const end = close < 0 ? line.length : close;
    const text = last.replaceAll(line.slice(1, middle), () => line.slice(middle + 1, end));
    return { text, end: end + 2 };
  }
}

/** What a backslash protects: a character, or what JLine takes for a Unicode escape (it counts one too many). */
function escapedLength(line: string, at: number): number {
  let length = 0;
  while (line[at + length] === "u") length += 5;
  return length + 1;
}

function unescaped(line: string): string {
  return line.replace(/\\(.?)/gs, "$1");
}
