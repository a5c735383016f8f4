// The two requests that do not go through the pipeline: auth and sasl. Java: ZooKeeperServer.processPacket, processSasl,
// AuthenticationHelper.
//
// They are answered at once, not in the order of the requests around them, as in Java; clients know them by their xid. A SASL
// mechanism that has to ask somebody else holds the connection's input up meanwhile.

import { SUPER_SCHEME } from "../auth/digest-scheme.js";
import { inIdentityOrder } from "../auth/java-hash-order.js";
import type { SaslExchange, SaslOutcome } from "../auth/sasl/sasl.js";
import { SASL_SCHEME } from "../auth/sasl-scheme.js";
import { ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import { CLIENT_IDENTITIES_MAX } from "../limits.js";
import { ErrorCode } from "../wire/error-codes.js";
import { hex0x } from "../wire/ids.js";
import {
  type Id,
  readAuthPacket,
  readGetSASLRequest,
  writeSetSASLResponse,
} from "../wire/records.js";
import type { DoorClient, DoorContext } from "./door-context.js";
import type { DisconnectReason } from "./server-port.js";

/** A connection as these requests see it. */
export interface AuthenticatingConnection extends DoorClient {
  identities: readonly Id[];
  /** Undefined: there is no SASL here. */
  readonly saslExchange: SaslExchange | undefined;
  /** Replies, and ends the connection. */
  refuse(xid: number, error: ErrorCode, reason: DisconnectReason, body?: Buffer): void;
  /** Nothing more is read until it is off again. */
  hold(on: boolean): void;
}

/** [auth] AuthPacket {int type, ustring scheme, buffer auth} */
export function answerAuth(
  door: DoorContext,
  client: AuthenticatingConnection,
  xid: number,
  body: Buffer,
): void {
  const log = door.logs.server;
  log.info(`got auth packet ${client.remoteName}`);
  const { scheme, auth } = readAuthPacket(new JuteReader(body));
  // The packet's bytes are gone when the call is over; schemes may keep theirs.
  const data = auth === null ? null : Buffer.from(auth);
  const outcome = door.schemes.authenticate(client, scheme, data);
  if (!outcome.ok) {
    log.warn(outcome.logLine);
    if (outcome.silent) client.close("Unsuccessful handshake");
    else client.refuse(xid, outcome.error, "sasl_auth_failure");
    return;
  }
  client.identities = merged(client.identities, outcome.identities);
  log.info(
    `Session ${hex0x(client.sessionId)}: auth success for scheme ${scheme} and address ${client.remoteName}`,
  );
  client.respond(xid, ErrorCode.ok);
}

function merged(known: readonly Id[], added: readonly Id[]): readonly Id[] {
  const fresh = added.filter(
    ({ scheme, id }) => !known.some((one) => one.scheme === scheme && one.id === id),
  );
  if (fresh.length === 0) return known;
  const identities = inIdentityOrder([...known, ...fresh]);
  if (identities.length <= CLIENT_IDENTITIES_MAX) return identities;
  throw new ProtocolError(`Client has too many identities: want at most ${CLIENT_IDENTITIES_MAX}`);
}

/** [sasl] GetSASLRequest {buffer token} → SetSASLResponse {buffer token} */
export function answerSasl(
  door: DoorContext,
  client: AuthenticatingConnection,
  xid: number,
  body: Buffer,
): void {
  const { token } = readGetSASLRequest(new JuteReader(body));
  // Java stumbles over it before it has answered, which costs the connection.
  if (token === null) throw new ProtocolError("SASL token is null");
  const exchange = client.saslExchange;
  if (exchange === undefined) {
    // Java stumbles here as well, but answers: clients take it for the end of the exchange.
    door.logs.server.error(
      "cnxn.saslServer is null: cnxn object did not initialize its saslServer properly.",
    );
    client.respond(xid, ErrorCode.ok, saslResponse(null));
    return;
  }
  let isAnswered = false;
  let isHeld = false;
  exchange.evaluate(Buffer.from(token), (outcome) => {
    isAnswered = true;
    if (!client.isOpen) return;
    if (isHeld) client.hold(false);
    finishSasl(door, client, xid, outcome);
  });
  if (isAnswered) return;
  isHeld = true;
  client.hold(true);
}

function finishSasl(
  door: DoorContext,
  client: AuthenticatingConnection,
  xid: number,
  outcome: SaslOutcome,
): void {
  const { settings, logs } = door;
  if (outcome.kind === "failed" && outcome.isFaulty) {
    logs.server.warn(`Client ${client.remoteName} cannot be understood: ${outcome.reason}`);
    client.close("sasl_auth_failure");
    return;
  }
  if (outcome.kind !== "failed") {
    if (outcome.kind === "complete") addSaslIdentity(door, client, outcome.authorizationId);
    client.respond(xid, ErrorCode.ok, saslResponse(outcome.token));
    return;
  }
  const log = logs.server;
  log.warn(`Client ${client.remoteName} failed to SASL authenticate: ${outcome.reason}`);
  const isRequired =
    settings.enforceAuthEnabled && settings.enforceAuthSchemes.includes(SASL_SCHEME);
  if (settings.allowSaslFailedClients && !isRequired) {
    log.warn("Maintaining client connection despite SASL authentication failure.");
    client.respond(xid, ErrorCode.ok, saslResponse(null));
    return;
  }
  log.warn(
    isRequired
      ? "Closing client connection due to server requires client SASL authentication,but client SASL authentication has failed, or client is not configured with SASL authentication."
      : "Closing client connection due to SASL authentication failure.",
  );
  const error = isRequired ? ErrorCode.sessionClosedRequireSaslAuth : ErrorCode.authFailed;
  client.refuse(xid, error, "sasl_auth_failure", saslResponse(null));
}

function addSaslIdentity(
  { settings, logs }: DoorContext,
  client: AuthenticatingConnection,
  authorizationId: string,
): void {
  const session = `Session ${hex0x(client.sessionId)}`;
  logs.server.info(`${session}: adding SASL authorization for authorizationID: ${authorizationId}`);
  const added: Id[] = [{ scheme: SASL_SCHEME, id: authorizationId }];
  if (settings.superUsers.includes(authorizationId)) {
    added.push({ scheme: SUPER_SCHEME, id: "" });
    logs.server.info(`${session}: Authenticated Id '${authorizationId}' as super user`);
  }
  client.identities = merged(client.identities, added);
}

function saslResponse(token: Buffer | null): Buffer {
  const out = new JuteWriter(4 + (token?.length ?? 0));
  writeSetSASLResponse(out, { token });
  return out.take();
}

/** enforce.auth.*: whether the client has shown who it is by one of the schemes that are asked for. */
export function isAuthenticated(door: DoorContext, client: DoorClient): boolean {
  const wanted = door.settings.enforceAuthSchemes;
  if (client.identities.some(({ scheme }) => scheme !== null && wanted.includes(scheme))) {
    return true;
  }
  const shown = client.identities.map(({ scheme }) => scheme).join(", ");
  door.logs.server.error(
    `Client authentication scheme(s) [${shown}] does not match with any of the expected authentication scheme [${wanted.join(", ")}], closing session.`,
  );
  return false;
}
