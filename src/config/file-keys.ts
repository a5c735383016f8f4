// What becomes of each key of zoo.cfg: a setting, a member, a property of the metrics provider, or a system property.
// Java: the long chain of QuorumPeerConfig.parseProperties, whose last branch makes every key it does not know the system
// property zookeeper.<key>.

import { ConfigError } from "./config-error.js";
import { isMembershipKey } from "./membership.js";
import { nearestName } from "./nearest.js";
import type { PropertiesEntry } from "./properties.js";
import { METRICS_PREFIX, PROPERTY_PREFIX } from "./read-settings.js";
import { groups, REMOVED_SETTINGS } from "./table.js";

/** System properties of clients: a server that is given them (by one JVMFLAGS for all) has nothing to say about them. */
const CLIENT_PROPERTIES = [
  "clientCnxnSocket",
  "client.secure",
  "disableAutoWatchReset",
  "request.timeout",
  "sasl.client",
  "sasl.client.allowReverseDnsLookup",
  "sasl.client.canonicalize.hostname",
  "sasl.client.username",
  "sasl.clientconfig",
  "server.principal",
  "server.realm",
  "shuffleDnsResponse",
];

interface KnownNames {
  /** Only read from zoo.cfg, by this name. */
  readonly file: ReadonlySet<string>;
  /** Read as a system property (as well). */
  readonly property: ReadonlySet<string>;
}

function knownNames(): KnownNames {
  const file = new Set<string>();
  const property = new Set<string>([...REMOVED_SETTINGS, "superUser"]);
  for (const [, rows] of groups()) {
    for (const { name, place } of Object.values(rows)) {
      if (place === "file metricsProvider") file.add(METRICS_PREFIX + name);
      else if (place.startsWith("file")) file.add(name);
      if (!place.startsWith("file") || place === "fileThenProperty") property.add(name);
    }
  }
  return { file, property };
}

const KNOWN = knownNames();

export interface FileKeys {
  readonly properties: Map<string, string>;
  readonly metricsProviderProperties: Map<string, string>;
}

/** Carries the file's keys into the system properties, and warns of those that nobody will read. */
export function applyFileKeys(
  file: ReadonlyMap<string, PropertiesEntry>,
  given: ReadonlyMap<string, string>,
  warn: (line: string) => void,
): FileKeys {
  const properties = new Map(given);
  const metricsProviderProperties = new Map<string, string>();
  for (const { key, value, line } of file.values()) {
    if (isMembershipKey(key) && file.has("dynamicConfigFile")) {
      throw new ConfigError(
        "config",
        `parameter: ${key} must be in a separate dynamic config file`,
      );
    }
    if (key.startsWith(METRICS_PREFIX) && key !== `${METRICS_PREFIX}className`) {
      metricsProviderProperties.set(key.slice(METRICS_PREFIX.length), value);
    }
    if (KNOWN.file.has(key)) continue;
    const name = key.startsWith(PROPERTY_PREFIX) ? key.slice(PROPERTY_PREFIX.length) : key;
    if (!key.startsWith(METRICS_PREFIX)) properties.set(PROPERTY_PREFIX + name, value);
    if (!isKnownProperty(name)) warn(unknownKey(key, line));
  }
  warnOfProperties(given, warn);
  return { properties, metricsProviderProperties };
}

function isKnownProperty(name: string): boolean {
  return (
    KNOWN.property.has(name) ||
    isMembershipKey(name) ||
    name === "version" ||
    name.startsWith("superUser.") ||
    name.startsWith("authProvider.") ||
    CLIENT_PROPERTIES.includes(name)
  );
}

function unknownKey(key: string, line: number): string {
  const becomes = key.startsWith(METRICS_PREFIX)
    ? "left to the metrics provider"
    : `set as system property "${key.startsWith(PROPERTY_PREFIX) ? "" : PROPERTY_PREFIX}${key}"`;
  const nearest = nearestName(key, [...KNOWN.file, ...KNOWN.property]);
  const question = nearest === undefined ? "" : `: did you mean "${nearest}"?`;
  return `line ${line}: unknown key "${key}", ${becomes}${question}`;
}

/** -D given for what is only read from the file, or nearly spelled as something known. */
function warnOfProperties(given: ReadonlyMap<string, string>, warn: (line: string) => void): void {
  for (const property of given.keys()) {
    if (!property.startsWith(PROPERTY_PREFIX)) continue;
    const name = property.slice(PROPERTY_PREFIX.length);
    if (isKnownProperty(name)) continue;
    if (KNOWN.file.has(name)) {
      warn(`-D${property} has no effect: ${name} is only read from the configuration file`);
      continue;
    }
    const nearest = nearestName(name, KNOWN.property);
    if (nearest !== undefined) {
      warn(`-D${property} is unknown: did you mean "-D${PROPERTY_PREFIX}${nearest}"?`);
    }
  }
}
