// The two requests that do not go through the pipeline: auth and sasl. Java: ZooKeeperServer.processPacket, processSasl,
// AuthenticationHelper.
//
// They are answered at once, not in the order of the requests around them, as in Java; clients know them by their xid.

import { inIdentityOrder } from "../auth/java-hash-order.js";
import { ProtocolError } from "../errors.js";
import { JuteReader } from "../jute/reader.js";
import { CLIENT_IDENTITIES_MAX } from "../limits.js";
import { ErrorCode } from "../wire/error-codes.js";
import { hex0x } from "../wire/ids.js";
import { type Id, readAuthPacket, readGetSASLRequest } from "../wire/records.js";
import type { DoorClient, DoorContext } from "./door-context.js";
import type { DisconnectReason } from "./server-port.js";

export type AuthResult =
  /** All identities the client now has. */
  | { readonly kind: "ok"; readonly identities: readonly Id[] }
  | { readonly kind: "failed"; readonly error: ErrorCode }
  | { readonly kind: "close"; readonly reason: DisconnectReason };

/** [auth] AuthPacket {int type, ustring scheme, buffer auth} */
export function authenticate(door: DoorContext, client: DoorClient, body: Buffer): AuthResult {
  const log = door.logs.server;
  log.info(`got auth packet ${client.remoteName}`);
  const { scheme, auth } = readAuthPacket(new JuteReader(body));
  // The packet's bytes are gone when the call is over; schemes may keep theirs.
  const data = auth === null ? null : Buffer.from(auth);
  const outcome = door.schemes.authenticate(client, scheme, data);
  if (!outcome.ok) {
    log.warn(outcome.logLine);
    if (outcome.silent) return { kind: "close", reason: "Unsuccessful handshake" };
    return { kind: "failed", error: outcome.error };
  }
  const identities = merged(client.identities, outcome.identities);
  if (identities.length > CLIENT_IDENTITIES_MAX) {
    throw new ProtocolError(
      `Client has too many identities: want at most ${CLIENT_IDENTITIES_MAX}`,
    );
  }
  log.info(
    `Session ${hex0x(client.sessionId)}: auth success for scheme ${scheme} and address ${client.remoteName}`,
  );
  return { kind: "ok", identities };
}

function merged(known: readonly Id[], added: readonly Id[]): readonly Id[] {
  const fresh = added.filter(
    ({ scheme, id }) => !known.some((one) => one.scheme === scheme && one.id === id),
  );
  return fresh.length === 0 ? known : inIdentityOrder([...known, ...fresh]);
}

/** SetSASLResponse {buffer token = null} */
const NULL_TOKEN = Buffer.from("ffffffff", "hex");

/**
 * [sasl] GetSASLRequest {buffer token} → SetSASLResponse {buffer token}
 *
 * A Java server without a JAAS section has no SASL server to ask, stumbles over that, and answers with a null token and no
 * error; clients take it for the end of the exchange. A null token in the request costs the connection.
 */
export function answerSasl(client: DoorClient, xid: number, body: Buffer): void {
  const { token } = readGetSASLRequest(new JuteReader(body));
  if (token === null) throw new ProtocolError("SASL token is null");
  client.respond(xid, ErrorCode.ok, NULL_TOKEN);
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
