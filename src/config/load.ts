// The configuration file becomes a Config, or a ConfigError in Java's words. Java: QuorumPeerConfig.parse, ServerConfig.parse.
//
// The order is Java's, because it decides which of several faults is reported and which warnings come first:
//   1. read zoo.cfg; its unknown keys become system properties       (file-keys.ts)
//   2. every setting gets its value                                  (read-settings.ts)
//   3. checks across settings, dependent defaults                    (derive.ts)
//   4. members, from zoo.cfg or from the dynamic file, and myid      (membership.ts)
//   5. our own place among them                                      (derive.ts)
//
// Whatever goes wrong while a file is read is "Error processing <file>: <cause>"; Java prints the cause as an exception below.

import { type Disk, DiskError, type FileStat } from "../platform/platform.js";
import type { Sid } from "../wire/ids.js";
import { type Config, deepFreeze, type LoadedConfig, type LogLine } from "./config.js";
import { ConfigError } from "./config-error.js";
import {
  checkMembers,
  deriveGroups,
  derivePlace,
  type Say,
  SERVER_USAGE,
  warnOfRelativePath,
} from "./derive.js";
import { applyFileKeys } from "./file-keys.js";
import {
  isMembershipKey,
  type Membership,
  NO_MEMBERS,
  parseMembership,
  versionOfFileName,
} from "./membership.js";
import {
  MalformedProperties,
  type PropertiesEntry,
  parsePropertiesBytes,
  propertiesMap,
} from "./properties.js";
import { readSettings } from "./read-settings.js";
import { InvalidValue, parseInt32 } from "./setting.js";

export type ConfigDisk = Pick<Disk, "readFile" | "stat">;

export interface LoadOptions {
  readonly disk: ConfigDisk;
  /** The configuration file, as it was named on the command line. */
  readonly path: string;
  /** -D properties. */
  readonly properties?: ReadonlyMap<string, string>;
}

const X509_PROPERTY = "zookeeper.authProvider.x509";

type PropertiesFile = ReadonlyMap<string, PropertiesEntry>;

/** Reads the configuration file and all that belongs to it. Throws ConfigError. */
export function loadConfig({ disk, path, properties = new Map() }: LoadOptions): LoadedConfig {
  const log: LogLine[] = [];
  const say: Say = (level, text) => log.push({ level, text });
  say("info", `Reading configuration from: ${path}`);
  const { bytes, file } = processing(path, () => {
    warnOfRelativePath(path, say);
    if (!exists(disk, path)) throw new InvalidValue(`${path} file is missing`, "");
    const content = disk.readFile(path);
    return { bytes: content, file: propertiesMap(parsePropertiesBytes(content)) };
  });
  const config = processing(path, () =>
    build({ disk, path, file, text: bytes.toString("utf8"), properties, say }),
  );
  return finish(config, log);
}

export interface ArgumentsOptions {
  readonly disk: ConfigDisk;
  /** port datadir [ticktime] [maxcnxns] */
  readonly operands: readonly string[];
  readonly properties?: ReadonlyMap<string, string>;
}

/** A standalone server without a file, as Java's ZooKeeperServerMain takes it. Throws ConfigError. */
export function configFromArguments(options: ArgumentsOptions): LoadedConfig {
  const { disk, operands, properties = new Map() } = options;
  const log: LogLine[] = [];
  const say: Say = (level, text) => log.push({ level, text });
  if (operands.length < 2 || operands.length > 4) {
    const message = `Invalid number of arguments:[${operands.join(", ")}]`;
    throw new ConfigError("arguments", message, SERVER_USAGE);
  }
  const [port, dataDir, tickTime, maxCnxns] = operands as [string, string, string?, string?];
  const keys = { clientPort: port, dataDir, tickTime, maxClientCnxns: maxCnxns ?? "0" };
  const file = new Map<string, PropertiesEntry>();
  for (const [key, value] of Object.entries(keys)) {
    if (value !== undefined) file.set(key, { key, value, line: 0 });
  }
  try {
    for (const number of [port, tickTime, maxCnxns]) if (number !== undefined) parseInt32(number);
    return finish(build({ disk, path: undefined, file, text: "", properties, say }), log);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new ConfigError("arguments", error.message, SERVER_USAGE);
  }
}

interface BuildOptions {
  readonly disk: ConfigDisk;
  readonly path: string | undefined;
  readonly file: PropertiesFile;
  readonly text: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly say: Say;
}

