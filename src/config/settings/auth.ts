// Who may do what: schemes and superusers. Java: ProviderRegistry, AuthenticationHelper, the *AuthenticationProvider classes.
// superUser.N and authProvider.N, of which there may be many, are gathered in ../numbered.ts.

import { flag, list, long, optionalText, text, word } from "../setting.js";

export const authSettings = {
  skipACL: word({
    name: "skipACL",
    on: "yes",
    shown: "no",
    about: "yes: nobody's permissions are checked. Everyone may do everything.",
  }),
  digestSuperDigest: optionalText({
    name: "DigestAuthenticationProvider.superDigest",
    about:
      "super:<base64 of the SHA1 of super:password>: whoever gives that password (addauth digest super:password) may do everything. The way back in after an ACL that locks all out.",
  }),
  digestEnabled: flag({
    name: "DigestAuthenticationProvider.enabled",
    fallback: true,
    about: "Whether the scheme digest exists.",
  }),
  digestAlg: text({
    name: "DigestAuthenticationProvider.digestAlg",
    fallback: "SHA1",
    about:
      "Hash of user and password in digest ids: SHA1, SHA-256, SHA3-256 ... Stored ids were made with the old one: changing it locks their owners out.",
  }),
  ipUseXForwardedFor: flag({
    name: "IPAuthenticationProvider.usexforwardedfor",
    fallback: false,
    about:
      "HTTP commands believe X-Forwarded-For. Only behind a proxy that sets it: otherwise anyone is whom he likes.",
  }),
  x509SuperUser: optionalText({
    name: "X509AuthenticationProvider.superUser",
    about:
      "Subject of the certificate that may do everything, as RFC 2253 writes it: CN=admin,O=Example.",
  }),
  saslSuperPassword: optionalText({
    name: "SASLAuthenticationProvider.superPassword",
    about:
      "Password of the SASL user super, instead of the one in the JAAS file. Whoever gives it matches every sasl ACL.",
  }),
  letAnySaslUserDoX: optionalText({
    name: "letAnySaslUserDoX",
    about: "Name that stands for every SASL user in ACLs. Old; do not use.",
  }),
  ensembleAuthName: list({
    name: "ensembleAuthName",
    about:
      "Names of this ensemble: a client that gives another (auth ensemble <name>) is closed. Keeps clients from talking to the wrong one. Needs authProvider.N=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider.",
  }),
  sessionRequireClientSASLAuth: flag({
    name: "sessionRequireClientSASLAuth",
    fallback: false,
    about:
      "Clients that have not authenticated by SASL get -124 and are closed. Needs authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider.",
  }),
  enforceAuthEnabled: flag({
    name: "enforce.auth.enabled",
    fallback: false,
    about: "Clients that have not authenticated by one of enforce.auth.schemes get -124.",
  }),
  enforceAuthSchemes: list({
    name: "enforce.auth.schemes",
    about: "Those schemes, between commas.",
  }),
  allowSaslFailedClients: flag({
    name: "allowSaslFailedClients",
    fallback: false,
    about: "Clients whose SASL failed may stay, as nobody.",
  }),
  requireKerberosConfig: flag({
    name: "requireKerberosConfig",
    fallback: false,
    about: "Refuse to start SASL without a default realm (krb5.conf).",
  }),
  saslServerConfig: text({
    name: "sasl.serverconfig",
    fallback: "Server",
    about:
      'The server\'s section in the JAAS file: org.apache.zookeeper.server.auth.DigestLoginModule required user_<name>="<password>" ...; or Krb5LoginModule (docs/SECURITY.md).',
  }),
  jaasFile: optionalText({
    name: "java.security.auth.login.config",
    place: "bare",
    about:
      "The JAAS file, with a section for clients (sasl.serverconfig) and those for members (quorum.auth.*). Given as -D: -Djava.security.auth.login.config=/etc/zookeeper/jaas.conf. Without it there is no SASL.",
  }),
  kerberosRemoveHostFromPrincipal: flag({
    name: "kerberos.removeHostFromPrincipal",
    fallback: false,
    about: "Drop the host from a client's principal.",
  }),
  kerberosRemoveRealmFromPrincipal: flag({
    name: "kerberos.removeRealmFromPrincipal",
    fallback: false,
    about: "Drop the realm from a client's principal.",
  }),
  kerberosCanonicalizeHostNames: flag({
    name: "kerberos.canonicalizeHostNames",
    fallback: false,
    about:
      "Members are known to Kerberos by the names that DNS has for their addresses, where those lead back.",
  }),
  kerberosMinReLoginTimeMs: long({
    name: "kerberos.minReLoginTimeMs",
    later: true,
    fallback: 60_000,
    unit: "ms",
    about: "Shortest time between two log-ins: MIT's library knows when to fetch tickets.",
  }),
  kinit: text({
    name: "kinit",
    later: true,
    fallback: "/usr/bin/kinit",
    about: "The program that renews the ticket.",
  }),
  securityAuthToLocal: text({
    name: "security.auth_to_local",
    fallback: "DEFAULT",
    about:
      "Rules that shorten principals, the first that applies: RULE:[2:$1](nn)s/nn/hdfs/ DEFAULT.",
  }),
  fipsMode: flag({
    name: "fips-mode",
    fallback: true,
    about:
      "No DIGEST-MD5 SASL. Without effect on TLS, where Java checks host names by another rule (or, between members, not at all); here they always are. Servers up to 3.8 have it off.",
  }),
  sslAuthProvider: text({
    name: "ssl.authProvider",
    fallback: "x509",
    about:
      "Scheme that gives TLS clients their identity; one that is not x509 needs an authProvider line, or the start is refused.",
  }),
} as const;
