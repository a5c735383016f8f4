// The server's command line: [-Dkey=value | other JVM option]... (configfile | port datadir [ticktime] [maxcnxns])
//
// zkServer.sh hands over SERVER_JVMFLAGS and JVMFLAGS as they are, so that an installation's environment keeps its meaning:
// -D settings are taken, and what only a JVM understands (-Xmx1g, -XX:+UseG1GC, -verbose:gc) is passed over.

import type { LoadedConfig } from "./config.js";
import { type ConfigDisk, configFromArguments, loadConfig } from "./load.js";

export interface CommandLine {
  readonly properties: ReadonlyMap<string, string>;
  /** The file, or port and directory. */
  readonly operands: readonly string[];
  /** JVM options that mean nothing here. */
  readonly ignored: readonly string[];
}

/** JVM options whose value is the next word. */
const WITH_VALUE = [
  "-cp",
  "-classpath",
  "--class-path",
  "--add-opens",
  "--add-modules",
  "--add-exports",
];

export function parseCommandLine(argv: readonly string[]): CommandLine {
  const properties = new Map<string, string>();
  const operands: string[] = [];
  const ignored: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    if (operands.length > 0 || !word.startsWith("-")) {
      operands.push(word);
    } else if (word.startsWith("-D")) {
      const equals = word.indexOf("=");
      const end = equals < 0 ? word.length : equals;
      properties.set(word.slice(2, end), equals < 0 ? "" : word.slice(equals + 1));
    } else {
      ignored.push(word);
      if (WITH_VALUE.includes(word)) index++;
    }
  }
  return { properties, operands, ignored };
}

/** What Java's QuorumPeerMain makes of its arguments. Throws ConfigError. */
export function configFromCommandLine(disk: ConfigDisk, argv: readonly string[]): LoadedConfig {
  const { properties, operands } = parseCommandLine(argv);
  const [path] = operands;
  if (operands.length === 1 && path !== undefined) return loadConfig({ disk, path, properties });
  return configFromArguments({ disk, operands, properties });
}
