// The program. Answers to Java's QuorumPeerMain and ZooKeeperServerMain: argv → configuration → server; signals → an orderly
// end. This is the only place that ends the process.

import { configFromCommandLine, parseCommandLine } from "./config/command-line.js";
import type { LoadedConfig } from "./config/config.js";
import { ConfigError } from "./config/config-error.js";
import { ExitCode, FatalError } from "./errors.js";
import { letHeapGrow } from "./platform/node/heap-growth.js";
import { createNodePlatform, type NodePlatform } from "./platform/node/platform.js";
import { Server } from "./server.js";

function openPlatform(argv: readonly string[]): NodePlatform {
  const { properties } = parseCommandLine(argv);
  const setting = (name: string) => properties.get(`zookeeper.${name}`);
  const level = setting("root.logger") ?? setting("console.threshold") ?? "INFO";
  return createNodePlatform({
    log: { format: setting("log.format") === "json" ? "json" : "zookeeper", level },
  });
}

function exit(platform: NodePlatform, exitCode: ExitCode): never {
  // Not an error of its own, as in Java: the last ERROR is the reason, which zkServer.sh repeats.
  platform.log.child("ServiceUtils").info(`Exiting JVM with code ${exitCode}`);
  platform.log.flush();
  process.exit(exitCode);
}

function configure(platform: NodePlatform, argv: readonly string[]): LoadedConfig {
  const log = platform.log.child("QuorumPeerConfig");
  try {
    const loaded = configFromCommandLine(platform.disk, argv);
    for (const { level, text } of loaded.log) log[level](text);
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`${error.line}: ${error.message}`);
    process.stderr.write(`${error.standardError}\n`);
    exit(platform, error.exitCode);
  }
}

/** What nobody expected: said in full, and the process ends, because nobody knows what is still true. */
function fail(platform: NodePlatform, error: unknown): never {
  const log = platform.log.child("ZooKeeperServerMain");
  if (error instanceof FatalError) {
    log.error(error.message, error.cause);
    // Java's line, which scripts may look for, and then the reason, which it only logs.
    if (error.exitCode === ExitCode.unableToAccessDatadir) {
      process.stderr.write("Unable to access datadir, exiting abnormally\n");
    } else if (error.exitCode === ExitCode.errorStartingAdminServer) {
      process.stderr.write("Unable to start AdminServer, exiting abnormally\n");
    }
    process.stderr.write(`${error.message}\n`);
    exit(platform, error.exitCode);
  }
  // What the disk refuses is told in one line, which names the file.
  if (error instanceof Error && error.name === "DiskError") {
    log.error(error.message);
    process.stderr.write(`${error.message}\n`);
    exit(platform, ExitCode.unexpectedError);
  }
  log.error("Unexpected exception, exiting abnormally", error);
  exit(platform, ExitCode.unexpectedError);
}

async function main(argv: readonly string[]): Promise<void> {
  const platform = openPlatform(argv);
  process.on("uncaughtException", (error) => fail(platform, error));
  process.on("unhandledRejection", (error) => fail(platform, error));
  const { config } = configure(platform, argv);
  if (config.myid !== undefined) platform.log.setMyid(String(config.myid));

  const server = await Server.start(platform, config, (error) => fail(platform, error));
  letHeapGrow();
  const stop = () => {
    process.removeAllListeners("SIGTERM").removeAllListeners("SIGINT");
    void server.stop().then(() => exit(platform, ExitCode.finished));
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  process.on("SIGHUP", () => {});
}

void main(process.argv.slice(2));
