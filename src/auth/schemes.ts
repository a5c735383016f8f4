// Which schemes this server knows. Java: ProviderRegistry.
//
// `ip` and `digest` are there by default; others are added by configuration before the server starts. `world`, `auth` and
// `super` are no schemes of their own: they are handled where ACLs are checked (access.ts).

import { ErrorCode } from "../wire/error-codes.js";
import type { Id } from "../wire/records.js";
import { DigestScheme } from "./digest-scheme.js";
import { EnsembleScheme, type EnsembleVerdict } from "./ensemble-scheme.js";
import { Grants } from "./grants.js";
import { IpScheme } from "./ip-scheme.js";
import type { AuthenticatingClient, AuthenticationOutcome, AuthScheme } from "./scheme.js";

export interface AuthSettings {
  /** zookeeper.DigestAuthenticationProvider.enabled */
  readonly digestEnabled: boolean;
  /** zookeeper.DigestAuthenticationProvider.digestAlg, a Java name: SHA1, SHA-256 … */
  readonly digestAlgorithm: string;
  /** zookeeper.DigestAuthenticationProvider.superDigest */
  readonly superDigest: string | undefined;
}

export const DEFAULT_AUTH_SETTINGS: AuthSettings = {
  digestEnabled: true,
  digestAlgorithm: "SHA1",
  superDigest: undefined,
};

/** What the door does with an auth packet, and what it writes about it. */
export type AuthPacketOutcome =
  | { readonly ok: true; readonly identities: readonly Id[] }
  | {
      readonly ok: false;
      /** Of the reply, after which the connection is closed. */
      readonly error: ErrorCode;
      /** No reply, only the end of the connection. */
      readonly silent: boolean;
      readonly logLine: string;
    };

export class AuthSchemes {
  /** What long ACLs grant. */
  readonly grants = new Grants((name) => this.get(name));
  readonly #ip = new IpScheme();
  readonly #schemes = new Map<string, AuthScheme>();
  #ensemble: EnsembleScheme | undefined;

  constructor(settings: AuthSettings = DEFAULT_AUTH_SETTINGS) {
    this.register(this.#ip);
    if (settings.digestEnabled) {
      const { digestAlgorithm: algorithm, superDigest } = settings;
      this.register(new DigestScheme({ algorithm, superDigest }));
    }
  }

  /** Replaces the scheme of the same name. */
  register(scheme: AuthScheme): void {
    this.grants.forget();
    this.#schemes.set(scheme.name, scheme);
  }

  /** `authProvider.N=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider` with `ensembleAuthName`. */
  registerEnsemble(names: readonly string[]): void {
    this.#ensemble = new EnsembleScheme(names);
    this.register(this.#ensemble);
  }

  /** For the metrics. */
  watchEnsemble(onVerdict: (verdict: EnsembleVerdict) => void): void {
    if (this.#ensemble !== undefined) this.#ensemble.onVerdict = onVerdict;
  }

  get(name: string): AuthScheme | undefined {
    return this.#schemes.get(name);
  }

  /** What a connection is before it has said anything. */
  initialIdentities(remoteAddress: string): Id[] {
    return [this.#ip.identityOf(remoteAddress)];
  }

  /** An auth packet. */
  authenticate(
    client: AuthenticatingClient,
    schemeName: string | null,
    data: Buffer | null,
  ): AuthPacketOutcome {
    const scheme = schemeName === null ? undefined : this.#schemes.get(schemeName);
    const error = ErrorCode.authFailed;
    if (scheme === undefined) {
      const known = [...this.#schemes.keys()].map((name) => `${name} `).join("");
      const logLine = `No authentication provider for scheme: ${schemeName} has ${known}`;
      return { ok: false, error, silent: false, logLine };
    }
    const outcome: AuthenticationOutcome = scheme.authenticate(client, data);
    if (outcome.ok) return outcome;
    const logLine = outcome.silent
      ? `${outcome.reason} client ip: ${this.#ip.identityOf(client.remoteAddress).id}`
      : `Authentication failed for scheme: ${schemeName}`;
    return { ok: false, error, silent: outcome.silent, logLine };
  }

  /** What of an identity may be shown; undefined where its scheme is not known (`super`). Java: AuthUtil.getUser. */
  userNameOf(identity: Id): string | undefined {
    const { scheme, id } = identity;
    if (scheme === null || id === null) return undefined;
    return this.#schemes.get(scheme)?.userName(id);
  }
}
