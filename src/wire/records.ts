// Generated from zookeeper.jute by src/jute. Do not edit: change the source and run `npm run jute`.

import type { JuteReader } from "../jute/reader.js";
import type { JuteWriter } from "../jute/writer.js";
import type { SessionId, Zxid } from "./ids.js";

/** org.apache.zookeeper.data.Id */
export interface Id {
  scheme: string | null;
  id: string | null;
}

export function readId(reader: JuteReader): Id {
  return {
    scheme: reader.string(),
    id: reader.string(),
  };
}

export function writeId(out: JuteWriter, record: Id): void {
  out.string(record.scheme);
  out.string(record.id);
}

/** org.apache.zookeeper.data.ACL */
export interface ACL {
  /** bits: read 1, write 2, create 4, delete 8, admin 16 */
  perms: number;
  id: Id;
}

export function readACL(reader: JuteReader): ACL {
  return {
    perms: reader.int(),
    id: readId(reader),
  };
}

export function writeACL(out: JuteWriter, record: ACL): void {
  out.int(record.perms);
  writeId(out, record.id);
}

/** org.apache.zookeeper.data.Stat: what clients are told about a znode */
export interface Stat {
  /** that created it */
  czxid: Zxid;
  /** that last changed its data */
  mzxid: Zxid;
  /** ms since 1970 */
  ctime: number;
  /** ms since 1970 */
  mtime: number;
  /** changes of the data */
  version: number;
  /** changes of the children */
  cversion: number;
  /** changes of the ACL */
  aversion: number;
  /** session of an ephemeral; 0; or the mark of a container or the TTL (EphemeralType) */
  ephemeralOwner: bigint;
  dataLength: number;
  numChildren: number;
  /** that last changed its children */
  pzxid: Zxid;
}

