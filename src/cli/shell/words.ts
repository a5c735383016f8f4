// A line to its words, and the arguments of the program. Java: ZooKeeperMain.MyCommandOptions.

const WORDS = /[ \t\n\v\f\r]*([^"'][^ \t\n\v\f\r]*|"[^"]*"|'[^']*')[ \t\n\v\f\r]*/g;
const QUOTED = /^(["'])(.*)\1$/s;

/**
 * Quotes hold a word together only when they begin it. A quote that is not closed is passed over, and a line of blanks is
 * a word that is a blank: what zkCli makes of them is what people see.
 */
export function splitWords(line: string): string[] {
  return Array.from(line.matchAll(WORDS), (match) => {
    const word = match[1]!;
    return QUOTED.test(word) ? word.slice(1, -1) : word;
  });
}

export interface LaunchOptions {
  readonly server: string;
  readonly timeout: string;
  readonly readOnly: boolean;
  readonly waitForConnection: boolean;
  readonly clientConfiguration: string | undefined;
  /** Undefined: an interactive session, or lines from a pipe. */
  readonly command: readonly string[] | undefined;
}

/** Options that nobody knows are passed over. `complain` gets a line for one that lacks its argument. */
export function parseLaunchOptions(
  argv: readonly string[],
  complain: (line: string) => void,
): LaunchOptions {
  const values = new Map([
    ["-server", "localhost:2181"],
    ["-timeout", "30000"],
  ]);
  let command: readonly string[] | undefined;
  for (let i = 0; i < argv.length; i++) {
    const option = argv[i]!;
    if (option === "-server" || option === "-timeout" || option === "-client-configuration") {
      const value = argv[++i];
      if (value === undefined) complain(`Error: no argument found for option ${option}`);
      else values.set(option, value);
    } else if (option === "-r" || option === "-waitforconnection") {
      values.set(option, "true");
    } else if (!option.startsWith("-")) {
      command = argv.slice(i);
      break;
    }
  }
  return {
    server: values.get("-server")!,
    timeout: values.get("-timeout")!,
    readOnly: values.has("-r"),
    waitForConnection: values.has("-waitforconnection"),
    clientConfiguration: values.get("-client-configuration"),
    command,
  };
}