function build({ disk, path, file, text, properties, say }: BuildOptions): Config {
  const warn = (line: string) => say("warn", line);
  const keys = applyFileKeys(file, properties, warn);
  const settings = readSettings({ file, properties: keys.properties, warn });
  const groups = deriveGroups(settings, keys.properties, say);
  if (settings.client.secureClientPort !== undefined && !keys.properties.has(X509_PROPERTY)) {
    // Java adds the provider that TLS clients need; an operator sees it among the system properties.
    keys.properties.set(
      X509_PROPERTY,
      "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    );
  }
  const options = {
    multiAddressEnabled: settings.quorum.multiAddressEnabled,
    oraclePath: settings.quorum.oraclePath,
  };
  const { dynamicConfigFile } = settings.quorum;
  const read = (name: string, entries: PropertiesFile) =>
    processing(name, () => parseMembership(entries.values(), options));
  const membership =
    path === undefined
      ? NO_MEMBERS
      : dynamicConfigFile === undefined
        ? read(path, file)
        : read(dynamicConfigFile, readDynamicFile(disk, dynamicConfigFile));
  return processing(dynamicConfigFile ?? path, () => {
    checkMembers(membership, groups, say);
    const myid = path === undefined ? undefined : readMyid(disk, groups.storage.dataDir);
    const place = derivePlace(groups, membership, myid, say);
    return {
      ...groups,
      client: place.client,
      quorum: { ...groups.quorum, peerType: place.peerType },
      configFile: path,
      configText: text,
      myid,
      distributed: place.distributed,
      membership,
      nextMembership:
        dynamicConfigFile === undefined
          ? undefined
          : readNextMembership(disk, `${path}.dynamic.next`, read, say),
      properties: keys.properties,
      metricsProviderProperties: keys.metricsProviderProperties,
    };
  });
}

function readDynamicFile(disk: ConfigDisk, path: string): PropertiesFile {
  return processing(path, () => {
    const file = propertiesMap(parsePropertiesBytes(disk.readFile(path)));
    if (file.has("version")) {
      throw new ConfigError("config", "dynamic file shouldn't have version inside");
    }
    for (const key of file.keys()) {
      if (!isMembershipKey(key)) throw new ConfigError("config", `Unrecognised parameter: ${key}`);
    }
    const version = versionOfFileName(path);
    if (version !== undefined) file.set("version", { key: "version", value: version, line: 0 });
    return file;
  });
}

function readNextMembership(
  disk: ConfigDisk,
  path: string,
  read: (name: string, entries: PropertiesFile) => Membership,
  say: Say,
): Membership | undefined {
  if (!exists(disk, path)) return undefined;
  try {
    return read(path, propertiesMap(parsePropertiesBytes(disk.readFile(path))));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    say("warn", "NextQuorumVerifier is initiated to null");
    return undefined;
  }
}

/** The first line of dataDir/myid, which must be a number to the last blank. */
function readMyid(disk: ConfigDisk, dataDir: string): Sid | undefined {
  const path = `${dataDir}/myid`;
  if (!exists(disk, path, "file")) return undefined;
  const content = disk.readFile(path).toString("utf8");
  const line = content === "" ? "null" : (content.split(/\r\n|\r|\n/, 1)[0] as string);
  const sid = /^[+-]?\d+$/.test(line) ? Number(line) : Number.NaN;
  if (!Number.isSafeInteger(sid)) throw new InvalidValue(`serverid ${line} is not a number`, "");
  return sid as Sid;
}

/** Java's File.exists and isFile: what may not be looked at is not there. */
function exists(disk: ConfigDisk, path: string, kind?: FileStat["kind"]): boolean {
  try {
    const found = disk.stat(path);
    return found !== undefined && (kind === undefined || found.kind === kind);
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
}

/** Runs one step of reading `path`; what an operator wrote wrongly becomes the error that Java makes of it. */
function processing<T>(path: string | undefined, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (path === undefined) throw error;
    if (error instanceof InvalidValue && error.whole)
      throw new ConfigError("config", error.message);
    if (error instanceof InvalidValue || error instanceof MalformedProperties) {
      throw new ConfigError("config", `Error processing ${path}: ${error.message}`);
    }
    if (error instanceof DiskError) {
      throw new ConfigError("config", `Error processing ${path}: ${javaDiskMessage(error)}`);
    }
    throw error;
  }
}

/** As Java's FileNotFoundException says it, which is what operators search for. */
function javaDiskMessage({ code, path, message }: DiskError): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "No such file or directory",
    EACCES: "Permission denied",
    EISDIR: "Is a directory",
    ENOTDIR: "Not a directory",
  };
  const reason = reasons[code];
  return reason === undefined ? message : `${path} (${reason})`;
}

function finish(config: Config, log: readonly LogLine[]): LoadedConfig {
  const warnings = log.filter(({ level }) => level !== "info").map(({ text }) => text);
  return { config: deepFreeze(config), warnings, log };
}