export function readStat(reader: JuteReader): Stat {
  return {
    czxid: reader.long() as Zxid,
    mzxid: reader.long() as Zxid,
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.bigLong(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long() as Zxid,
  };
}

export function writeStat(out: JuteWriter, record: Stat): void {
  out.long(record.czxid);
  out.long(record.mzxid);
  out.long(record.ctime);
  out.long(record.mtime);
  out.int(record.version);
  out.int(record.cversion);
  out.int(record.aversion);
  out.bigLong(record.ephemeralOwner);
  out.int(record.dataLength);
  out.int(record.numChildren);
  out.long(record.pzxid);
}

/** org.apache.zookeeper.data.StatPersisted: what snapshots keep of it */
export interface StatPersisted {
  czxid: Zxid;
  mzxid: Zxid;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  pzxid: Zxid;
}

export function readStatPersisted(reader: JuteReader): StatPersisted {
  return {
    czxid: reader.long() as Zxid,
    mzxid: reader.long() as Zxid,
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.bigLong(),
    pzxid: reader.long() as Zxid,
  };
}

export function writeStatPersisted(out: JuteWriter, record: StatPersisted): void {
  out.long(record.czxid);
  out.long(record.mzxid);
  out.long(record.ctime);
  out.long(record.mtime);
  out.int(record.version);
  out.int(record.cversion);
  out.int(record.aversion);
  out.bigLong(record.ephemeralOwner);
  out.long(record.pzxid);
}

/** org.apache.zookeeper.data.ClientInfo: since 3.7 */
export interface ClientInfo {
  authScheme: string | null;
  user: string | null;
}

export function readClientInfo(reader: JuteReader): ClientInfo {
  return {
    authScheme: reader.string(),
    user: reader.string(),
  };
}

export function writeClientInfo(out: JuteWriter, record: ClientInfo): void {
  out.string(record.authScheme);
  out.string(record.user);
}

/**
 * org.apache.zookeeper.proto.ConnectRequest:
 * the first frame of a connection, without a header; clients before 3.4 do not send readOnly
 */
export interface ConnectRequest {
  protocolVersion: number;
  /** compared only; a client may send anything */
  lastZxidSeen: bigint;
  /** ms */
  timeOut: number;
  /** 0 for a new session */
  sessionId: SessionId;
  passwd: Buffer | null;
  /** undefined when the client did not send it */
  readOnly?: boolean | undefined;
}

export function readConnectRequest(reader: JuteReader): ConnectRequest {
  return {
    protocolVersion: reader.int(),
    lastZxidSeen: reader.bigLong(),
    timeOut: reader.int(),
    sessionId: reader.bigLong() as SessionId,
    passwd: reader.buffer(),
    readOnly: reader.remaining > 0 ? reader.bool() : undefined,
  };
}

export function writeConnectRequest(out: JuteWriter, record: ConnectRequest): void {
  out.int(record.protocolVersion);
  out.bigLong(record.lastZxidSeen);
  out.int(record.timeOut);
  out.bigLong(record.sessionId);
  out.buffer(record.passwd);
  if (record.readOnly !== undefined) out.bool(record.readOnly);
}

/**
 * org.apache.zookeeper.proto.ConnectResponse:
 * its answer; clients that did not send readOnly are not sent it
 */
export interface ConnectResponse {
  protocolVersion: number;
  /** ms; 0 when the session has expired */
  timeOut: number;
  sessionId: SessionId;
  passwd: Buffer | null;
  /** undefined is not written */
  readOnly?: boolean | undefined;
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  return {
    protocolVersion: reader.int(),
    timeOut: reader.int(),
    sessionId: reader.bigLong() as SessionId,
    passwd: reader.buffer(),
    readOnly: reader.remaining > 0 ? reader.bool() : undefined,
  };
}

export function writeConnectResponse(out: JuteWriter, record: ConnectResponse): void {
  out.int(record.protocolVersion);
  out.int(record.timeOut);
  out.bigLong(record.sessionId);
  out.buffer(record.passwd);
  if (record.readOnly !== undefined) out.bool(record.readOnly);
}

/** org.apache.zookeeper.proto.SetWatches */
export interface SetWatches {
  relativeZxid: bigint;
  dataWatches: (string | null)[] | null;
  existWatches: (string | null)[] | null;
  childWatches: (string | null)[] | null;
}

export function readSetWatches(reader: JuteReader): SetWatches {
  return {
    relativeZxid: reader.bigLong(),
    dataWatches: readUstringVector(reader),
    existWatches: readUstringVector(reader),
    childWatches: readUstringVector(reader),
  };
}

export function writeSetWatches(out: JuteWriter, record: SetWatches): void {
  out.bigLong(record.relativeZxid);
  writeUstringVector(out, record.dataWatches);
  writeUstringVector(out, record.existWatches);
  writeUstringVector(out, record.childWatches);
}

/** org.apache.zookeeper.proto.SetWatches2: since 3.6 */
export interface SetWatches2 {
  relativeZxid: bigint;
  dataWatches: (string | null)[] | null;
  existWatches: (string | null)[] | null;
  childWatches: (string | null)[] | null;
  persistentWatches: (string | null)[] | null;
  persistentRecursiveWatches: (string | null)[] | null;
}

export function readSetWatches2(reader: JuteReader): SetWatches2 {
  return {
    relativeZxid: reader.bigLong(),
    dataWatches: readUstringVector(reader),
    existWatches: readUstringVector(reader),
    childWatches: readUstringVector(reader),
    persistentWatches: readUstringVector(reader),
    persistentRecursiveWatches: readUstringVector(reader),
  };
}

export function writeSetWatches2(out: JuteWriter, record: SetWatches2): void {
  out.bigLong(record.relativeZxid);
  writeUstringVector(out, record.dataWatches);
  writeUstringVector(out, record.existWatches);
  writeUstringVector(out, record.childWatches);
  writeUstringVector(out, record.persistentWatches);
  writeUstringVector(out, record.persistentRecursiveWatches);
}

/** org.apache.zookeeper.proto.RequestHeader */
export interface RequestHeader {
  xid: number;
  /** OpCode */
  type: number;
}

export function readRequestHeader(reader: JuteReader): RequestHeader {
  return {
    xid: reader.int(),
    type: reader.int(),
  };
}

export function writeRequestHeader(out: JuteWriter, record: RequestHeader): void {
  out.int(record.xid);
  out.int(record.type);
}

/**
 * org.apache.zookeeper.proto.MultiHeader:
 * before each part of a multi and of its answer; the last one is type -1, done
 */
export interface MultiHeader {
  type: number;
  done: boolean;
  err: number;
}

export function readMultiHeader(reader: JuteReader): MultiHeader {
  return {
    type: reader.int(),
    done: reader.bool(),
    err: reader.int(),
  };
}

export function writeMultiHeader(out: JuteWriter, record: MultiHeader): void {
  out.int(record.type);
  out.bool(record.done);
  out.int(record.err);
}

/** org.apache.zookeeper.proto.AuthPacket */
export interface AuthPacket {
  type: number;
  scheme: string | null;
  auth: Buffer | null;
}

export function readAuthPacket(reader: JuteReader): AuthPacket {
  return {
    type: reader.int(),
    scheme: reader.string(),
    auth: reader.buffer(),
  };
}

export function writeAuthPacket(out: JuteWriter, record: AuthPacket): void {
  out.int(record.type);
  out.string(record.scheme);
  out.buffer(record.auth);
}

/** org.apache.zookeeper.proto.ReplyHeader */
export interface ReplyHeader {
  xid: number;
  zxid: Zxid;
  /** ErrorCode */
  err: number;
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  return {
    xid: reader.int(),
    zxid: reader.long() as Zxid,
    err: reader.int(),
  };
}

export function writeReplyHeader(out: JuteWriter, record: ReplyHeader): void {
  out.int(record.xid);
  out.long(record.zxid);
  out.int(record.err);
}

/** org.apache.zookeeper.proto.GetDataRequest */
export interface GetDataRequest {
  path: string | null;
  watch: boolean;
}

export function readGetDataRequest(reader: JuteReader): GetDataRequest {
  return {
    path: reader.string(),
    watch: reader.bool(),
  };
}

export function writeGetDataRequest(out: JuteWriter, record: GetDataRequest): void {
  out.string(record.path);
  out.bool(record.watch);
}

/** org.apache.zookeeper.proto.SetDataRequest */
export interface SetDataRequest {
  path: string | null;
  data: Buffer | null;
  version: number;
}

export function readSetDataRequest(reader: JuteReader): SetDataRequest {
  return {
    path: reader.string(),
    data: reader.buffer(),
    version: reader.int(),
  };
}

export function writeSetDataRequest(out: JuteWriter, record: SetDataRequest): void {
  out.string(record.path);
  out.buffer(record.data);
  out.int(record.version);
}

/** org.apache.zookeeper.proto.ReconfigRequest: since 3.5 */
export interface ReconfigRequest {
  joiningServers: string | null;
  leavingServers: string | null;
  newMembers: string | null;
  /** -1 for any; a client may send anything */
  curConfigId: bigint;
}

export function readReconfigRequest(reader: JuteReader): ReconfigRequest {
  return {
    joiningServers: reader.string(),
    leavingServers: reader.string(),
    newMembers: reader.string(),
    curConfigId: reader.bigLong(),
  };
}

export function writeReconfigRequest(out: JuteWriter, record: ReconfigRequest): void {
  out.string(record.joiningServers);
  out.string(record.leavingServers);
  out.string(record.newMembers);
  out.bigLong(record.curConfigId);
}

/** org.apache.zookeeper.proto.SetDataResponse */
export interface SetDataResponse {
  stat: Stat;
}

export function readSetDataResponse(reader: JuteReader): SetDataResponse {
  return {
    stat: readStat(reader),
  };
}

export function writeSetDataResponse(out: JuteWriter, record: SetDataResponse): void {
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.GetSASLRequest */
export interface GetSASLRequest {
  token: Buffer | null;
}

export function readGetSASLRequest(reader: JuteReader): GetSASLRequest {
  return {
    token: reader.buffer(),
  };
}

export function writeGetSASLRequest(out: JuteWriter, record: GetSASLRequest): void {
  out.buffer(record.token);
}

/** org.apache.zookeeper.proto.SetSASLRequest */
export interface SetSASLRequest {
  token: Buffer | null;
}

export function readSetSASLRequest(reader: JuteReader): SetSASLRequest {
  return {
    token: reader.buffer(),
  };
}

export function writeSetSASLRequest(out: JuteWriter, record: SetSASLRequest): void {
  out.buffer(record.token);
}

/** org.apache.zookeeper.proto.SetSASLResponse */
export interface SetSASLResponse {
  token: Buffer | null;
}

export function readSetSASLResponse(reader: JuteReader): SetSASLResponse {
  return {
    token: reader.buffer(),
  };
}

export function writeSetSASLResponse(out: JuteWriter, record: SetSASLResponse): void {
  out.buffer(record.token);
}

/** org.apache.zookeeper.proto.CreateRequest */
export interface CreateRequest {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  /** CreateMode */
  flags: number;
}

export function readCreateRequest(reader: JuteReader): CreateRequest {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: readACLVector(reader),
    flags: reader.int(),
  };
}

export function writeCreateRequest(out: JuteWriter, record: CreateRequest): void {
  out.string(record.path);
  out.buffer(record.data);
  writeACLVector(out, record.acl);
  out.int(record.flags);
}

/** org.apache.zookeeper.proto.CreateTTLRequest: since 3.5.3 */
export interface CreateTTLRequest {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  /** CreateMode */
  flags: number;
  /** ms; a client may send anything */
  ttl: bigint;
}

export function readCreateTTLRequest(reader: JuteReader): CreateTTLRequest {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: readACLVector(reader),
    flags: reader.int(),
    ttl: reader.bigLong(),
  };
}

