// TLS as the doors use it: one of them for clients, one for members. Java: X509Util and its ZKTrustManager.
//
// It keeps the present keys and certificates, and takes the files' new ones when they change: connections that are there stay
// as they are, those that come find the new ones. Files that cannot be read (half of them is written) leave the old ones in
// force. Who connects is checked by his host name, if so configured: first his address, then the names that DNS has for it,
// if that may be asked, and if the name leads back to the address.

import type {
  Connection,
  Logger,
  Platform,
  Timer,
  TlsContext,
  TlsDone,
  TlsFacts,
  TlsVerify,
} from "../platform/platform.js";
import { fileStates, loadContextOptions, pathsOf } from "./load-context.js";
import { RevocationCheck } from "./revocation.js";
import type { TlsSettings } from "./settings.js";

/** How often files are looked at for a change: a certificate is renewed days before it ends. */
const RELOAD_INTERVAL_MS = 1000;

export interface TlsEndpointOptions {
  readonly platform: Pick<Platform, "clock" | "disk" | "network" | "tls">;
  readonly log: Logger;
  readonly settings: TlsSettings;
  /** `ssl.` or `ssl.quorum.`: for lines and errors. */
  readonly prefix: string;
  /** Whether others connect to it. */
  readonly isServer: boolean;
  /** Look for changed files from now on, until `close`. */
  readonly reload: boolean;
}

export interface TlsAcceptance {
  /** Those who do not speak TLS are taken too. */
  readonly plainToo: boolean;
  readonly timeoutMs: number;
}

export interface TlsCall {
  /** What was asked for: a name or an address. */
  readonly host: string;
  readonly timeoutMs: number;
}

export class TlsEndpoint {
  readonly #options: TlsEndpointOptions;
  #context: TlsContext;
  #files: string;
  #timer: Timer | undefined;
  readonly #revocation: RevocationCheck | undefined;

  /** Throws an Error that names setting and file. */
  constructor(options: TlsEndpointOptions) {
    this.#options = options;
    const { log, settings, prefix } = options;
    this.#revocation = settings.crl ? new RevocationCheck(options.platform, log) : undefined;
    this.#files = fileStates(options.platform.disk, settings);
    this.#context = this.#load((line) => log.warn(line));
    if (!settings.hostnameVerification) {
      log.warn(
        `${prefix}hostnameVerification is off: any trusted certificate may pose as any host`,
      );
    }
    if (!options.reload) return;
    log.info("enabling cert file reloading");
    this.#watch();
  }

  /** The rules that are in force. */
  get settings(): TlsSettings {
    return this.#options.settings;
  }

  close(): void {
    this.#timer?.cancel();
  }

  accept(connection: Connection, how: TlsAcceptance, done: TlsDone): { cancel(): void } {
    const { settings, platform } = this.#options;
    const { plainToo, timeoutMs } = how;
    const detectionMs = settings.handshakeDetectionTimeoutMs;
    const isChecked = settings.hostnameVerification && settings.clientHostnameVerification;
    const verify: TlsVerify = (facts, decide) => {
      this.#checkRevocation(facts, (error) => {
        if (error !== undefined || !isChecked) decide(error);
        else this.#verifyCaller(connection.remoteAddress, facts, decide);
      });
    };
    return platform.tls.accept(
      connection,
      this.#context,
      { plainToo, detectionMs, timeoutMs, verify },
      done,
    );
  }

  connect(connection: Connection, call: TlsCall, done: TlsDone): { cancel(): void } {
    const { settings, platform } = this.#options;
    const isAddress = connection.remoteAddress === call.host || call.host.includes(":");
    const hostNames = [...new Set([call.host, connection.remoteAddress])];
    return platform.tls.connect(
      connection,
      this.#context,
      {
        serverName: isAddress ? undefined : call.host,
        hostNames: settings.hostnameVerification ? hostNames : undefined,
        timeoutMs: call.timeoutMs,
        verify: (facts, decide) => this.#checkRevocation(facts, decide),
      },
      done,
    );
  }

  #checkRevocation(facts: TlsFacts, decide: (error: Error | undefined) => void): void {
    if (this.#revocation === undefined) decide(undefined);
    else this.#revocation.check(facts, decide);
  }

  // ------------------------------------------------------------------------------------------------------------ host names

  #verifyCaller(
    address: string,
    facts: TlsFacts,
    decide: (error: Error | undefined) => void,
  ): void {
    const { platform, settings } = this.#options;
    // Who need not show a certificate has shown none.
    if (facts.peerCertificates.length === 0 || facts.peerIsNamed([address])) {
      decide(undefined);
      return;
    }
    if (!settings.allowReverseDnsLookup) {
      decide(new Error("Failed to verify host address, and reverse lookup is disabled"));
      return;
    }
    platform.network.nameOf(address, (_error, names) => {
      const [name] = names;
      const failed = new Error("Failed to verify both host address and host name");
      if (name === undefined || !facts.peerIsNamed([name])) {
        decide(failed);
        return;
      }
      // Whoever rules the address's part of DNS may name it as he likes; the name must know of it.
      platform.network.resolve(name, (_notFound, addresses) => {
        decide(addresses.includes(address) ? undefined : failed);
      });
    });
  }

  // ---------------------------------------------------------------------------------------------------------------- files

  #load(warn: (line: string) => void): TlsContext {
    const { platform, settings, prefix, isServer } = this.#options;
    const options = loadContextOptions(platform.disk, {
      settings,
      prefix,
      needsKey: isServer,
      warn,
    });
    try {
      return platform.tls.createContext(options);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const files = pathsOf(settings).map((path) => `"${path}"`);
      throw new Error(`Cannot use ${prefix}* (${files.join(", ")}): ${why}`, { cause: error });
    }
  }

  #watch(): void {
    this.#timer = this.#options.platform.clock.setTimer(RELOAD_INTERVAL_MS, () => {
      this.#watch();
      this.#reload();
    });
  }

  #reload(): void {
    const { platform, settings, log, prefix } = this.#options;
    const files = fileStates(platform.disk, settings);
    if (files === this.#files) return;
    this.#files = files;
    try {
      this.#context = this.#load(() => {});
      log.info(
        `Key store and trust store of ${prefix}* were loaded again: their files have changed`,
      );
    } catch (error) {
      log.error(`Cannot load changed files of ${prefix}*: the ones before stay in force`, error);
    }
  }
}
