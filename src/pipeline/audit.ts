// One line for each change and who made it. Java: AuditHelper, ZKAuditProvider, AuditEvent, Slf4jAuditLogger.
//
//   session=0x1… user=127.0.0.1,u ip=127.0.0.1 operation=create znode=/a znode_type=persistent result=success     (tabs)
//
// The server that a client is connected to writes its lines, when the change has been applied there: what was asked is kept
// with the request on its way, what became of it is known then. Failures are errors in the log, everything else information.

import type { AuthSchemes } from "../auth/schemes.js";
import type { ClientConnection } from "../client/server-port.js";
import { type CreateWish, createModeOf } from "../operations/create.js";
import type { MultiOp } from "../operations/multi.js";
import type { ApplyResult } from "../operations/operation.js";
import type { Logger } from "../platform/platform.js";
import { ErrorCode } from "../wire/error-codes.js";
import { hex0x, type SessionId } from "../wire/ids.js";
import { OpCode } from "../wire/op-codes.js";
import type { ACL, Id } from "../wire/records.js";

type Result = "success" | "failure" | "invoked";

/** In the order in which they are written; what is undefined is left out. */
interface AuditEvent {
  readonly session?: string | undefined;
  readonly user: string | undefined;
  readonly ip?: string | undefined;
  readonly operation: string;
  readonly znode?: string | undefined;
  readonly znode_type?: string | undefined;
  readonly acl?: string | undefined;
}

const OPERATIONS: ReadonlyMap<number, string> = new Map([
  [OpCode.create, "create"],
  [OpCode.create2, "create"],
  [OpCode.createContainer, "create"],
  [OpCode.createTTL, "create"],
  [OpCode.delete, "delete"],
  [OpCode.deleteContainer, "delete"],
  [OpCode.setData, "setData"],
  [OpCode.setACL, "setAcl"],
  [OpCode.multi, "multiOperation"],
  [OpCode.reconfig, "reconfig"],
]);

export class Audit {
  readonly #log: Logger;
  readonly #schemes: AuthSchemes;
  /** Whoever runs the server, or the principal that it has logged in as. */
  #ownUser: string;
  /** While history is replayed: what it tells has been written when it happened. */
  isSilent = false;

  constructor(log: Logger, schemes: AuthSchemes, ownUser: string) {
    this.#log = log;
    this.#schemes = schemes;
    this.#ownUser = ownUser;
  }

  logInAs(principal: string): void {
    this.#ownUser = principal;
  }

  /** What is to be kept of a request; undefined for those of which nothing is written. */
  request(
    connection: ClientConnection,
    type: number,
    request: unknown,
  ): AuditedRequest | undefined {
    const operation = OPERATIONS.get(type);
    if (operation === undefined || request === undefined) return undefined;
    const asked = askedOf(type, request);
    return asked && new AuditedRequest(this, connection, connection.identities, operation, asked);
  }

