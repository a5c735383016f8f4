// SASL between members: who this one is when it calls another, and whom it lets in, from two sections of the JAAS file. Java:
// QuorumPeer.initialize, SaslQuorumAuthServer, SaslQuorumAuthLearner.
//
// Switched on, both sections must be there, whether or not anybody insists: else the start ends, as in Java.

import { type JaasConfiguration, JaasError, type LoginModuleEntry } from "./auth/jaas/jaas.js";
import { loadJaas } from "./auth/jaas/load.js";
import { digestSelf, digestUsers, findLogin } from "./auth/jaas/modules.js";
import { DigestMd5Client } from "./auth/sasl/digest-client.js";
import { DigestMd5Server } from "./auth/sasl/digest-server.js";
import { SaslError } from "./auth/sasl/sasl.js";
import { newNonce } from "./client-sasl.js";
import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import type { PeerAuthentication } from "./peer/peer-authentication.js";
import type { Platform } from "./platform/platform.js";

const SERVICE = { protocol: "zookeeper-quorum", serverName: "zk-quorum-sasl-md5" };

/** Undefined: quorum.auth.enableSasl is off. Throws FatalError. */
export function openQuorumSasl(platform: Platform, config: Config): PeerAuthentication | undefined {
  const { quorum } = config;
  const log = platform.log.child("QuorumPeer");
  if (!quorum.authEnableSasl) {
    log.info("QuorumPeer communication is not secured! (SASL auth disabled)");
    return undefined;
  }
  const sections = readSections(platform, config);
  const server = digestSection(sections, quorum.authServerSaslLoginContext);
  const learner = digestSection(sections, quorum.authLearnerSaslLoginContext);
  return {
    accept: { newExchange: acceptor(platform, server), isRequired: quorum.authServerRequireSasl },
    call: quorum.authLearnerRequireSasl ? caller(platform, config, learner) : undefined,
  };
}

function acceptor({ random }: Platform, entries: readonly LoginModuleEntry[]) {
  const known = digestUsers(entries);
  const users = {
    passwordOf: (userName: string) => known.get(userName),
    authorize(authenticationId: string, authorizationId: string): string {
      if (authenticationId === authorizationId) return authorizationId;
      throw new SaslError(
        `DIGEST-MD5: ${authenticationId} is not authorized to act as ${authorizationId}`,
      );
    },
  };
  return () => new DigestMd5Server({ ...SERVICE, users, nonce: newNonce(random) });
}

function caller({ random }: Platform, config: Config, entries: readonly LoginModuleEntry[]) {
  const section = config.quorum.authLearnerSaslLoginContext;
  const self = digestSelf(entries);
  if (self === undefined) {
    throw failure(`section '${section}' of the JAAS file has no username and password`);
  }
  // Java starts, and then no member ever connects to another: it cannot say who it is.
  if (config.auth.fipsMode) {
    throw failure(
      "quorum.auth.learnerRequireSasl is true, and QuorumLearner will not use DIGEST-MD5 as SASL mechanism, because FIPS mode is enabled: set fips-mode=false",
    );
  }
  return () => new DigestMd5Client({ ...SERVICE, ...self, cnonce: newNonce(random) });
}

function readSections({ disk, host }: Platform, { auth, properties }: Config): JaasConfiguration {
  try {
    return loadJaas({ disk, file: auth.jaasFile, properties, userHome: host.userHome });
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    throw failure(error.message);
  }
}

function digestSection(sections: JaasConfiguration, name: string): readonly LoginModuleEntry[] {
  try {
    const login = findLogin(sections, name);
    if (login?.mechanism === "DIGEST-MD5") return login.entries;
    if (login !== undefined) {
      throw failure(
        `section '${name}' of the JAAS file asks for Kerberos (Krb5LoginModule), which this version does not have`,
      );
    }
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    throw failure(error.message);
  }
  throw failure(
    `SASL-authentication failed because the specified JAAS configuration section '${name}' could not be found.`,
  );
}

function failure(reason: string): FatalError {
  const text = `Failed to initialize authentication mechanism using SASL: ${reason}`;
  return new FatalError(ExitCode.unexpectedError, text);
}
