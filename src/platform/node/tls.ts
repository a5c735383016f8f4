// TLS of a real process: node:tls over sockets that network.ts made. Java: the JSSE beneath Netty and SSLSocket.
//
// A server side is built without tls.Server, because a connection is accepted, counted and looked at before it is known to be
// TLS. What tls.Server does behind a handshake is done here: asking OpenSSL whether the certificate that was shown is
// trusted (`verifyError`), and ending the connection on errors after the handshake (`_tlsError`). Neither is documented API:
// test/platform runs against each Node we support, and what is not there counts as a refusal.
//
// A handshake that fails is answered by OpenSSL's alert, and costs the connection.

import { constants } from "node:crypto";
import * as tls from "node:tls";
import { assert } from "../../errors.js";
import {
  type Connection,
  NetworkError,
  type Tls,
  type TlsAcceptOptions,
  type TlsConnectOptions,
  type TlsContext,
  type TlsContextOptions,
  type TlsDone,
  type TlsFacts,
  type TlsVerify,
} from "../platform.js";
import { NodeConnection } from "./connection.js";
import { TcpConnection } from "./tcp-connection.js";

/** Of a record that carries a handshake, with which TLS begins; ZooKeeper's own protocols begin with others. */
const HANDSHAKE_RECORD = 0x16;

/** Longer chains are cut: what is shown costs its own connection only. */
const CHAIN_MAX = 16;

const OLDER: readonly [string, number][] = [
  ["TLSv1", constants.SSL_OP_NO_TLSv1],
  ["TLSv1.1", constants.SSL_OP_NO_TLSv1_1],
  ["TLSv1.2", constants.SSL_OP_NO_TLSv1_2],
  ["TLSv1.3", constants.SSL_OP_NO_TLSv1_3],
];

class NodeTlsContext implements TlsContext {
  readonly options: TlsContextOptions;
  readonly secure: tls.SecureContext;

  constructor(options: TlsContextOptions) {
    this.options = options;
    const { keys, trusted, ciphers, protocols } = options;
    const wanted = OLDER.filter(([name]) => protocols.includes(name));
    if (wanted.length === 0) {
      const known = OLDER.map(([name]) => name).join(", ");
      throw new Error(
        `No known protocol among "${protocols.join(",")}" (protocol, enabledProtocols): there are ${known}`,
      );
    }
    const noTicket = options.resumption ? 0 : constants.SSL_OP_NO_TICKET;
    const refused = OLDER.filter(([name]) => !protocols.includes(name));
    this.secure = tls.createSecureContext({
      key: keys.map(({ key }) => pem("PRIVATE KEY", key)),
      cert: keys.map(({ chain }) => chain.map((one) => pem("CERTIFICATE", one)).join("")),
      ...(trusted !== undefined && { ca: trusted.map((one) => pem("CERTIFICATE", one)) }),
      ...(ciphers !== undefined && { ciphers: ciphers.join(":") }),
      minVersion: "TLSv1",
      maxVersion: "TLSv1.3",
      honorCipherOrder: true,
      // As Java's rejectClientInitiatedRenegotiation, which ZooKeeper sets.
      secureOptions: refused.reduce(
        (all, [, no]) => all | no,
        constants.SSL_OP_NO_RENEGOTIATION | noTicket,
      ),
      // Without it a client that shows a certificate cannot take up an earlier session.
      sessionIdContext: "zooid",
    });
  }
}

export class NodeTls implements Tls {
  createContext(options: TlsContextOptions): TlsContext {
    return new NodeTlsContext(options);
  }

  accept(
    connection: Connection,
    context: TlsContext,
    options: TlsAcceptOptions,
    done: TlsDone,
  ): { cancel(): void } {
    const handshake = new Handshake(connection, context, options, done);
    if (options.plainToo) handshake.detect(options.detectionMs);
    else handshake.accept();
    return handshake;
  }

  connect(
    connection: Connection,
    context: TlsContext,
    options: TlsConnectOptions,
    done: TlsDone,
  ): { cancel(): void } {
    const handshake = new Handshake(connection, context, options, done);
    handshake.connect(options);
    return handshake;
  }
}

