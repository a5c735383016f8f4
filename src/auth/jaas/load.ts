// Finds and reads the JAAS file. Java: sun.security.provider.ConfigFile.
//
// It is the one that -Djava.security.auth.login.config names (with `=` before it: this one alone, which it is anyway; or as
// a file: URL), or ~/.java.login.config. No file at all is an empty one; one that was named and is not there is an error.

import type { Disk } from "../../platform/platform.js";
import { type JaasConfiguration, JaasError, parseJaas } from "./jaas.js";

export interface JaasSource {
  readonly disk: Pick<Disk, "readFile" | "stat">;
  /** java.security.auth.login.config */
  readonly file: string | undefined;
  /** What values may refer to. */
  readonly properties: ReadonlyMap<string, string>;
  readonly userHome: string;
}

/** Throws JaasError. */
export function loadJaas({ disk, file, properties, userHome }: JaasSource): JaasConfiguration {
  const path = file === undefined ? `${userHome}/.java.login.config` : pathOf(file);
  if (disk.stat(path) === undefined) {
    if (file === undefined) return new Map();
    throw new JaasError(`${path} (No such file or directory)`);
  }
  return parseJaas(disk.readFile(path).toString("utf8"), properties);
}

function pathOf(named: string): string {
  const place = named.startsWith("=") ? named.slice(1) : named;
  const url = /^file:(?:\/\/[^/]*)?(\/.*)$/.exec(place);
  return url === null ? place : decodeURIComponent(url[1]!);
}
