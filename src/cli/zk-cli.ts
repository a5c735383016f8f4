// zkCli: ZooKeeper at the command line. Java: ZooKeeperMain's main.
//
//   zkCli.sh [-server host:port,…/chroot] [-timeout ms] [-r] [-waitforconnection] [-client-configuration file] [command …]
//
// With a command it runs that one and ends with its exit code; without, it takes commands from a terminal or a pipe. A
// single command does not end its session: what it created as ephemeral lives until the session's time-out, as with Java.

import { randomBytes } from "node:crypto";
import { DIGEST_NONCE_BYTES } from "../auth/sasl/digest-md5.js";
import { ExitCode } from "../errors.js";
import { createNodePlatform, type NodePlatform } from "../platform/node/platform.js";
import type { TlsEndpoint } from "../tls/endpoint.js";
import type { SessionOptions } from "./client/session-options.js";
import { InvalidArgumentError } from "./client/zookeeper-error.js";
import { clientTls, takeProperties } from "./client-tls.js";
import { CliError, UncaughtError, uncaughtOf } from "./shell/cli-error.js";
import {
  ClientConfigurationError,
  isSecure,
  readClientConfiguration,
  sessionOptionsOf,
} from "./shell/client-configuration.js";
import { clientSaslOf } from "./shell/client-sasl.js";
import { javaIntOrDie } from "./shell/java-numbers.js";
import { runPipedLines } from "./shell/piped-lines.js";
import { type Screen, Shell } from "./shell/shell.js";
import { TypedLines } from "./shell/typed-lines.js";
import { type LaunchOptions, parseLaunchOptions } from "./shell/words.js";

/** So long the first prompt waits to show a session that is connected. */
const FIRST_PROMPT_PATIENCE_MS = 1000;

const STDOUT = process.stdout;
const writeError = (text: string): void => {
  process.stderr.write(text);
};
const complain = (line: string): void => writeError(`${line}\n`);

async function main(): Promise<number> {
  const properties = takeProperties(process.argv.slice(2));
  const launch = parseLaunchOptions(properties.rest, complain);
  STDOUT.write(`Connecting to ${launch.server}\n`);
  const isTyped = launch.command === undefined && process.stdin.isTTY === true && STDOUT.isTTY;
  const typed = isTyped ? new TypedLines(process.stdin, STDOUT) : undefined;
  const screen: Screen = {
    write: (text) => STDOUT.write(text),
    writeError,
    interrupt: (text) => (typed === undefined ? STDOUT.write(text) : typed.interrupt(text)),
  };
  const shell = start(launch, properties.values, screen);
  if (launch.waitForConnection) await waitForConnection(shell, launch);
  if (launch.command !== undefined) {
    await shell.run(launch.command);
    return shell.exitCode;
  }
  STDOUT.write("Welcome to ZooKeeper!\nJLine support is enabled\n");
  await shell.untilConnected(FIRST_PROMPT_PATIENCE_MS);
  if (typed !== undefined) await typed.run(shell);
  else await runPipedLines(shell, process.stdin, screen.write);
  return shell.exitCode;
}

function start(
  launch: LaunchOptions,
  properties: ReadonlyMap<string, string>,
  screen: Screen,
): Shell {
  const log = { level: process.env.ZOO_LOG_LEVEL ?? "WARN", destination: process.stderr.fd };
  const platform = createNodePlatform({ log });
  const options = sessionOptions(platform, launch, properties);
  try {
    return new Shell(platform, options, screen, launch.server);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw uncaughtOf(error);
  }
}

function sessionOptions(
  platform: NodePlatform,
  launch: LaunchOptions,
  properties: ReadonlyMap<string, string>,
): SessionOptions {
  const file = launch.clientConfiguration;
  const configured = file === undefined ? new Map() : readClientConfiguration(file);
  const all = new Map([...properties, ...configured]);
  const { disk, host, kerberos, network } = platform;
  const newNonce = () => randomBytes(DIGEST_NONCE_BYTES).toString("base64");
  const { userHome } = host;
  const sasl = clientSaslOf({ disk, userHome, properties: all, kerberos, network, newNonce });
  return {
    ...sessionOptionsOf(all),
    ...(isSecure(all) && { tls: openTls(platform, all) }),
    ...(sasl === undefined ? {} : { sasl }),
    sessionTimeoutMs: javaIntOrDie(launch.timeout),
    readOnly: launch.readOnly,
  };
}

function openTls(platform: NodePlatform, properties: ReadonlyMap<string, string>): TlsEndpoint {
  try {
    return clientTls(platform, properties, complain);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

async function waitForConnection(shell: Shell, launch: LaunchOptions): Promise<void> {
  if (await shell.untilConnected(javaIntOrDie(launch.timeout))) return;
  await shell.zk.close();
  throw new UncaughtError(
    "java.io.IOException",
    "org.apache.zookeeper.KeeperException$ConnectionLossException: KeeperErrorCode = ConnectionLoss",
  );
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ClientConfigurationError) {
    complain(error.message);
    return ExitCode.invalidInvocation;
  }
  if (!(error instanceof CliError)) throw error;
  complain(error.message);
  return error.exitCode;
}

// A reader that goes away (`zkCli.sh … | head`) ends us quietly.
STDOUT.on("error", () => process.exit(ExitCode.unexpectedError));

main()
  .catch(exitCodeOf)
  .then((exitCode) => process.exit(exitCode));