export function writeCreateTTLRequest(out: JuteWriter, record: CreateTTLRequest): void {
  out.string(record.path);
  out.buffer(record.data);
  writeACLVector(out, record.acl);
  out.int(record.flags);
  out.bigLong(record.ttl);
}

/** org.apache.zookeeper.proto.DeleteRequest */
export interface DeleteRequest {
  path: string | null;
  version: number;
}

export function readDeleteRequest(reader: JuteReader): DeleteRequest {
  return {
    path: reader.string(),
    version: reader.int(),
  };
}

export function writeDeleteRequest(out: JuteWriter, record: DeleteRequest): void {
  out.string(record.path);
  out.int(record.version);
}

/** org.apache.zookeeper.proto.GetChildrenRequest */
export interface GetChildrenRequest {
  path: string | null;
  watch: boolean;
}

export function readGetChildrenRequest(reader: JuteReader): GetChildrenRequest {
  return {
    path: reader.string(),
    watch: reader.bool(),
  };
}

export function writeGetChildrenRequest(out: JuteWriter, record: GetChildrenRequest): void {
  out.string(record.path);
  out.bool(record.watch);
}

/** org.apache.zookeeper.proto.GetAllChildrenNumberRequest: since 3.6 */
export interface GetAllChildrenNumberRequest {
  path: string | null;
}

