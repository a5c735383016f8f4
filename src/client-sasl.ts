// SASL on the client port: who this server is and whom it knows, from its section of the JAAS file. Java:
// ServerCnxnFactory.configureSaslLogin.
//
// No file, or no section in it: there is no SASL, which is not an error, as in Java. A file that was asked for and cannot be
// read ends the start.

import { type JaasConfiguration, JaasError } from "./auth/jaas/jaas.js";
import { loadJaas } from "./auth/jaas/load.js";
import { digestUsers, findLogin, type Login } from "./auth/jaas/modules.js";
import { defaultRealm } from "./auth/kerberos/default-realm.js";
import { NameRules } from "./auth/kerberos/kerberos-name.js";
import { DIGEST_NONCE_BYTES } from "./auth/sasl/digest-md5.js";
import { DigestMd5Server } from "./auth/sasl/digest-server.js";
import type { SaslAcceptor } from "./auth/sasl/sasl.js";
import { clientUsers, identityOf, type PrincipalSettings } from "./auth/sasl/server-identities.js";
import type { Config } from "./config/config.js";
import { ExitCode, FatalError } from "./errors.js";
import { gssapiAcceptor } from "./kerberos-sasl.js";
import { KerberosError } from "./platform/kerberos.js";
import type { Platform, Random } from "./platform/platform.js";

const PROTOCOL = "zookeeper";
const SERVER_NAME = "zk-sasl-md5";
const SECTION_PROPERTY = "zookeeper.sasl.serverconfig";

export interface ClientSasl {
  readonly acceptor: SaslAcceptor;
  /** As whom the server has logged in; undefined: as nobody in particular. */
  readonly user: string | undefined;
}

/** Undefined: clients cannot authenticate by SASL. Throws FatalError. */
export function openClientSasl(platform: Platform, config: Config): ClientSasl | undefined {
  const login = findServerLogin(platform, config);
  if (login === undefined) return undefined;
  const user = login.entries[0]?.options.get("principal");
  return { acceptor: acceptorOf(platform, config, login), user: user === "" ? undefined : user };
}

function acceptorOf(platform: Platform, config: Config, login: Login): SaslAcceptor {
  const { auth } = config;
  const principals = principalSettings(platform, config);
  if (login.mechanism === "GSSAPI") {
    const authorize = (peer: string) => identityOf(peer, principals);
    try {
      return gssapiAcceptor(platform, config.properties, login.entries, authorize);
    } catch (error) {
      if (error instanceof JaasError || error instanceof KerberosError) throw loginFailure(error);
      throw error;
    }
  }
  const users = clientUsers({
    ...principals,
    users: digestUsers(login.entries),
    superPassword: auth.saslSuperPassword,
  });
  return () =>
    new DigestMd5Server({
      protocol: PROTOCOL,
      serverName: SERVER_NAME,
      users,
      nonce: newNonce(platform.random),
    });
}

export function newNonce(random: Random): string {
  const bytes = Buffer.alloc(DIGEST_NONCE_BYTES);
  random.fill(bytes);
  return bytes.toString("base64");
}

function findServerLogin(platform: Platform, { auth, properties }: Config): Login | undefined {
  const section = auth.saslServerConfig;
  const file = auth.jaasFile;
  const { disk, host, log } = platform;
  let configuration: JaasConfiguration;
  try {
    configuration = loadJaas({ disk, file, properties, userHome: host.userHome });
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    const isNamed = properties.has(SECTION_PROPERTY);
    // Nobody asked for it: somebody else's ~/.java.login.config.
    if (file === undefined && !isNamed) return undefined;
    const where = file === undefined ? "" : ` in '${file}'.`;
    const but = isNamed ? ` But ${SECTION_PROPERTY} was set.` : "";
    const text = `No JAAS configuration section named '${section}' was found${where}${but}`;
    log.child("ServerCnxnFactory").error(text, error);
    throw new FatalError(ExitCode.unexpectedError, `${text}: ${error.message}`, { cause: error });
  }
  try {
    return findLogin(configuration, section);
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    throw loginFailure(error);
  }
}

/** What is wrong with the section, or with what it names. */
function loginFailure(error: Error): FatalError {
  return new FatalError(
    ExitCode.unexpectedError,
    `Could not configure server because SASL configuration did not allow the  ZooKeeper server to authenticate itself properly: ${error.message}`,
    { cause: error },
  );
}

function principalSettings({ disk }: Platform, { auth, properties }: Config): PrincipalSettings {
  const realm = defaultRealm(disk, properties);
  if (realm === undefined && auth.requireKerberosConfig) {
    throw new FatalError(
      ExitCode.unexpectedError,
      "Can't get Kerberos configuration (zookeeper.requireKerberosConfig is true, and there is no default realm in krb5.conf)",
    );
  }
  try {
    return {
      rules: new NameRules(auth.securityAuthToLocal, realm ?? ""),
      removeHost: auth.kerberosRemoveHostFromPrincipal,
      removeRealm: auth.kerberosRemoveRealmFromPrincipal,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FatalError(
      ExitCode.unexpectedError,
      `Cannot use zookeeper.security.auth_to_local: ${error.message}`,
    );
  }
}
