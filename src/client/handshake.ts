// The first frame of a connection: who is it, may it come in, which session. Java: ZooKeeperServer.processConnectRequest,
// reopenSession and finishSessionInit, ProtocolManager.
//
// The order of the checks is Java's, because it decides which refusal a client and an operator see:
//
//   throttle → read-only → has seen more than we have → negotiate the time-out → create or renew
//
// A refusal before the session is looked at closes the connection without a word, so that the client tries another server.
// A session that cannot be renewed is answered with time-out 0, which tells the client that it has expired.

import { JuteReader } from "../jute/reader.js";
import { JuteWriter } from "../jute/writer.js";
import { reached } from "../marks.js";
import {
  isPasswordOf,
  negotiatedTimeoutMs,
  PASSWORD_BYTES,
  passwordOf,
} from "../session/session-id.js";
import { hex0x, NO_SESSION, type SessionId } from "../wire/ids.js";
import {
  type ConnectRequest,
  type ConnectResponse,
  readConnectRequest,
  writeConnectResponse,
} from "../wire/records.js";
import type { DoorClient, DoorContext } from "./door-context.js";
import type { DisconnectReason } from "./server-port.js";

/** What is to be done with a connection whose handshake was read. */
export type Admission =
  | { readonly kind: "refused"; readonly reason: DisconnectReason }
  | { readonly kind: "create"; readonly timeoutMs: number }
  /** With a password that is not the session's it is answered as if the session had expired. */
  | {
      readonly kind: "renew";
      readonly timeoutMs: number;
      readonly sessionId: SessionId;
      readonly isPasswordRight: boolean;
    };

/** Clients before 3.4 do not send readOnly, and must not be sent it. What follows the record is ignored, as in Java. */
export function readHandshake(bytes: Buffer, start: number, end: number): ConnectRequest {
  return readConnectRequest(new JuteReader(bytes, start, end));
}

export function admit(door: DoorContext, client: DoorClient, request: ConnectRequest): Admission {
  const { port, settings } = door;
  if (!takeTokens(door, request)) return refuse("Client hits connection limiting threshold");
  door.counters.connectionTokenDeficit.add(door.blueThrottle.deficit);
  door.counters.connectionRequests.add(1);
  if (request.readOnly === undefined) {
    door.logs.server.warn(
      `Connection request from old client ${client.remoteName}; will be dropped if server is in r-o mode`,
    );
  }
  if (port.readOnly && request.readOnly !== true) {
    door.logs.server.info(`Refusing session request for not-read-only client ${client.remoteName}`);
    reached("client: refused, this member is read-only");
    return refuse("not_read_only_client");
  }
  const lastZxid = port.lastProcessedZxid();
  if (request.lastZxidSeen > lastZxid) {
    door.logs.server.info(
      `Refusing session(${hex0x(request.sessionId)}) request for client ${client.remoteName} as it has seen zxid ${hex0x(request.lastZxidSeen)} our last zxid is ${hex0x(lastZxid)} client must try another server`,
    );
    reached("client: refused, it has seen more than this member");
    return refuse("client_zxid_ahead");
  }
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = settings;
  const timeoutMs = negotiatedTimeoutMs(request.timeOut, minSessionTimeoutMs, maxSessionTimeoutMs);
  const { sessionId } = request;
  if (sessionId === NO_SESSION) return { kind: "create", timeoutMs };
  const isPasswordRight = isPasswordOf(sessionId, request.passwd);
  if (!isPasswordRight) {
    const whose = `${client.remoteName} for session ${hex0x(sessionId)}`;
    door.logs.server.warn(`Incorrect password from ${whose}`);
  }
  door.counters.connectionRevalidations.add(1);
  return { kind: "renew", timeoutMs, sessionId, isPasswordRight };
}

function takeTokens(door: DoorContext, request: ConnectRequest): boolean {
  const isNew = request.sessionId === NO_SESSION;
  const newKind = door.settings.localSessionsEnabled ? "local" : "global";
  const random = door.platform.random.integer(2 ** 32) / 2 ** 32;
  if (door.blueThrottle.admit(isNew ? newKind : "renew", door.nowMs(), random)) return true;
  door.counters.connectionRejected.add(1);
  return false;
}

function refuse(reason: DisconnectReason): Admission {
  return { kind: "refused", reason };
}

/** The answer: with a time-out of 0 and without an id when the session is not to be had. */
export function handshakeAnswer(
  client: DoorClient,
  facts: {
    readonly valid: boolean;
    readonly serverIsReadOnly: boolean;
    readonly clientKnowsReadOnly: boolean;
  },
): Buffer {
  const { valid, serverIsReadOnly, clientKnowsReadOnly } = facts;
  const response: ConnectResponse = {
    protocolVersion: 0,
    timeOut: valid ? client.sessionTimeoutMs : 0,
    sessionId: valid ? client.sessionId : NO_SESSION,
    passwd: valid ? passwordOf(client.sessionId) : Buffer.alloc(PASSWORD_BYTES),
    readOnly: clientKnowsReadOnly ? serverIsReadOnly : undefined,
  };
  const out = new JuteWriter(64);
  out.int(0);
  writeConnectResponse(out, response);
  out.patchInt(0, out.length - 4);
  return out.take();
}