  serverStarted(): void {
    this.write({ user: this.#ownUser, operation: "serverStart" }, "success");
  }

  serverStartFailed(): void {
    this.write({ user: this.#ownUser, operation: "serverStart" }, "failure");
  }

  serverStopped(): void {
    this.write({ user: this.#ownUser, operation: "serverStop" }, "invoked");
  }

  ephemeralDeleted(sessionId: SessionId, znode: string, existed: boolean): void {
    const operation = "ephemeralZNodeDeletionOnSessionCloseOrExpire";
    const event = { session: hex0x(sessionId), user: this.#ownUser, operation, znode };
    this.write(event, existed ? "success" : "failure");
  }

  /** Java: AuthUtil.getUsers. */
  usersOf(identities: readonly Id[]): string | undefined {
    const names = identities
      .map((identity) => this.#schemes.userNameOf(identity))
      .filter((name) => name !== undefined && name.trim() !== "");
    return names.length === 0 ? undefined : names.join(",");
  }

  write(event: AuditEvent, result: Result): void {
    if (this.isSilent) return;
    const fields = FIELDS.flatMap((field) => {
      const value = event[field];
      return value === undefined ? [] : [`${field}=${value}`];
    });
    const line = [...fields, `result=${result}`].join("\t");
    if (result === "failure") this.#log.error(line);
    else this.#log.info(line);
  }
}

const FIELDS = ["session", "user", "ip", "operation", "znode", "znode_type", "acl"] as const;

/** What was asked, as far as the line has it. */
interface Asked {
  readonly path: string | undefined;
  readonly znodeType?: string | undefined;
  readonly acl?: string;
  /** Of a multi: by the path that was asked for. */
  readonly znodeTypes?: ReadonlyMap<string, string>;
}

export class AuditedRequest {
  readonly #audit: Audit;
  readonly #connection: ClientConnection;
  readonly #identities: readonly Id[];
  readonly #operation: string;
  readonly #asked: Asked;

  constructor(
    audit: Audit,
    connection: ClientConnection,
    identities: readonly Id[],
    operation: string,
    asked: Asked,
  ) {
    this.#audit = audit;
    this.#connection = connection;
    this.#identities = identities;
    this.#operation = operation;
    this.#asked = asked;
  }

  applied(result: ApplyResult): void {
    const { path, znodeType, acl, znodeTypes } = this.#asked;
    const isFailed = result.error !== ErrorCode.ok;
    if (znodeTypes !== undefined && !isFailed) {
      this.#multiApplied(result.parts ?? [], znodeTypes);
      return;
    }
    const znode = isFailed ? path : (result.path ?? path);
    this.#write(this.#operation, isFailed ? "failure" : "success", znode, znodeType, acl);
  }

  /** A line for each part, or one for all where it failed. */
  #multiApplied(parts: readonly ApplyResult[], znodeTypes: ReadonlyMap<string, string>): void {
    let isFailed = false;
    for (const { type, path } of parts) {
      if (type === OpCode.error) isFailed = true;
      const operation = OPERATIONS.get(type);
      if (operation === undefined) continue;
      const znodeType = path === undefined ? undefined : znodeTypes.get(path);
      this.#write(operation, "success", path, operation === "create" ? znodeType : undefined);
    }
    if (isFailed) this.#write(this.#operation, "failure", undefined);
  }

  #write(
    operation: string,
    result: Result,
    znode: string | undefined,
    znode_type?: string,
    acl?: string,
  ): void {
    const { sessionId, remoteAddress } = this.#connection;
    const event = {
      session: hex0x(sessionId),
      user: this.#audit.usersOf(this.#identities),
      ip: remoteAddress,
      operation,
      znode,
      znode_type,
      acl,
    };
    this.#audit.write(event, result);
  }
}

/** Undefined where Java cannot say what was asked, and writes nothing. */
function askedOf(type: number, request: unknown): Asked | undefined {
  if (type === OpCode.multi)
    return { path: undefined, znodeTypes: znodeTypesOf(request as MultiOp[]) };
  if (type === OpCode.reconfig) return { path: undefined };
  const { path, acl, flags } = request as Partial<CreateWish> & { acl?: readonly ACL[] | null };
  const asked = { path: path ?? undefined };
  if (type === OpCode.setACL) return { ...asked, acl: aclText(acl ?? []) };
  if (OPERATIONS.get(type) !== "create") return asked;
  const znodeType = znodeTypeOf(flags ?? -1);
  return znodeType === undefined ? undefined : { ...asked, znodeType };
}

/** Of creates without a time to live only, as in Java. */
function znodeTypesOf(ops: readonly MultiOp[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const { type, request } of ops) {
    if (OPERATIONS.get(type) !== "create" || type === OpCode.createTTL) continue;
    const znodeType = znodeTypeOf((request as Partial<CreateWish>).flags ?? -1);
    if (request.path !== null && znodeType !== undefined) types.set(request.path, znodeType);
  }
  return types;
}

/** Java: CreateMode's names. */
function znodeTypeOf(flags: number): string | undefined {
  const mode = createModeOf(flags);
  if (mode === undefined) return undefined;
  if (mode.container) return "container";
  const kind = mode.ephemeral ? "ephemeral" : "persistent";
  return `${kind}${mode.sequential ? "_sequential" : ""}${mode.ttl ? "_with_ttl" : ""}`;
}

const PERMISSIONS = [
  [4, "c"],
  [8, "d"],
  [1, "r"],
  [2, "w"],
  [16, "a"],
] as const;

/** One after the other, with nothing between them: that is how it is in Java. */
function aclText(acl: readonly ACL[]): string {
  return acl
    .map(({ perms, id }) => {
      const letters = PERMISSIONS.map(([bit, letter]) => ((perms & bit) === 0 ? "" : letter));
      return `${id.scheme}:${id.id}:${letters.join("")}`;
    })
    .join("");
}
