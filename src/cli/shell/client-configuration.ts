// The file of -client-configuration, and -D properties: what of them concerns this client. Java: ZKClientConfig.

import { readFileSync } from "node:fs";
import { parsePropertiesBytes } from "../../config/properties.js";
import type { SessionOptions } from "../client/session-options.js";

const REQUEST_TIMEOUT = "zookeeper.request.timeout";
const NO_WATCH_RESET = "zookeeper.disableAutoWatchReset";
const MAX_BUFFER = "jute.maxbuffer";
const SECURE = "zookeeper.client.secure";

export class ClientConfigurationError extends Error {
  override readonly name = "ClientConfigurationError";
}

/** Throws ClientConfigurationError, whose message is what Java prints of its ConfigException. */
export function readClientConfiguration(file: string): Map<string, string> {
  try {
    const entries = parsePropertiesBytes(readFileSync(file));
    return new Map(entries.map(({ key, value }) => [key, value.trim()]));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const cause = isMissing
      ? `java.lang.IllegalArgumentException: ${file} file is missing`
      : (error as Error).message;
    throw new ClientConfigurationError(
      "org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: " +
        `Error while processing ${file}\nCaused by: ${cause}`,
    );
  }
}

/** Whether servers are to be spoken to by TLS. */
export function isSecure(properties: ReadonlyMap<string, string>): boolean {
  return properties.get(SECURE)?.toLowerCase() === "true";
}

export function sessionOptionsOf(properties: ReadonlyMap<string, string>): SessionOptions {
  const maxFrameBytes = numberOf(properties.get(MAX_BUFFER));
  return {
    requestTimeoutMs: numberOf(properties.get(REQUEST_TIMEOUT)) ?? 0,
    disableAutoWatchReset: properties.get(NO_WATCH_RESET) === "true",
    ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0x[\da-f]+|\d+)$/i.test(text)) return undefined;
  return Number(text);
}