export function readGetAllChildrenNumberRequest(reader: JuteReader): GetAllChildrenNumberRequest {
  return {
    path: reader.string(),
  };
}

export function writeGetAllChildrenNumberRequest(
  out: JuteWriter,
  record: GetAllChildrenNumberRequest,
): void {
  out.string(record.path);
}

/** org.apache.zookeeper.proto.GetChildren2Request */
export interface GetChildren2Request {
  path: string | null;
  watch: boolean;
}

export function readGetChildren2Request(reader: JuteReader): GetChildren2Request {
  return {
    path: reader.string(),
    watch: reader.bool(),
  };
}

export function writeGetChildren2Request(out: JuteWriter, record: GetChildren2Request): void {
  out.string(record.path);
  out.bool(record.watch);
}

/** org.apache.zookeeper.proto.CheckVersionRequest */
export interface CheckVersionRequest {
  path: string | null;
  version: number;
}

export function readCheckVersionRequest(reader: JuteReader): CheckVersionRequest {
  return {
    path: reader.string(),
    version: reader.int(),
  };
}

export function writeCheckVersionRequest(out: JuteWriter, record: CheckVersionRequest): void {
  out.string(record.path);
  out.int(record.version);
}

/** org.apache.zookeeper.proto.GetMaxChildrenRequest */
export interface GetMaxChildrenRequest {
  path: string | null;
}

export function readGetMaxChildrenRequest(reader: JuteReader): GetMaxChildrenRequest {
  return {
    path: reader.string(),
  };
}

export function writeGetMaxChildrenRequest(out: JuteWriter, record: GetMaxChildrenRequest): void {
  out.string(record.path);
}

/** org.apache.zookeeper.proto.GetMaxChildrenResponse */
export interface GetMaxChildrenResponse {
  max: number;
}

export function readGetMaxChildrenResponse(reader: JuteReader): GetMaxChildrenResponse {
  return {
    max: reader.int(),
  };
}

export function writeGetMaxChildrenResponse(out: JuteWriter, record: GetMaxChildrenResponse): void {
  out.int(record.max);
}

/** org.apache.zookeeper.proto.SetMaxChildrenRequest */
export interface SetMaxChildrenRequest {
  path: string | null;
  max: number;
}

export function readSetMaxChildrenRequest(reader: JuteReader): SetMaxChildrenRequest {
  return {
    path: reader.string(),
    max: reader.int(),
  };
}

export function writeSetMaxChildrenRequest(out: JuteWriter, record: SetMaxChildrenRequest): void {
  out.string(record.path);
  out.int(record.max);
}

/** org.apache.zookeeper.proto.SyncRequest */
export interface SyncRequest {
  path: string | null;
}

export function readSyncRequest(reader: JuteReader): SyncRequest {
  return {
    path: reader.string(),
  };
}

export function writeSyncRequest(out: JuteWriter, record: SyncRequest): void {
  out.string(record.path);
}

/** org.apache.zookeeper.proto.SyncResponse */
export interface SyncResponse {
  path: string | null;
}

export function readSyncResponse(reader: JuteReader): SyncResponse {
  return {
    path: reader.string(),
  };
}

export function writeSyncResponse(out: JuteWriter, record: SyncResponse): void {
  out.string(record.path);
}

/** org.apache.zookeeper.proto.GetACLRequest */
export interface GetACLRequest {
  path: string | null;
}

export function readGetACLRequest(reader: JuteReader): GetACLRequest {
  return {
    path: reader.string(),
  };
}

export function writeGetACLRequest(out: JuteWriter, record: GetACLRequest): void {
  out.string(record.path);
}

/** org.apache.zookeeper.proto.SetACLRequest */
export interface SetACLRequest {
  path: string | null;
  acl: ACL[] | null;
  version: number;
}

export function readSetACLRequest(reader: JuteReader): SetACLRequest {
  return {
    path: reader.string(),
    acl: readACLVector(reader),
    version: reader.int(),
  };
}

export function writeSetACLRequest(out: JuteWriter, record: SetACLRequest): void {
  out.string(record.path);
  writeACLVector(out, record.acl);
  out.int(record.version);
}

/** org.apache.zookeeper.proto.SetACLResponse */
export interface SetACLResponse {
  stat: Stat;
}

export function readSetACLResponse(reader: JuteReader): SetACLResponse {
  return {
    stat: readStat(reader),
  };
}

