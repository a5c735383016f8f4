// TLS of a simulated process: the same questions (is it TLS, which certificate, is it trusted, which protocol do both speak) and
// the same answers, without the secrets. A hello each way, then the bytes as they are.
//
//   hello = 0x16, length (4 bytes), JSON of the chain, the protocols and the ciphers        alert = 0x15, length, reason
//
// Certificates are real ones, checked by their issuers' signatures; dates and revocation are not.

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { assert } from "../../../src/errors.js";
import {
  type Clock,
  type Connection,
  type ConnectionHandler,
  NetworkError,
  type Timer,
  type Tls,
  type TlsAcceptOptions,
  type TlsConnectOptions,
  type TlsContext,
  type TlsContextOptions,
  type TlsDone,
  type TlsFacts,
} from "../../../src/platform/platform.js";

const HELLO = 0x16;
const ALERT = 0x15;
const HEADER_BYTES = 5;
const PROTOCOLS = ["TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"];

interface Hello {
  readonly chain: readonly string[];
  readonly protocols: readonly string[];
}

export class SimTls implements Tls {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  createContext(options: TlsContextOptions): TlsContext {
    if (!options.protocols.some((name) => PROTOCOLS.includes(name))) {
      throw new Error(`No known protocol among "${options.protocols.join(",")}"`);
    }
    return { options };
  }

