// SASL between members: who this one is when it calls another, and whom it lets in, from two sections of the JAAS file. Java:
// QuorumPeer.initialize, SaslQuorumAuthServer, SaslQuorumAuthLearner.
//
// Switched on, both sections must be there, whether or not anybody insists: else the start ends, as in Java.

import { type JaasConfiguration, JaasError } from "./auth/jaas/jaas.js";
import { loadJaas } from "./auth/jaas/load.js";
import { digestSelf, digestUsers, findLogin, type Login } from "./auth/jaas/modules.js";
import { canonicalHost } from "./auth/kerberos/canonical-name.js";
import { DigestMd5Client } from "./auth/sasl/digest-client.js";
import { DigestMd5Server } from "./auth/sasl/digest-server.js";
import { type SaslAcceptor, SaslError } from "./auth/sasl/sasl.js";
import { newNonce } from "./client-sasl.js";
import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import { gssapiAcceptor, gssapiCaller } from "./kerberos-sasl.js";
import { MembersOnly } from "./peer/members-only.js";
import type { PeerAuthentication } from "./peer/peer-authentication.js";
import { KerberosError } from "./platform/kerberos.js";
import type { Platform } from "./platform/platform.js";

const SERVICE = { protocol: "zookeeper-quorum", serverName: "zk-quorum-sasl-md5" };

/** Undefined: quorum.auth.enableSasl is off. `hosts`: of the members, as they are now. Throws FatalError. */
export function openQuorumSasl(
  platform: Platform,
  config: Config,
  hosts: () => Iterable<string>,
): PeerAuthentication | undefined {
  const { quorum } = config;
  const log = platform.log.child("QuorumPeer");
  if (!quorum.authEnableSasl) {
    log.info("QuorumPeer communication is not secured! (SASL auth disabled)");
    return undefined;
  }
  const sections = readSections(platform, config);
  const server = loginOf(sections, quorum.authServerSaslLoginContext);
  const learner = loginOf(sections, quorum.authLearnerSaslLoginContext);
  const newExchange =
    server.mechanism === "GSSAPI"
      ? kerberosAcceptor(platform, config, server, hosts)
      : digestAcceptor(platform, server);
  const caller = learner.mechanism === "GSSAPI" ? kerberosCaller : digestCaller;
  return {
    accept: { newExchange, isRequired: quorum.authServerRequireSasl },
    call: quorum.authLearnerRequireSasl ? caller(platform, config, learner) : undefined,
  };
}

function digestAcceptor({ random }: Platform, { entries }: Login): SaslAcceptor {
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

/** Whose principal names the host of a member is let in, whatever its first part: no host, no entry (CVE-2023-44981). */
function kerberosAcceptor(
  platform: Platform,
  { properties, auth }: Config,
  { entries }: Login,
  hosts: () => Iterable<string>,
): SaslAcceptor {
  const authorize = (peer: string, authorizationId: string): string => {
    if (peer === authorizationId) return peer;
    throw new SaslError(`${peer} is not authorized to connect as ${authorizationId}`);
  };
  const accept = loggingIn(() => gssapiAcceptor(platform, properties, entries, authorize));
  const network = auth.kerberosCanonicalizeHostNames ? platform.network : undefined;
  return () => new MembersOnly(accept(), hosts, network);
}

function kerberosCaller(platform: Platform, config: Config, { entries }: Login) {
  const call = loggingIn(() => gssapiCaller(platform, config.properties, entries));
  const { authKerberosServicePrincipal: pattern } = config.quorum;
  const { kerberosCanonicalizeHostNames: isCanonical } = config.auth;
  return (host: string) =>
    call((done) => {
      if (!isCanonical) done(servicePrincipal(pattern, host));
      else canonicalHost(platform.network, host, (name) => done(servicePrincipal(pattern, name)));
    });
}

/** `zkquorum/_HOST` is each member's own. Java: SecurityUtils.getServerPrincipal. */
export function servicePrincipal(pattern: string, host: string): string {
  return pattern.replace(/^([^/]*\/)_HOST(?=@|$)/, `$1${host.toLowerCase()}`);
}

function loggingIn<T>(login: () => T): T {
  try {
    return login();
  } catch (error) {
    if (!(error instanceof JaasError || error instanceof KerberosError)) throw error;
    throw failure(error.message);
  }
}

function digestCaller({ random }: Platform, config: Config, { section, entries }: Login) {
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

function loginOf(sections: JaasConfiguration, name: string): Login {
  try {
    const login = findLogin(sections, name);
    if (login !== undefined) return login;
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