export function writeSetACLResponse(out: JuteWriter, record: SetACLResponse): void {
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.AddWatchRequest: since 3.6 */
export interface AddWatchRequest {
  path: string | null;
  /** 0 persistent, 1 persistent recursive */
  mode: number;
}

export function readAddWatchRequest(reader: JuteReader): AddWatchRequest {
  return {
    path: reader.string(),
    mode: reader.int(),
  };
}

export function writeAddWatchRequest(out: JuteWriter, record: AddWatchRequest): void {
  out.string(record.path);
  out.int(record.mode);
}

/** org.apache.zookeeper.proto.WatcherEvent */
export interface WatcherEvent {
  type: number;
  state: number;
  path: string | null;
}

export function readWatcherEvent(reader: JuteReader): WatcherEvent {
  return {
    type: reader.int(),
    state: reader.int(),
    path: reader.string(),
  };
}

export function writeWatcherEvent(out: JuteWriter, record: WatcherEvent): void {
  out.int(record.type);
  out.int(record.state);
  out.string(record.path);
}

/** org.apache.zookeeper.proto.ErrorResponse: a part of a multi's answer */
export interface ErrorResponse {
  err: number;
}

export function readErrorResponse(reader: JuteReader): ErrorResponse {
  return {
    err: reader.int(),
  };
}

export function writeErrorResponse(out: JuteWriter, record: ErrorResponse): void {
  out.int(record.err);
}

/** org.apache.zookeeper.proto.CreateResponse */
export interface CreateResponse {
  path: string | null;
}

export function readCreateResponse(reader: JuteReader): CreateResponse {
  return {
    path: reader.string(),
  };
}

export function writeCreateResponse(out: JuteWriter, record: CreateResponse): void {
  out.string(record.path);
}

/** org.apache.zookeeper.proto.Create2Response: since 3.5 */
export interface Create2Response {
  path: string | null;
  stat: Stat;
}

export function readCreate2Response(reader: JuteReader): Create2Response {
  return {
    path: reader.string(),
    stat: readStat(reader),
  };
}

export function writeCreate2Response(out: JuteWriter, record: Create2Response): void {
  out.string(record.path);
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.ExistsRequest */
export interface ExistsRequest {
  path: string | null;
  watch: boolean;
}

export function readExistsRequest(reader: JuteReader): ExistsRequest {
  return {
    path: reader.string(),
    watch: reader.bool(),
  };
}

export function writeExistsRequest(out: JuteWriter, record: ExistsRequest): void {
  out.string(record.path);
  out.bool(record.watch);
}

/** org.apache.zookeeper.proto.ExistsResponse */
export interface ExistsResponse {
  stat: Stat;
}

export function readExistsResponse(reader: JuteReader): ExistsResponse {
  return {
    stat: readStat(reader),
  };
}

export function writeExistsResponse(out: JuteWriter, record: ExistsResponse): void {
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.GetDataResponse */
export interface GetDataResponse {
  data: Buffer | null;
  stat: Stat;
}

export function readGetDataResponse(reader: JuteReader): GetDataResponse {
  return {
    data: reader.buffer(),
    stat: readStat(reader),
  };
}

export function writeGetDataResponse(out: JuteWriter, record: GetDataResponse): void {
  out.buffer(record.data);
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.GetChildrenResponse */
export interface GetChildrenResponse {
  children: (string | null)[] | null;
}

export function readGetChildrenResponse(reader: JuteReader): GetChildrenResponse {
  return {
    children: readUstringVector(reader),
  };
}

export function writeGetChildrenResponse(out: JuteWriter, record: GetChildrenResponse): void {
  writeUstringVector(out, record.children);
}

/** org.apache.zookeeper.proto.GetAllChildrenNumberResponse: since 3.6 */
export interface GetAllChildrenNumberResponse {
  totalNumber: number;
}

export function readGetAllChildrenNumberResponse(reader: JuteReader): GetAllChildrenNumberResponse {
  return {
    totalNumber: reader.int(),
  };
}

export function writeGetAllChildrenNumberResponse(
  out: JuteWriter,
  record: GetAllChildrenNumberResponse,
): void {
  out.int(record.totalNumber);
}

/** org.apache.zookeeper.proto.GetChildren2Response */
export interface GetChildren2Response {
  children: (string | null)[] | null;
  stat: Stat;
}

export function readGetChildren2Response(reader: JuteReader): GetChildren2Response {
  return {
    children: readUstringVector(reader),
    stat: readStat(reader),
  };
}

export function writeGetChildren2Response(out: JuteWriter, record: GetChildren2Response): void {
  writeUstringVector(out, record.children);
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.GetACLResponse */
export interface GetACLResponse {
  acl: ACL[] | null;
  stat: Stat;
}

export function readGetACLResponse(reader: JuteReader): GetACLResponse {
  return {
    acl: readACLVector(reader),
    stat: readStat(reader),
  };
}

export function writeGetACLResponse(out: JuteWriter, record: GetACLResponse): void {
  writeACLVector(out, record.acl);
  writeStat(out, record.stat);
}

/** org.apache.zookeeper.proto.CheckWatchesRequest: since 3.5 */
export interface CheckWatchesRequest {
  path: string | null;
  /** 1 children, 2 data, 3 any */
  type: number;
}

export function readCheckWatchesRequest(reader: JuteReader): CheckWatchesRequest {
  return {
    path: reader.string(),
    type: reader.int(),
  };
}

export function writeCheckWatchesRequest(out: JuteWriter, record: CheckWatchesRequest): void {
  out.string(record.path);
  out.int(record.type);
}

/** org.apache.zookeeper.proto.RemoveWatchesRequest: since 3.5 */
export interface RemoveWatchesRequest {
  path: string | null;
  /** 1 children, 2 data, 3 any */
  type: number;
}

export function readRemoveWatchesRequest(reader: JuteReader): RemoveWatchesRequest {
  return {
    path: reader.string(),
    type: reader.int(),
  };
}

export function writeRemoveWatchesRequest(out: JuteWriter, record: RemoveWatchesRequest): void {
  out.string(record.path);
  out.int(record.type);
}

/** org.apache.zookeeper.proto.GetEphemeralsRequest: since 3.6 */
export interface GetEphemeralsRequest {
  prefixPath: string | null;
}

export function readGetEphemeralsRequest(reader: JuteReader): GetEphemeralsRequest {
  return {
    prefixPath: reader.string(),
  };
}

export function writeGetEphemeralsRequest(out: JuteWriter, record: GetEphemeralsRequest): void {
  out.string(record.prefixPath);
}

/** org.apache.zookeeper.proto.GetEphemeralsResponse: since 3.6 */
export interface GetEphemeralsResponse {
  ephemerals: (string | null)[] | null;
}

export function readGetEphemeralsResponse(reader: JuteReader): GetEphemeralsResponse {
  return {
    ephemerals: readUstringVector(reader),
  };
}

export function writeGetEphemeralsResponse(out: JuteWriter, record: GetEphemeralsResponse): void {
  writeUstringVector(out, record.ephemerals);
}

/** org.apache.zookeeper.proto.WhoAmIResponse: since 3.7 */
export interface WhoAmIResponse {
  clientInfo: ClientInfo[] | null;
}

export function readWhoAmIResponse(reader: JuteReader): WhoAmIResponse {
  return {
    clientInfo: readClientInfoVector(reader),
  };
}

export function writeWhoAmIResponse(out: JuteWriter, record: WhoAmIResponse): void {
  writeClientInfoVector(out, record.clientInfo);
}

/**
 * org.apache.zookeeper.server.quorum.LearnerInfo:
 * in FOLLOWERINFO and OBSERVERINFO; before 3.5 without configVersion
 */
export interface LearnerInfo {
  serverid: number;
  /** 0x10000 since 3.4 */
  protocolVersion: number;
  /** undefined when the learner did not send it */
  configVersion?: number | undefined;
}

export function readLearnerInfo(reader: JuteReader): LearnerInfo {
  return {
    serverid: reader.long(),
    protocolVersion: reader.int(),
    configVersion: reader.remaining > 0 ? reader.long() : undefined,
  };
}

export function writeLearnerInfo(out: JuteWriter, record: LearnerInfo): void {
  out.long(record.serverid);
  out.int(record.protocolVersion);
  if (record.configVersion !== undefined) out.long(record.configVersion);
}

/** org.apache.zookeeper.server.quorum.QuorumPacket */
export interface QuorumPacket {
  /** QuorumPacketType */
  type: number;
  zxid: Zxid;
  data: Buffer | null;
  authinfo: Id[] | null;
}

export function readQuorumPacket(reader: JuteReader): QuorumPacket {
  return {
    type: reader.int(),
    zxid: reader.long() as Zxid,
    data: reader.buffer(),
    authinfo: readIdVector(reader),
  };
}

export function writeQuorumPacket(out: JuteWriter, record: QuorumPacket): void {
  out.int(record.type);
  out.long(record.zxid);
  out.buffer(record.data);
  writeIdVector(out, record.authinfo);
}

/** org.apache.zookeeper.server.quorum.QuorumAuthPacket: since 3.4.10 */
export interface QuorumAuthPacket {
  magic: bigint;
  status: number;
  token: Buffer | null;
}

export function readQuorumAuthPacket(reader: JuteReader): QuorumAuthPacket {
  return {
    magic: reader.bigLong(),
    status: reader.int(),
    token: reader.buffer(),
  };
}

export function writeQuorumAuthPacket(out: JuteWriter, record: QuorumAuthPacket): void {
  out.bigLong(record.magic);
  out.int(record.status);
  out.buffer(record.token);
}

/** org.apache.zookeeper.server.persistence.FileHeader: the first bytes of a log or snapshot */
export interface FileHeader {
  /** ZKLG or ZKSN */
  magic: number;
  /** 2 */
  version: number;
  dbid: bigint;
}

export function readFileHeader(reader: JuteReader): FileHeader {
  return {
    magic: reader.int(),
    version: reader.int(),
    dbid: reader.bigLong(),
  };
}

export function writeFileHeader(out: JuteWriter, record: FileHeader): void {
  out.int(record.magic);
  out.int(record.version);
  out.bigLong(record.dbid);
}

/** org.apache.zookeeper.txn.TxnDigest: after a txn in logs and proposals, since 3.6 */
export interface TxnDigest {
  version: number;
  treeDigest: bigint;
}

export function readTxnDigest(reader: JuteReader): TxnDigest {
  return {
    version: reader.int(),
    treeDigest: reader.bigLong(),
  };
}

export function writeTxnDigest(out: JuteWriter, record: TxnDigest): void {
  out.int(record.version);
  out.bigLong(record.treeDigest);
}

/** org.apache.zookeeper.txn.TxnHeader */
export interface TxnHeader {
  clientId: SessionId;
  cxid: number;
  zxid: Zxid;
  /** ms since 1970 */
  time: number;
  /** OpCode */
  type: number;
}

export function readTxnHeader(reader: JuteReader): TxnHeader {
  return {
    clientId: reader.bigLong() as SessionId,
    cxid: reader.int(),
    zxid: reader.long() as Zxid,
    time: reader.long(),
    type: reader.int(),
  };
}

export function writeTxnHeader(out: JuteWriter, record: TxnHeader): void {
  out.bigLong(record.clientId);
  out.int(record.cxid);
  out.long(record.zxid);
  out.long(record.time);
  out.int(record.type);
}

/**
 * org.apache.zookeeper.txn.CreateTxnV0:
 * as servers before 3.4 wrote it: read when the bytes end early
 */
export interface CreateTxnV0 {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  ephemeral: boolean;
}

export function readCreateTxnV0(reader: JuteReader): CreateTxnV0 {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: readACLVector(reader),
    ephemeral: reader.bool(),
  };
}

export function writeCreateTxnV0(out: JuteWriter, record: CreateTxnV0): void {
  out.string(record.path);
  out.buffer(record.data);
  writeACLVector(out, record.acl);
  out.bool(record.ephemeral);
}

/** org.apache.zookeeper.txn.CreateTxn */
export interface CreateTxn {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  ephemeral: boolean;
  parentCVersion: number;
}

export function readCreateTxn(reader: JuteReader): CreateTxn {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: readACLVector(reader),
    ephemeral: reader.bool(),
    parentCVersion: reader.int(),
  };
}

export function writeCreateTxn(out: JuteWriter, record: CreateTxn): void {
  out.string(record.path);
  out.buffer(record.data);
  writeACLVector(out, record.acl);
  out.bool(record.ephemeral);
  out.int(record.parentCVersion);
}

/** org.apache.zookeeper.txn.CreateTTLTxn: since 3.5.3 */
export interface CreateTTLTxn {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  parentCVersion: number;
  /** ms, checked when the request was prepared */
  ttl: number;
}

export function readCreateTTLTxn(reader: JuteReader): CreateTTLTxn {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: readACLVector(reader),
    parentCVersion: reader.int(),
    ttl: reader.long(),
  };
}

export function writeCreateTTLTxn(out: JuteWriter, record: CreateTTLTxn): void {
  out.string(record.path);
  out.buffer(record.data);
  writeACLVector(out, record.acl);
  out.int(record.parentCVersion);
  out.long(record.ttl);
}

/** org.apache.zookeeper.txn.CreateContainerTxn: since 3.5.1 */
export interface CreateContainerTxn {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  parentCVersion: number;
}

export function readCreateContainerTxn(reader: JuteReader): CreateContainerTxn {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: readACLVector(reader),
    parentCVersion: reader.int(),
  };
}

export function writeCreateContainerTxn(out: JuteWriter, record: CreateContainerTxn): void {
  out.string(record.path);
  out.buffer(record.data);
  writeACLVector(out, record.acl);
  out.int(record.parentCVersion);
}

/** org.apache.zookeeper.txn.DeleteTxn */
export interface DeleteTxn {
  path: string | null;
}

export function readDeleteTxn(reader: JuteReader): DeleteTxn {
  return {
    path: reader.string(),
  };
}

export function writeDeleteTxn(out: JuteWriter, record: DeleteTxn): void {
  out.string(record.path);
}

/** org.apache.zookeeper.txn.SetDataTxn */
export interface SetDataTxn {
  path: string | null;
  data: Buffer | null;
  version: number;
}

export function readSetDataTxn(reader: JuteReader): SetDataTxn {
  return {
    path: reader.string(),
    data: reader.buffer(),
    version: reader.int(),
  };
}

export function writeSetDataTxn(out: JuteWriter, record: SetDataTxn): void {
  out.string(record.path);
  out.buffer(record.data);
  out.int(record.version);
}

/** org.apache.zookeeper.txn.CheckVersionTxn */
export interface CheckVersionTxn {
  path: string | null;
  version: number;
}

export function readCheckVersionTxn(reader: JuteReader): CheckVersionTxn {
  return {
    path: reader.string(),
    version: reader.int(),
  };
}

export function writeCheckVersionTxn(out: JuteWriter, record: CheckVersionTxn): void {
  out.string(record.path);
  out.int(record.version);
}

/** org.apache.zookeeper.txn.SetACLTxn */
export interface SetACLTxn {
  path: string | null;
  acl: ACL[] | null;
  version: number;
}

export function readSetACLTxn(reader: JuteReader): SetACLTxn {
  return {
    path: reader.string(),
    acl: readACLVector(reader),
    version: reader.int(),
  };
}

export function writeSetACLTxn(out: JuteWriter, record: SetACLTxn): void {
  out.string(record.path);
  writeACLVector(out, record.acl);
  out.int(record.version);
}

/** org.apache.zookeeper.txn.SetMaxChildrenTxn */
export interface SetMaxChildrenTxn {
  path: string | null;
  max: number;
}

export function readSetMaxChildrenTxn(reader: JuteReader): SetMaxChildrenTxn {
  return {
    path: reader.string(),
    max: reader.int(),
  };
}

export function writeSetMaxChildrenTxn(out: JuteWriter, record: SetMaxChildrenTxn): void {
  out.string(record.path);
  out.int(record.max);
}

/** org.apache.zookeeper.txn.CreateSessionTxn */
export interface CreateSessionTxn {
  /** ms */
  timeOut: number;
}

export function readCreateSessionTxn(reader: JuteReader): CreateSessionTxn {
  return {
    timeOut: reader.int(),
  };
}

export function writeCreateSessionTxn(out: JuteWriter, record: CreateSessionTxn): void {
  out.int(record.timeOut);
}

/** org.apache.zookeeper.txn.CloseSessionTxn: since 3.6; before it, a closeSession has no txn */
export interface CloseSessionTxn {
  paths2Delete: (string | null)[] | null;
}

export function readCloseSessionTxn(reader: JuteReader): CloseSessionTxn {
  return {
    paths2Delete: readUstringVector(reader),
  };
}

export function writeCloseSessionTxn(out: JuteWriter, record: CloseSessionTxn): void {
  writeUstringVector(out, record.paths2Delete);
}

/** org.apache.zookeeper.txn.ErrorTxn */
export interface ErrorTxn {
  /** ErrorCode */
  err: number;
}

export function readErrorTxn(reader: JuteReader): ErrorTxn {
  return {
    err: reader.int(),
  };
}

export function writeErrorTxn(out: JuteWriter, record: ErrorTxn): void {
  out.int(record.err);
}

/** org.apache.zookeeper.txn.Txn: a part of a multi */
export interface Txn {
  type: number;
  data: Buffer | null;
}

export function readTxn(reader: JuteReader): Txn {
  return {
    type: reader.int(),
    data: reader.buffer(),
  };
}

export function writeTxn(out: JuteWriter, record: Txn): void {
  out.int(record.type);
  out.buffer(record.data);
}

/** org.apache.zookeeper.txn.MultiTxn */
export interface MultiTxn {
  txns: Txn[] | null;
}

export function readMultiTxn(reader: JuteReader): MultiTxn {
  return {
    txns: readTxnVector(reader),
  };
}

export function writeMultiTxn(out: JuteWriter, record: MultiTxn): void {
  writeTxnVector(out, record.txns);
}

export function readUstringVector(reader: JuteReader): (string | null)[] | null {
  const length = reader.vectorLength(4);
  if (length < 0) return null;
  const items: (string | null)[] = [];
  for (let i = 0; i < length; i++) items.push(reader.string());
  return items;
}

export function writeUstringVector(
  out: JuteWriter,
  items: readonly (string | null)[] | null,
): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) out.string(item);
}