  accept(
    connection: Connection,
    context: TlsContext,
    options: TlsAcceptOptions,
    done: TlsDone,
  ): { cancel(): void } {
    return new SimSecured(this.#clock, connection, context.options, { accept: options }, done);
  }

  connect(
    connection: Connection,
    context: TlsContext,
    options: TlsConnectOptions,
    done: TlsDone,
  ): { cancel(): void } {
    return new SimSecured(this.#clock, connection, context.options, { connect: options }, done);
  }
}

interface Part {
  readonly accept?: TlsAcceptOptions;
  readonly connect?: TlsConnectOptions;
}

class SimSecured implements Connection, ConnectionHandler {
  tls: TlsFacts | undefined;
  readonly #clock: Clock;
  readonly #inner: Connection;
  readonly #context: TlsContextOptions;
  readonly #part: Part;
  #done: TlsDone | undefined;
  #timer: Timer;
  #handler: ConnectionHandler | undefined;
  /** Of the handshake, and then what came with its last bytes. */
  #bytes: Buffer = Buffer.alloc(0);
  #isHelloSeen = false;
  #isAgreed = false;
  #hasEnded = false;
  #isPaused = false;

  constructor(
    clock: Clock,
    inner: Connection,
    context: TlsContextOptions,
    part: Part,
    done: TlsDone,
  ) {
    this.#clock = clock;
    this.#inner = inner;
    this.#context = context;
    this.#part = part;
    this.#done = done;
    inner.start(this);
    const { accept, connect } = part;
    if (accept?.plainToo) {
      this.#timer = clock.setTimer(accept.detectionMs, () => this.#handOver());
    } else this.#timer = this.#deadline();
    if (connect !== undefined) this.#sendHello(context.protocols);
  }

  // ---------------------------------------------------------------------------------------------------------- Connection

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }
  get remotePort(): number {
    return this.#inner.remotePort;
  }
  get localAddress(): string {
    return this.#inner.localAddress;
  }
  get localPort(): number {
    return this.#inner.localPort;
  }
  get unsentBytes(): number {
    return this.#inner.unsentBytes;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, "a connection is started once");
    this.#handler = handler;
    this.#deliverLater();
  }

  write(bytes: Uint8Array): void {
    this.#inner.write(bytes);
  }

  pauseReading(): void {
    this.#isPaused = true;
    this.#inner.pauseReading();
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#inner.resumeReading();
    this.#deliverLater();
  }

  setKeepAlive(on: boolean): void {
    this.#inner.setKeepAlive(on);
  }

  end(): void {
    this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  cancel(): void {
    if (this.#finish() !== undefined) this.#inner.destroy();
  }

  // --------------------------------------------------------------------------------------------------- ConnectionHandler

  onData(chunk: Buffer): void {
    if (this.#handler !== undefined && this.#bytes.length === 0) {
      this.#handler.onData(chunk);
      return;
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#done !== undefined && !this.#isAgreed) this.#handshake();
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onEnd(): void {
    if (this.#handler !== undefined && this.#bytes.length === 0) {
      this.#handler.onEnd();
      return;
    }
    this.#hasEnded = true;
    if (this.#done === undefined) return;
    if (this.#part.accept?.plainToo && !this.#isHelloSeen) this.#handOver();
    else this.#fail("ECONNRESET", "it was closed before the TLS handshake");
  }

  onClose(error: NetworkError | undefined): void {
    this.#fail("ECONNRESET", "it was closed before the TLS handshake");
    this.#handler?.onClose(error);
  }

  // ----------------------------------------------------------------------------------------------------------- handshake

  #handshake(): void {
    const { accept } = this.#part;
    const first = this.#bytes[0];
    if (accept?.plainToo && first !== HELLO) {
      this.#handOver();
      return;
    }
    if (first !== HELLO && first !== ALERT) {
      this.#refuse("wrong version number");
      return;
    }
    if (!this.#isHelloSeen && accept?.plainToo) {
      this.#timer.cancel();
      this.#timer = this.#deadline();
    }
    this.#isHelloSeen = true;
    if (this.#bytes.length < HEADER_BYTES) return;
    const end = HEADER_BYTES + this.#bytes.readUInt32BE(1);
    if (this.#bytes.length < end) return;
    const text = this.#bytes.subarray(HEADER_BYTES, end).toString();
    this.#bytes = Buffer.from(this.#bytes.subarray(end));
    if (first === ALERT) this.#fail("ERR_TLS", text);
    else this.#agree(JSON.parse(text) as Hello);
  }

  #agree({ chain, protocols }: Hello): void {
    const certificates = chain.map((one) => Buffer.from(one, "hex"));
    const own = this.#context.protocols;
    const protocol = PROTOCOLS.find((name) => own.includes(name) && protocols.includes(name));
    const isServer = this.#part.accept !== undefined;
    const { clientAuth } = this.#context;
    const isAsked = !isServer || clientAuth !== "none";
    const isNeeded = !isServer || clientAuth === "need";
    if (protocol === undefined) {
      this.#refuse("unsupported protocol");
      return;
    }
    if (isAsked && certificates.length === 0 && isNeeded) {
      this.#refuse("peer did not return a certificate");
      return;
    }
    if (isAsked && certificates.length > 0 && !this.#isTrusted(certificates)) {
      this.#refuse("unable to verify the first certificate");
      return;
    }
    const peerCertificates = isAsked ? certificates : [];
    const facts: TlsFacts = {
      protocol,
      cipherSuite: this.#context.ciphers?.[0] ?? "TLS_AES_256_GCM_SHA384",
      peerCertificates,
      peerIsNamed: (names) => isNamed(peerCertificates[0], names),
    };
    const { hostNames } = this.#part.connect ?? {};
    if (hostNames !== undefined && !facts.peerIsNamed(hostNames)) {
      this.#refuse("Hostname/IP does not match certificate's altnames");
      return;
    }
    if (isServer) this.#sendHello([protocol]);
    this.#isAgreed = true;
    const verify = (this.#part.accept ?? this.#part.connect)?.verify;
    const decide = (error: Error | undefined): void => {
      if (error === undefined) {
        this.tls = facts;
        this.#handOver();
      } else this.#fail("ERR_TLS", error.message);
    };
    if (verify === undefined) decide(undefined);
    else verify(facts, decide);
  }

  #isTrusted(certificates: readonly Buffer[]): boolean {
    const trusted = (this.#context.trusted ?? []).map((one) => new X509Certificate(one));
    const last = new X509Certificate(certificates.at(-1) as Buffer);
    return trusted.some((one) => last.checkIssued(one) && last.verify(one.publicKey));
  }

  #sendHello(protocols: readonly string[]): void {
    const chain = this.#context.keys[0]?.chain.map((one) => one.toString("hex")) ?? [];
    this.#send(HELLO, JSON.stringify({ chain, protocols } satisfies Hello));
  }

  #send(kind: number, text: string): void {
    const body = Buffer.from(text);
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = kind;
    header.writeUInt32BE(body.length, 1);
    this.#inner.write(Buffer.concat([header, body]));
  }

  #refuse(why: string): void {
    this.#send(ALERT, why);
    this.#inner.end();
    this.#fail("ERR_TLS", why);
  }

  #deadline(): Timer {
    const { timeoutMs } = (this.#part.accept ?? this.#part.connect) as { timeoutMs: number };
    return this.#clock.setTimer(timeoutMs, () => {
      this.#inner.destroy();
      this.#fail("ETIMEDOUT", `TLS handshake took longer than ${timeoutMs} ms`);
    });
  }

  #fail(code: string, why: string): void {
    const done = this.#finish();
    if (done === undefined) return;
    this.#inner.destroy();
    const { remoteAddress, remotePort } = this.#inner;
    const message = `Cannot agree on TLS with "${remoteAddress}:${remotePort}": ${why}`;
    done(new NetworkError(code, message));
  }

  #handOver(): void {
    this.#finish()?.(undefined, this);
  }

  #finish(): TlsDone | undefined {
    const done = this.#done;
    this.#done = undefined;
    this.#timer.cancel();
    return done;
  }

  /** What came before the connection was started. */
  #deliverLater(): void {
    if (this.#bytes.length === 0 && !this.#hasEnded) return;
    this.#clock.setTimer(0, () => {
      if (this.#isPaused) return;
      const bytes = this.#bytes;
      this.#bytes = Buffer.alloc(0);
      if (bytes.length > 0) this.#handler?.onData(bytes);
      if (!this.#hasEnded) return;
      this.#hasEnded = false;
      this.#handler?.onEnd();
    });
  }
}

function isNamed(certificate: Buffer | undefined, names: readonly string[]): boolean {
  if (certificate === undefined) return false;
  const parsed = new X509Certificate(certificate);
  return names.some((name) =>
    isIP(name) > 0 ? parsed.checkIP(name) !== undefined : parsed.checkHost(name) !== undefined,
  );
}