class Handshake {
  readonly #plain: NodeConnection;
  readonly #context: NodeTlsContext;
  readonly #timeoutMs: number;
  readonly #verify: TlsVerify | undefined;
  #done: TlsDone | undefined;
  #socket: tls.TLSSocket | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    connection: Connection,
    context: TlsContext,
    options: TlsAcceptOptions | TlsConnectOptions,
    done: TlsDone,
  ) {
    assert(context instanceof NodeTlsContext, "a TLS context is made by this platform");
    this.#plain = withSocket(connection);
    this.#context = context;
    this.#timeoutMs = options.timeoutMs;
    this.#verify = options.verify;
    this.#done = done;
    this.#plain.socket.once("close", this.#closed);
  }

  cancel(): void {
    if (this.#finish() === undefined) return;
    (this.#socket ?? this.#plain.socket).destroy();
  }

  /** Waits for the first bytes to see what they are. */
  detect(detectionMs: number): void {
    this.#timer = setTimeout(() => this.#plain.stopPeeking(), detectionMs);
    this.#plain.peek((first) => {
      if (this.#done === undefined) return;
      clearTimeout(this.#timer);
      if (first?.[0] === HANDSHAKE_RECORD) this.accept();
      else {
        this.#plain.socket.off("close", this.#closed);
        this.#finish()?.(undefined, this.#plain);
      }
    });
  }

  accept(): void {
    const { clientAuth } = this.#context.options;
    this.#plain.putBack();
    const socket = new tls.TLSSocket(this.#plain.socket, {
      isServer: true,
      secureContext: this.#context.secure,
      requestCert: clientAuth !== "none",
      rejectUnauthorized: clientAuth === "need",
    });
    socket.once("secure", () => this.#accepted(socket));
    // Errors after the handshake, which nobody else would act upon.
    socket.on("_tlsError", (error: Error) => socket.destroy(error));
    this.#begin(socket);
  }

  connect({ serverName, hostNames }: TlsConnectOptions): void {
    const socket = tls.connect({
      socket: this.#plain.socket,
      secureContext: this.#context.secure,
      ...(serverName !== undefined && { servername: serverName }),
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => mismatch(hostNames, certificate),
    });
    socket.once("secureConnect", () => this.#secured(socket));
    this.#begin(socket);
  }

  #begin(socket: tls.TLSSocket): void {
    this.#socket = socket;
    socket.on("error", this.#fail);
    this.#timer = setTimeout(() => {
      const message = `TLS handshake took longer than ${this.#timeoutMs} ms`;
      this.#fail(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
    }, this.#timeoutMs);
  }

  #accepted(socket: tls.TLSSocket): void {
    if (this.#context.options.clientAuth !== "none") {
      const error = verifyError(socket);
      const hasShown = socket.getPeerX509Certificate() !== undefined;
      const isNeeded = this.#context.options.clientAuth === "need";
      if (error !== undefined && (hasShown || isNeeded)) {
        this.#fail(error);
        return;
      }
    }
    this.#secured(socket);
  }

  #secured(socket: tls.TLSSocket): void {
    const facts = factsOf(socket);
    if (this.#verify === undefined) this.#handOver(socket, facts);
    else {
      // What arrives meanwhile waits in the socket, which nobody reads.
      this.#verify(facts, (error) => {
        if (error === undefined) this.#handOver(socket, facts);
        else this.#fail(error);
      });
    }
  }

  #handOver(socket: tls.TLSSocket, facts: TlsFacts): void {
    socket.off("error", this.#fail);
    this.#plain.socket.off("close", this.#closed);
    const done = this.#finish();
    if (done === undefined) return;
    done(undefined, NodeConnection.secured(this.#plain, socket, facts));
  }

  readonly #closed = (): void => {
    this.#fail(
      Object.assign(new Error("it was closed before the TLS handshake"), { code: "ECONNRESET" }),
    );
  };

  readonly #fail = (error: Error): void => {
    const done = this.#finish();
    if (done === undefined) return;
    const socket = this.#socket ?? this.#plain.socket;
    socket.on("error", () => {});
    socket.destroy();
    const { remoteAddress, remotePort } = this.#plain;
    const code = (error as { code?: unknown }).code;
    done(
      new NetworkError(
        typeof code === "string" ? code : "ERR_TLS",
        `Cannot agree on TLS with "${remoteAddress}:${remotePort}": ${reason(error)}`,
      ),
    );
  };

  #finish(): TlsDone | undefined {
    const done = this.#done;
    this.#done = undefined;
    clearTimeout(this.#timer);
    return done;
  }
}

/** node:tls wants a net.Socket. */
function withSocket(connection: Connection): NodeConnection {
  if (connection instanceof TcpConnection) return NodeConnection.accepted(connection.giveAway());
  assert(connection instanceof NodeConnection, "TLS is put over a connection of this platform");
  return connection;
}

function verifyError(socket: tls.TLSSocket): Error | undefined {
  const { ssl } = socket as unknown as { ssl?: { verifyError?: () => Error | undefined | null } };
  if (typeof ssl?.verifyError !== "function") return new Error("its certificate cannot be checked");
  return ssl.verifyError() ?? undefined;
}

function mismatch(
  hostNames: readonly string[] | undefined,
  certificate: tls.PeerCertificate,
): Error | undefined {
  if (hostNames === undefined) return undefined;
  let error = new Error("no name is expected of it");
  for (const name of hostNames) {
    const found = tls.checkServerIdentity(name, certificate);
    if (found === undefined) return undefined;
    error = found;
  }
  return error;
}

function factsOf(socket: tls.TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate(true) as tls.DetailedPeerCertificate | undefined;
  const peerCertificates: Buffer[] = [];
  let one = certificate?.raw === undefined ? undefined : certificate;
  while (one !== undefined && peerCertificates.length < CHAIN_MAX) {
    peerCertificates.push(one.raw);
    one = one.issuerCertificate === one ? undefined : one.issuerCertificate;
  }
  return {
    protocol: socket.getProtocol() ?? "",
    cipherSuite: socket.getCipher().standardName,
    peerCertificates,
    peerIsNamed: (names) =>
      peerCertificates.length > 0 &&
      mismatch(names, certificate as tls.PeerCertificate) === undefined,
  };
}

/** OpenSSL's errors come with numbers and source lines: the sentence in the middle is what helps. */
function reason(error: Error): string {
  const { reason: words, code } = error as { reason?: unknown; code?: unknown };
  const text = typeof words === "string" ? words : error.message.trim();
  return typeof code === "string" && !text.includes(code) ? `${text} (${code})` : text;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
