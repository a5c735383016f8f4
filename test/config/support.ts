// A disk of a few texts, for configuration that has to be read from somewhere.

import type { ConfigDisk } from "../../src/config/load.js";
import { DiskError } from "../../src/platform/platform.js";

/** Contents by path. A path that ends in "/" is a directory, one whose content is an Error cannot be read. */
export function diskOf(files: Readonly<Record<string, string | Buffer | DiskError>>): ConfigDisk {
  return {
    stat(path) {
      if (`${path}/` in files) return { kind: "directory", sizeBytes: 0, modifiedMs: 0 };
      const content = files[path];
      if (content === undefined) return undefined;
      return { kind: "file", sizeBytes: 1, modifiedMs: 0 };
    },
    readFile(path) {
      if (`${path}/` in files) throw new DiskError("EISDIR", path, "EISDIR");
      const content = files[path];
      if (content === undefined) throw new DiskError("ENOENT", path, "ENOENT");
      if (content instanceof DiskError) throw content;
      return Buffer.from(content as string);
    },
  };
}
