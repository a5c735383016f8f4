import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { CliError } from "../../src/cli/shell/cli-error.js";
import { decodeBase64 } from "../../src/cli/shell/java-base64.js";
import { LineHistory } from "../../src/cli/shell/line-editing.js";
import {
  flag,
  type OptionTable,
  optionLines,
  parseOptions,
  valued,
} from "../../src/cli/shell/option-parser.js";
import { parseLaunchOptions, splitWords } from "../../src/cli/shell/words.js";

const GOLDEN = fileURLToPath(new URL("../../../test/golden/cli/lines.txt", import.meta.url));
const SEPARATOR = "\u001f";

const TABLES: Readonly<Record<string, OptionTable>> = {
  plain: {
    options: [
      flag("s", "stat"),
      flag("w", "watch"),
      valued("v", "version"),
      valued("file", "path"),
    ],
  },
  group: {
    options: [flag("n", "num soft quota"), flag("b", "bytes soft quota")],
    group: "optional",
  },
  required: {
    options: [valued("n", "num soft quota"), valued("b", "bytes soft quota")],
    group: "required",
  },
};

function cases(kind: string): string[][] {
  const lines = readFileSync(GOLDEN, "utf8").split("\n");
  return lines
    .filter((line) => line.startsWith(`${kind}\t`))
    .map((line) => line.split("\t").slice(1));
}

function parsed(table: OptionTable, words: readonly string[]): string[] {
  try {
    const { args, has, value } = parseOptions(table, words);
    const values = table.options
      .map((option) => option.flag)
      .filter(has)
      .map((name) => `${name}=${value(name) ?? null}`);
    return ["ok", args.join(SEPARATOR), ...values.sort()];
  } catch (error) {
    assert(error instanceof CliError);
    return ["error", error.message];
  }
}

function decoded(text: string): string {
  try {
    return `ok ${decodeBase64(text).toString("hex")}`;
  } catch (error) {
    assert(error instanceof CliError);
    return error.message.replace(/^.*IllegalArgumentException: /, "");
  }
}

describe("What is typed", () => {
  it("has the flags that Java's commons-cli finds in it", () => {
    for (const [table, words, kind, text, ...values] of cases("options")) {
      const want = [kind, text, ...values.sort()];
      assert.deepEqual(parsed(TABLES[table!]!, words!.split(SEPARATOR)), want, words);
    }
  });

  it("has the words that Java's zkCli makes of it", () => {
    for (const [count, line, words] of cases("words")) {
      const want = count === "0" ? [] : words!.split(SEPARATOR);
      assert.deepEqual(splitWords(line!), want, JSON.stringify(line));
    }
  });

  it("calls earlier lines back as JLine does, and loses its backslashes", () => {
    for (const [earlier, line, result] of cases("expansion")) {
      const history = new LineHistory();
      for (const one of earlier === "" ? [] : earlier!.split(SEPARATOR)) history.add(one);
      const want = result!.replace(/\\(.?)/g, "$1");
      assert.equal(history.edit(line!), want, `${earlier} / ${line}`);
    }
  });

  it("is base64 where Java says so", () => {
    for (const [text, result] of cases("base64")) assert.equal(decoded(text!), result, text);
  });

  it("keeps whatever stands in quotes together, whatever it is", () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !/["'\s\0]/.test(text));
    const quoted = fc.string().filter((text) => !/["\n\r\u2028\u2029]/.test(text));
    fc.assert(
      fc.property(word, quoted, word, (before, inside, after) => {
        assert.deepEqual(splitWords(`${before} "${inside}" ${after}`), [before, inside, after]);
      }),
    );
  });

  it("is never lost: what is neither a flag nor its value is a word", () => {
    const word = fc.constantFrom("/a", "b", "-s", "-w", "x y", "", "5");
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const { args } = parseOptions(TABLES.plain!, words);
        assert.deepEqual(
          args,
          words.filter((one) => one !== "-s" && one !== "-w"),
        );
      }),
    );
  });
});

describe("The arguments of zkCli", () => {
  const parse = (...argv: string[]) => {
    const complaints: string[] = [];
    return { ...parseLaunchOptions(argv, (line) => complaints.push(line)), complaints };
  };

  it("have defaults", () => {
    assert.deepEqual(parse(), {
      server: "localhost:2181",
      timeout: "30000",
      readOnly: false,
      waitForConnection: false,
      clientConfiguration: undefined,
      command: undefined,
      complaints: [],
    });
  });

  it("end where the command begins: its flags are its own", () => {
    const { server, command, readOnly } = parse(
      "-server",
      "h:1/app",
      "-r",
      "ls",
      "-s",
      "-server",
      "x",
    );
    assert.deepEqual([server, readOnly, command], ["h:1/app", true, ["ls", "-s", "-server", "x"]]);
  });

  it("may lack one that an option needs, which is complained of", () => {
    const { complaints, server } = parse("-r", "-server");
    assert.deepEqual(complaints, ["Error: no argument found for option -server"]);
    assert.equal(server, "localhost:2181");
  });

  it("may have options that nobody knows", () => {
    assert.deepEqual(parse("-nonsense", "ls").command, ["ls"]);
  });
});

describe("The options of a command", () => {
  it("are listed by name, in columns", () => {
    assert.deepEqual(optionLines({ options: [valued("v", "Version"), flag("b", "Base")] }), [
      " -b         Base",
      " -v <arg>   Version",
    ]);
  });
});
