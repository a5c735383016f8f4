// Where the real peers are, and what happens to a test whose peer is missing.
//
// test/compat/install-peers.sh puts them there. A test that needs a peer says which: without it the test is skipped by
// name, so that the summary shows what was not proven; with CI=true it fails, because there everything has to be proven.

import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

/** dist/test/compat → the repository. */
export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
export const PEERS = process.env.ZOOID_PEERS ?? join(homedir(), ".cache/zooid-peers");

/** The servers that can be started. */
export type ServerKind = "java38" | "java39" | "zooid";
export type PeerName =
  | ServerKind
  | "kazoo"
  | "npm-zookeeper"
  | "javac"
  | "cc"
  | "root"
  | "openssl"
  | "keytool"
  | "script"
  | "chromium"
  | "prometheus"
  | "java39-prometheus"
  | "kdc"
  | "python-gssapi"
  | "python-kerberos";

const DEBIAN_JARS = "/usr/share/java";
const DEBIAN_NAMES =
  "zookeeper zookeeper-jute slf4j-api slf4j-simple netty-all netty-buffer netty-codec netty-common " +
  "netty-handler netty-resolver netty-transport netty-transport-native-unix-common netty-transport-native-epoll " +
  "snappy-java metrics-core jetty9-server jetty9-servlet " +
  "jetty9-util jetty9-util-ajax jetty9-http jetty9-io jetty9-security commons-cli commons-io jackson-core " +
  "jackson-databind jackson-annotations servlet-api jline2 jline";

const JAVA39_PROMETHEUS = join(PEERS, "java39-prometheus");

function jarsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".jar"));
  return names.map((name) => join(folder, name));
}

/** The class path of a Java ZooKeeper; empty when it is not installed. */
export function classPath(kind: "java38" | "java39"): string {
  if (kind === "java38") {
    const jars = DEBIAN_NAMES.split(" ").map((name) => join(DEBIAN_JARS, `${name}.jar`));
    return existsSync(jars[0]!) && existsSync(jars[3]!) ? jars.filter(existsSync).join(":") : "";
  }
  const home = join(PEERS, "java39");
  if (!existsSync(home)) return "";
  return [home, ...jarsIn(home), ...jarsIn(JAVA39_PROMETHEUS)].join(":");
}

export const KAZOO_PYTHON = join(PEERS, "kazoo/venv/bin/python");
/** What kazoo needs for SASL, as PYTHONPATH: its own suite runs without. */
export const KAZOO_SASL = join(PEERS, "kazoo/sasl");
/** Debian's, which has Kerberos' modules. */
export const SYSTEM_PYTHON = "/usr/bin/python3";
const PYTHON_PACKAGES = "/usr/lib/python3/dist-packages";
/** Where Debian has what administrators start. */
export const SYSTEM_PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
export const NPM_ZOOKEEPER = join(PEERS, "npm/node_modules/zookeeper");
export const ZOOID_MAIN = process.env.ZOOID_MAIN ?? zooidMain();

/** What zkServer.sh starts: the server in one file, in a third of the time, where nothing has been compiled since it was made. */
function zooidMain(): string {
  const made = (name: string) =>
    statSync(join(REPOSITORY, "dist", name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isNewest = made("zooid.js") > made("src.tsbuildinfo");
  return join(REPOSITORY, "dist", isNewest ? "zooid.js" : "src/main.js");
}

function onPath(program: string, path = process.env.PATH ?? ""): boolean {
  return path.split(":").some((folder) => existsSync(join(folder, program)));
}

function hasPythonModule(name: string): boolean {
  if (!existsSync(SYSTEM_PYTHON) || !existsSync(PYTHON_PACKAGES)) return false;
  const files = readdirSync(PYTHON_PACKAGES);
  return files.some(
    (file) => file === name || (file.startsWith(`${name}.`) && file.endsWith(".so")),
  );
}

function isThere(peer: PeerName): boolean {
  switch (peer) {
    case "java38":
    case "java39":
      return onPath("java") && classPath(peer) !== "";
    case "zooid":
      return existsSync(ZOOID_MAIN);
    case "kazoo":
      return existsSync(KAZOO_PYTHON);
    case "npm-zookeeper":
      return existsSync(join(NPM_ZOOKEEPER, "build/Release/zookeeper.node"));
    case "javac":
    case "openssl":
    case "keytool":
    case "script":
      return onPath(peer);
    case "prometheus":
      return onPath("promtool") && onPath("prometheus");
    case "java39-prometheus":
      return existsSync(JAVA39_PROMETHEUS);
    case "kdc":
      return (
        onPath("kinit") && onPath("krb5kdc", SYSTEM_PATH) && onPath("kadmin.local", SYSTEM_PATH)
      );
    case "python-gssapi":
    case "python-kerberos":
      return hasPythonModule(peer.slice("python-".length));
    case "chromium":
      return onPath("chromium");
    case "cc":
      return onPath("cc");
    case "root":
      return process.getuid?.() === 0;
  }
}

/** A sentence that names what is missing, or undefined. */
export function whatIsMissing(peers: readonly PeerName[]): string | undefined {
  const missing = peers.filter((peer) => !isThere(peer));
  if (missing.length === 0) return undefined;
  return `needs ${missing.join(", ")}: run test/compat/install-peers.sh`;
}

/** A test that needs peers: skipped by name without them, failed without them when CI=true. */
export function peerTest(
  name: string,
  peers: readonly PeerName[],
  run: (context: TestContext) => Promise<void>,
): void {
  const missing = whatIsMissing(peers);
  if (missing === undefined) {
    test(name, run);
  } else if (process.env.CI === "true") {
    test(name, () => {
      throw new Error(missing);
    });
  } else {
    test(name, { skip: missing }, () => {});
  }
}
