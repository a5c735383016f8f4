import { parseProperties } from "../../config/properties.js";
import { parseServerSpec, type ServerSpec } from "../../config/server-spec.js";
import type { Sid } from "../../wire/ids.js";
import { flag } from "../shell/option-parser.js";
import type { Command } from "./command.js";
import { printStat } from "./stat-text.js";

export const config: Command = {
  name: "config",
  usage: "[-c] [-w] [-s]",
  options: {
    options: [flag("s", "stats"), flag("w", "watch"), flag("c", "client connection string")],
  },
  async run(context, parsed) {
    const { data, stat } = await context.zk.getConfig(parsed.has("w"));
    const text = data?.toString("utf8") ?? "null";
    context.out(parsed.has("c") ? clientConnectionText(text) : text);
    if (parsed.has("s")) printStat(context, stat);
  },
};

/** The version, and where clients connect to. Java: ConfigUtils.getClientConfigStr. */
function clientConnectionText(text: string): string {
  const properties = new Map(parseProperties(text).map(({ key, value }) => [key, value.trim()]));
  const places: string[] = [];
  for (const key of inJavasOrder([...properties.keys()])) {
    const spec = key.startsWith("server.") ? specOf(properties.get(key)!) : undefined;
    // A server without a client's address leaves its comma behind.
    if (spec !== undefined) places.push(clientOf(spec));
  }
  return `${properties.get("version") ?? ""} ${places.join(",")}`;
}

function clientOf({ client }: ServerSpec): string {
  return client === undefined ? "" : `${client.host}:${client.port}`;
}

function specOf(value: string): ServerSpec | undefined {
  try {
    return parseServerSpec(-1 as Sid, value, true);
  } catch {
    return undefined;
  }
}

/** Java's Properties give their keys in the order of a hash table (ConcurrentHashMap), and scripts see that order. */
function inJavasOrder(keys: readonly string[]): string[] {
  let size = 16;
  while (keys.length >= size * 0.75) size *= 2;
  const slot = (key: string): number => {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
    return (hash ^ (hash >>> 16)) & (size - 1);
  };
  return [...keys].sort((a, b) => slot(a) - slot(b));
}