export function readACLVector(reader: JuteReader): ACL[] | null {
  const length = reader.vectorLength(12);
  if (length < 0) return null;
  const items: ACL[] = [];
  for (let i = 0; i < length; i++) items.push(readACL(reader));
  return items;
}

export function writeACLVector(out: JuteWriter, items: readonly ACL[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) writeACL(out, item);
}

export function readClientInfoVector(reader: JuteReader): ClientInfo[] | null {
  const length = reader.vectorLength(8);
  if (length < 0) return null;
  const items: ClientInfo[] = [];
  for (let i = 0; i < length; i++) items.push(readClientInfo(reader));
  return items;
}

export function writeClientInfoVector(out: JuteWriter, items: readonly ClientInfo[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) writeClientInfo(out, item);
}

export function readIdVector(reader: JuteReader): Id[] | null {
  const length = reader.vectorLength(8);
  if (length < 0) return null;
  const items: Id[] = [];
  for (let i = 0; i < length; i++) items.push(readId(reader));
  return items;
}

export function writeIdVector(out: JuteWriter, items: readonly Id[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) writeId(out, item);
}

export function readTxnVector(reader: JuteReader): Txn[] | null {
  const length = reader.vectorLength(8);
  if (length < 0) return null;
  const items: Txn[] = [];
  for (let i = 0; i < length; i++) items.push(readTxn(reader));
  return items;
}

export function writeTxnVector(out: JuteWriter, items: readonly Txn[] | null): void {
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) writeTxn(out, item);
}
