// From keys and system properties to the value of every row of the table.

import type { PropertiesEntry } from "./properties.js";
import { InvalidValue, type Setting } from "./setting.js";
import { type Groups, groups } from "./table.js";

/** What the operator wrote. */
export interface Sources {
  /** zoo.cfg, by key; empty when there is no file. */
  readonly file: ReadonlyMap<string, PropertiesEntry>;
  /** System properties, after the file has added its own. */
  readonly properties: ReadonlyMap<string, string>;
  readonly warn: (line: string) => void;
}

export const METRICS_PREFIX = "metricsProvider.";
export const PROPERTY_PREFIX = "zookeeper.";

export function readSettings(sources: Sources): Groups {
  const result: Record<string, Record<string, unknown>> = {};
  for (const [groupName, rows] of groups()) {
    const values: Record<string, unknown> = {};
    for (const [field, setting] of Object.entries(rows)) {
      values[field] = readSetting(setting, sources);
    }
    result[groupName] = values;
  }
  return result as unknown as Groups;
}

interface Found {
  readonly text: string;
  /** How the operator knows it: line 3: tickTime, or -Dzookeeper.snapCount. */
  readonly origin: string;
}

function readSetting<T>(setting: Setting<T>, sources: Sources): T {
  const found = find(setting, sources);
  if (found === undefined) return setting.fallback;
  try {
    return setting.read(found.text, sources.warn);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const place = `${found.origin} ${error.wanted}: current value is "${found.text}"`;
    if (setting.strict || error.wanted === "") {
      throw new InvalidValue(`${error.message} (${place})`, error.wanted, { whole: error.whole });
    }
    const value = error.instead === undefined ? setting.fallback : (error.instead.value as T);
    sources.warn(`${place}; going on with "${value === undefined ? "" : String(value)}"`);
    return value;
  }
}

function find(setting: Setting<unknown>, sources: Sources): Found | undefined {
  const { name, place } = setting;
  const prefixed = PROPERTY_PREFIX + name;
  switch (place) {
    case "file":
      return fromFile(name, sources);
    case "file metricsProvider":
      return fromFile(METRICS_PREFIX + name, sources);
    case "fileThenProperty":
      return fromFile(name, sources) ?? fromProperty(prefixed, sources);
    case "property":
      return fromProperty(prefixed, sources);
    case "propertyThenBare":
      return fromProperty(prefixed, sources) ?? fromProperty(name, sources);
    case "bare": {
      const bare = fromProperty(name, sources);
      const other = fromProperty(prefixed, sources);
      if (bare !== undefined && other !== undefined && bare.text !== other.text) {
        sources.warn(
          `${other.origin} is "${other.text}" and ${bare.origin} is "${bare.text}": the latter counts, as in ZooKeeper`,
        );
      }
      return bare ?? other;
    }
  }
}

function fromFile(key: string, sources: Sources): Found | undefined {
  const entry = sources.file.get(key);
  if (entry === undefined) return undefined;
  return { text: entry.value, origin: `line ${entry.line}: ${key}` };
}

/** The origin of a property is its line in the file if it came from there: zookeeper.name, or name. */
function fromProperty(property: string, sources: Sources): Found | undefined {
  const text = sources.properties.get(property)?.trim();
  if (text === undefined) return undefined;
  const fileEntry = property.startsWith(PROPERTY_PREFIX)
    ? (sources.file.get(property) ?? sources.file.get(property.slice(PROPERTY_PREFIX.length)))
    : undefined;
  const origin =
    fileEntry === undefined ? `-D${property}` : `line ${fileEntry.line}: ${fileEntry.key}`;
  return { text, origin };
}
