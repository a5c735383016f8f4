// Where a member listens for elections, and what operators read about it. Java: QuorumCnxManager.Listener.

import { ExitCode, FatalError } from "../errors.js";
import type { Connection, Logger } from "../platform/platform.js";
import { type AddressBook, formatAddress, javaAddress } from "./addresses.js";
import type { ElectionLinksOptions } from "./election-links-options.js";
import { PeerDoor } from "./peer-door.js";

export function openElectionDoor(
  options: ElectionLinksOptions,
  log: Logger,
  book: AddressBook,
  accept: (connection: Connection) => void,
): PeerDoor {
  const { platform, sid, addresses, settings, tls } = options;
  const retries = settings.electionPortBindRetry;
  log.info(`Election port bind maximum retries is ${retries === 0 ? "infinite" : retries}`);
  return new PeerDoor({
    platform,
    log,
    addresses,
    onAllInterfaces: settings.quorumListenOnAllIPs,
    tries: retries,
    tls,
    handshakeTimeoutMs: settings.introductionTimeoutMs,
    accept,
    bound: ({ host, port }) => {
      book.find(host, settings.connectTimeoutMs, (_error, known) => {
        const where = javaAddress({ host, port }, known.length > 0 ? known : undefined);
        log.info(`${sid} is accepting connections now, my election bind port: ${where}`);
      });
    },
    bindFailed: (address, error) => {
      const where = javaAddress(address, book.known(address.host));
      log.error(`Exception while listening to address ${where}`, error);
    },
    gaveUp: (address, tries) => {
      log.error(
        `Leaving listener thread for address ${formatAddress(address)} after ${tries} errors. Use zookeeper.electionPortBindRetry property to increase retry count.`,
      );
    },
    settled: (bound, lastError) => {
      if (bound > 0) {
        options.listening?.();
        return;
      }
      const message = `As I'm leaving the listener thread, I won't be able to participate in leader election any longer: ${addresses.map(formatAddress).join("|")}`;
      log.error(message);
      const cause = { cause: lastError };
      options.failed(new FatalError(ExitCode.unableToBindQuorumPort, message, cause));
    },
  });
}
