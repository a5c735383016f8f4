// TLS, twice: zookeeper.ssl.* for clients and zookeeper.ssl.quorum.* between members (and for the HTTP port). Java: X509Util
// and its children ClientX509Util and QuorumX509Util.

import { choice, flag, int, list, optionalText } from "../setting.js";

function tlsSettings<Prefix extends "ssl." | "ssl.quorum.">(prefix: Prefix, whose: string) {
  return {
    keyStoreLocation: optionalText({
      name: `${prefix}keyStore.location`,
      about: `${whose}: file of our key and certificate. Without one a TLS port cannot answer.`,
    }),
    keyStorePassword: optionalText({
      name: `${prefix}keyStore.password`,
      about: "Its password. Everyone who reads this file knows it: better keyStore.passwordPath.",
    }),
    keyStorePasswordPath: optionalText({
      name: `${prefix}keyStore.passwordPath`,
      about: "File with its password; wins over keyStore.password.",
    }),
    keyStoreType: storeType(`${prefix}keyStore.type`),
    trustStoreLocation: optionalText({
      name: `${prefix}trustStore.location`,
      about: "File of the certificates that are trusted.",
    }),
    trustStorePassword: optionalText({
      name: `${prefix}trustStore.password`,
      about: "Its password.",
    }),
    trustStorePasswordPath: optionalText({
      name: `${prefix}trustStore.passwordPath`,
      about: "File with its password; wins over trustStore.password.",
    }),
    trustStoreType: storeType(`${prefix}trustStore.type`),
    protocol: optionalText({
      name: `${prefix}protocol`,
      about: "TLSv1.2, or TLSv1.3 (which takes 1.2 as well), the default.",
    }),
    enabledProtocols: list({
      name: `${prefix}enabledProtocols`,
      about: "Protocols that are spoken, between commas; wins over protocol.",
    }),
    ciphersuites: list({
      name: `${prefix}ciphersuites`,
      about:
        "Cipher suites that are spoken, between commas, the preferred ones first. Left out: those with forward secrecy that ZooKeeper 3.9 has.",
    }),
    contextSupplierClass: optionalText({
      name: `${prefix}context.supplier.class`,
      about: "Java class that makes the TLS context. Cannot be used here: it ends the start.",
    }),
    hostnameVerification: flag({
      name: `${prefix}hostnameVerification`,
      fallback: true,
      about:
        "Whom we connect to must show a certificate with his host name or address. Off, any trusted certificate may pose as any host.",
    }),
    clientHostnameVerification: flag({
      name: `${prefix}clientHostnameVerification`,
      fallback: prefix === "ssl.quorum.",
      about: "The same for those who connect to us; only together with hostnameVerification.",
    }),
    allowReverseDnsLookup: flag({
      name: `${prefix}allowReverseDnsLookup`,
      fallback: prefix === "ssl.quorum.",
      about:
        "clientHostnameVerification may ask DNS for the names of an address; the name must lead back to the address.",
    }),
    crl: flag({
      name: `${prefix}crl`,
      fallback: false,
      about:
        "Certificates are looked for in the lists of what was revoked that they name (http: and file:). What cannot be found out is refused.",
    }),
    ocsp: flag({
      name: `${prefix}ocsp`,
      fallback: false,
      about: "Ask the issuer's OCSP service about certificates. Not here yet: true ends the start.",
    }),
    clientAuth: choice({
      name: `${prefix}clientAuth`,
      fallback: "need",
      values: ["need", "want", "none"],
      about: "Those who connect must, may or need not show a certificate.",
    }),
    handshakeDetectionTimeoutMs: int({
      name: `${prefix}handshakeDetectionTimeoutMillis`,
      fallback: 5000,
      unit: "ms",
      about: "Where plain and TLS share a port: how long the first bytes may take.",
      adjust: (value, warn) => {
        if (value >= 1) return value;
        const name = `zookeeper.${prefix}handshakeDetectionTimeoutMillis`;
        warn(`Invalid value for ${name}: ${value}, using the default value of 5000`);
        return 5000;
      },
    }),
  } as const;
}

function storeType(name: string) {
  return choice({
    name,
    fallback: "",
    values: ["", "JKS", "PEM", "PKCS12", "BCFKS"],
    strict: true,
    about: "JKS, PEM, PKCS12 or BCFKS; by the file's ending (.jks .pem .p12 .bcfks) when left out.",
  });
}

export const tlsClientSettings = {
  ...tlsSettings("ssl.", "Clients"),
  sslProvider: choice({
    name: "ssl.sslProvider",
    fallback: "JDK",
    values: ["JDK", "OPENSSL", "OPENSSL_REFCNT"],
    about: "Java's choice of TLS library. Accepted; Node has one.",
  }),
} as const;

export const tlsQuorumSettings = tlsSettings("ssl.quorum.", "Members");
