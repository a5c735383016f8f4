// Where connections wait for TLS before they are clients: handshakes under way. Java: NettyServerCnxnFactory's CertificateVerifier
// and DualModeSslHandler.
//
// A handshake costs both sides a signature, and us more memory than a client: so many at a time, so long each. Who has shown
// a certificate gets its identity at once, under the scheme that ssl.authProvider names.

import { inIdentityOrder } from "../auth/java-hash-order.js";
import { TLS_HANDSHAKES_MAX } from "../limits.js";
import type { Counter } from "../metrics/instruments.js";
import type { Connection, NetworkError } from "../platform/platform.js";
import { LimitedLog } from "../strangers/limited-log.js";
import type { TlsEndpoint } from "../tls/endpoint.js";
import type { Id } from "../wire/records.js";
import type { DoorContext } from "./door-context.js";
import { socketAddress } from "./java-address.js";

/** What a port takes: plain connections, those with TLS, or both (client.portUnification). */
export type PortKind = "plain" | "tls" | "both";

export class TlsGate {
  readonly #door: DoorContext;
  readonly #endpoint: TlsEndpoint;
  readonly #underWay = new Set<{ cancel(): void }>();
  readonly #exceeded: Counter;
  readonly #unsuccessful: Counter;
  readonly #withoutServer: Counter;
  /** Failing handshakes are anybody's to make. */
  readonly #failures: LimitedLog;

  constructor(door: DoorContext, endpoint: TlsEndpoint) {
    this.#door = door;
    this.#endpoint = endpoint;
    this.#failures = new LimitedLog(door.logs.factory, door.platform.clock);
    const { counters } = door.metrics;
    this.#exceeded = counters.tls_handshake_exceeded;
    this.#unsuccessful = counters.unsuccessful_handshake;
    this.#withoutServer = counters.cnxn_closed_without_zk_server_running;
  }

  /** Handshakes that are under way. */
  get count(): number {
    return this.#underWay.size;
  }

  /** Whether one more may begin; where not it is counted, and the connection is to be closed. */
  mayBegin(kind: PortKind): boolean {
    const { settings, port } = this.#door;
    if (kind === "tls" && !port.serving && settings.nettyEarlyDropSecureConnectionHandshakes) {
      this.#withoutServer.add(1);
      return false;
    }
    const limit = settings.nettyOutstandingHandshakeLimit;
    const most = limit > 0 ? Math.min(limit, TLS_HANDSHAKES_MAX) : TLS_HANDSHAKES_MAX;
    if (this.#underWay.size < most) return true;
    this.#exceeded.add(1);
    return false;
  }

  /** `done` is called once, unless the gate is closed: without a connection when there is none to go on with. */
  begin(connection: Connection, kind: PortKind, done: (connection?: Connection) => void): void {
    const name = socketAddress(connection.remoteAddress, connection.remotePort);
    const timeoutMs = this.#door.settings.nioSessionlessCnxnTimeoutMs;
    const plainToo = kind === "both";
    const attempt = this.#endpoint.accept(connection, { plainToo, timeoutMs }, (error, secured) => {
      this.#underWay.delete(attempt);
      if (error !== undefined) this.#failed(name, error);
      done(secured);
    });
    this.#underWay.add(attempt);
  }

  /** What the client has shown itself to be, with what it was before; undefined: it may not stay. */
  identify(connection: Connection, before: readonly Id[]): readonly Id[] | undefined {
    const { schemes, settings, logs, stats } = this.#door;
    if ((connection.tls?.peerCertificates.length ?? 0) === 0) return before;
    const outcome = schemes.authenticate(connection, settings.sslAuthProvider, null);
    const who = socketAddress(connection.remoteAddress, connection.remotePort);
    if (!outcome.ok) {
      stats.authFailures++;
      logs.factory.error(`Authentication failed for ${who}: ${outcome.logLine}`);
      return undefined;
    }
    for (const { scheme, id } of outcome.identities) {
      logs.connection.info(`Authenticated Id '${id}' for scheme '${scheme}' of ${who}`);
    }
    return inIdentityOrder([...before, ...outcome.identities]);
  }

  close(): void {
    for (const attempt of this.#underWay) attempt.cancel();
    this.#underWay.clear();
  }

  #failed(name: string, error: NetworkError): void {
    this.#unsuccessful.add(1);
    this.#door.stats.authFailures++;
    this.#failures.warn(`Unsuccessful handshake with ${name}: ${error.message}`);
  }
}
