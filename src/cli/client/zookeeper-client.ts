// The client: every operation of the protocol as a method. Java: ZooKeeper, ZooKeeperAdmin.
//
// Methods send at once and return promises, so requests are pipelined by calling before awaiting; replies come in the order
// of the calls. A refusal or a lost connection rejects with ZooKeeperError, arguments that cannot be sent with
// InvalidArgumentError. Paths are the client's own: its chroot is put before them and taken off what comes back.
//
//   const zk = ZooKeeperClient.connect(platform, "host:2181,host2:2181/app", { watcher });
//   await zk.untilConnected();
//   const path = await zk.create("/a", Buffer.from("x"), { mode: CreateMode.ephemeral });
//   const { data, stat } = await zk.getData("/a", (event) => …);
//   await zk.close();

import type { JuteReader } from "../../jute/reader.js";
import type { JuteWriter } from "../../jute/writer.js";
import { ErrorCode } from "../../wire/error-codes.js";
import type { SessionId } from "../../wire/ids.js";
import { OpCode } from "../../wire/op-codes.js";
import * as records from "../../wire/records.js";
import { Chroot, pathProblem } from "./client-path.js";
import { parseConnectString } from "./connect-string.js";
import { CreateMode, createOpCode, hasTtl, isSequential, OPEN_ACL_UNSAFE } from "./create-mode.js";
import {
  type CreateOptions,
  isRead,
  type Op,
  opsProblem,
  readMultiResults,
  readTransaction,
  writeMulti,
} from "./multi.js";
import type { MultiResult } from "./multi-result.js";
import { PromiseRequest } from "./promise-request.js";
import {
  type ChildrenAndStat,
  type DataAndStat,
  readChildren,
  readChildrenAndStat,
  readDataAndStat,
  readNothing,
} from "./replies.js";
import { ClientSession } from "./session.js";
import type { ClientPlatform, SessionOptions } from "./session-options.js";
import type { SessionState } from "./session-state.js";
import { AddWatchMode, type Watcher, WatcherType } from "./watch-event.js";
import { WatchKind, type WatchRegistration, type WatchRemoval } from "./watch-registry.js";
import { isNoAcl, refuse, refuseAcl, ZooKeeperError } from "./zookeeper-error.js";

/** `true`: the session's default watcher. */
export type WatchChoice = boolean | Watcher;

const CONFIG_NODE = "/zookeeper/config";

const MIXED = "Mixing read and write operations (transactions) is not allowed in a multi request.";

type Write<R> = (out: JuteWriter, record: R) => void;

export class ZooKeeperClient {
  /** For those who need more than a promise per request: benchmarks, tests. */
  readonly session: ClientSession;
  readonly #chroot: Chroot;
  readonly #toClient = (reader: JuteReader): string => this.#chroot.toClient(reader.string() ?? "");

  private constructor(session: ClientSession, chroot: Chroot) {
    this.session = session;
    this.#chroot = chroot;
  }

  /** Begins to connect and returns: requests may be made right away. Throws InvalidArgumentError. */
  static connect(
    platform: ClientPlatform,
    connectString: string,
    options: SessionOptions = {},
  ): ZooKeeperClient {
    const { servers, chroot: prefix } = parseConnectString(connectString);
    const chroot = new Chroot(prefix);
    return new ZooKeeperClient(new ClientSession(platform, servers, chroot, options), chroot);
  }

  get state(): SessionState {
    return this.session.state;
  }

  get sessionId(): SessionId {
    return this.session.sessionId;
  }

  /** Resolves when a server serves the session; rejects when none ever will. */
  untilConnected(): Promise<void> {
    return this.session.untilConnected();
  }

  /** Ends the session; what it owned is gone when this resolves. Never rejects. */
  close(): Promise<void> {
    return new Promise((resolve) => this.session.close(resolve));
  }

  /** Takes over another list of servers (its chroot is ignored), moving to one of them where that balances the load. */
  updateServerList(connectString: string): void {
    this.session.updateServers(parseConnectString(connectString).servers);
  }

  /** No answer: a server that refuses ends the session with AuthFailed. */
  addAuth(scheme: string, auth: Buffer | string | null): void {
    this.session.addAuth(scheme, typeof auth === "string" ? Buffer.from(auth) : auth);
  }

  // ------------------------------------------------------------------------------------------------------------ writes

  /** The path as it was created: with its number, where the mode is sequential. */
  create(path: string, data: Buffer | null = null, options: CreateOptions = {}): Promise<string> {
    return this.#create(path, data, options, false, this.#toClient);
  }

  create2(
    path: string,
    data: Buffer | null = null,
    options: CreateOptions = {},
  ): Promise<{ path: string; stat: records.Stat }> {
    return this.#create(path, data, options, true, (reader) => ({
      path: this.#toClient(reader),
      stat: records.readStat(reader),
    }));
  }

  delete(path: string, version = -1): Promise<void> {
    // The client's root cannot be deleted, whatever it is called on the server: asked for as "/", it is refused.
    const serverPath = path === "/" ? path : undefined;
    const record = { path, version };
    return this.#call(
      OpCode.delete,
      records.writeDeleteRequest,
      record,
      readNothing,
      undefined,
      serverPath,
    );
  }

  setData(path: string, data: Buffer | null, version = -1): Promise<records.Stat> {
    const record = { path, data, version };
    return this.#call(OpCode.setData, records.writeSetDataRequest, record, records.readStat);
  }

  setACL(path: string, acl: records.ACL[] | null, version = -1): Promise<records.Stat> {
    if (isNoAcl(acl)) return refuseAcl();
    const record = { path, acl, version };
    return this.#call(OpCode.setACL, records.writeSetACLRequest, record, records.readStat);
  }

  /** All of them or none. Rejects with what was said to each in `results`. */
  multi(ops: readonly Op[]): Promise<MultiResult[]> {
    if (ops.some(isRead)) return refuse(MIXED);
    return this.#multi(OpCode.multi, ops, (reader) => readTransaction(reader, this.#chroot));
  }

  /** Several reads in one round trip; each may fail by itself. */
  multiRead(ops: readonly Op[]): Promise<MultiResult[]> {
    if (!ops.every(isRead)) return refuse(MIXED);
    return this.#multi(OpCode.multiRead, ops, (reader) => readMultiResults(reader, this.#chroot));
  }

  /** The new configuration. Servers as in zoo.cfg, `id=host:port:port;port`; null where nothing is asked. */
  reconfigure(
    joiningServers: string | null,
    leavingServers: string | null,
    newMembers: string | null,
    fromVersion = -1n,
  ): Promise<DataAndStat> {
    const record = { joiningServers, leavingServers, newMembers, curConfigId: fromVersion };
    return this.#send(OpCode.reconfig, records.writeReconfigRequest, record, "", readDataAndStat);
  }

  // ------------------------------------------------------------------------------------------------------------- reads

  /** Null where there is no such node; a watch is set all the same, for its creation. */
  exists(path: string, watch: WatchChoice = false): Promise<records.Stat | null> {
    const problem = pathProblem(path);
    if (problem !== undefined) return refuse(problem);
    const record = { path: this.#chroot.toServer(path), watch: watch !== false };
    const registered = this.#registration(WatchKind.exists, path, watch);
    const write = records.writeExistsRequest;
    const read: (reader: JuteReader) => records.Stat | null = records.readStat;
    return this.#send(OpCode.exists, write, record, path, read, registered, null);
  }

  getData(path: string, watch: WatchChoice = false): Promise<DataAndStat> {
    const record = { path, watch: watch !== false };
    const registered = this.#registration(WatchKind.data, path, watch);
    const write = records.writeGetDataRequest;
    return this.#call(OpCode.getData, write, record, readDataAndStat, registered);
  }

  /** In the server's order, which is none. */
  getChildren(path: string, watch: WatchChoice = false): Promise<string[]> {
    const record = { path, watch: watch !== false };
    const registered = this.#registration(WatchKind.children, path, watch);
    const write = records.writeGetChildrenRequest;
    return this.#call(OpCode.getChildren, write, record, readChildren, registered);
  }

  getChildren2(path: string, watch: WatchChoice = false): Promise<ChildrenAndStat> {
    const record = { path, watch: watch !== false };
    const registered = this.#registration(WatchKind.children, path, watch);
    const write = records.writeGetChildren2Request;
    return this.#call(OpCode.getChildren2, write, record, readChildrenAndStat, registered);
  }

  /** Of all descendants. */
  getAllChildrenNumber(path: string): Promise<number> {
    return this.#call(
      OpCode.getAllChildrenNumber,
      records.writeGetAllChildrenNumberRequest,
      { path },
      (reader) => reader.int(),
    );
  }

  getACL(path: string): Promise<{ acl: records.ACL[]; stat: records.Stat }> {
    return this.#call(OpCode.getACL, records.writeGetACLRequest, { path }, (reader) => {
      const response = records.readGetACLResponse(reader);
      return { acl: response.acl ?? [], stat: response.stat };
    });
  }

  /** This session's ephemerals whose full names begin with the prefix; as in Java it is not under the chroot. */
  getEphemerals(prefixPath = "/"): Promise<string[]> {
    const problem = pathProblem(prefixPath);
    if (problem !== undefined) return refuse(problem);
    return this.#send(
      OpCode.getEphemerals,
      records.writeGetEphemeralsRequest,
      { prefixPath },
      null,
      (reader) => (records.readGetEphemeralsResponse(reader).ephemerals ?? []) as string[],
    );
  }

  /** Resolves when the server has caught up with what the leader had when it was asked. */
  sync(path: string): Promise<void> {
    return this.#call(OpCode.sync, records.writeSyncRequest, { path }, readNothing);
  }

  whoAmI(): Promise<records.ClientInfo[]> {
    return this.#send(
      OpCode.whoAmI,
      undefined,
      undefined,
      null,
      (reader) => records.readWhoAmIResponse(reader).clientInfo ?? [],
    );
  }

  /** The ensemble's configuration, which is not under the chroot. */
  getConfig(watch: WatchChoice = false): Promise<DataAndStat> {
    const registration = this.#registration(WatchKind.data, CONFIG_NODE, watch);
    return this.#send(
      OpCode.getData,
      records.writeGetDataRequest,
      { path: CONFIG_NODE, watch: watch !== false },
      CONFIG_NODE,
      readDataAndStat,
      registration,
    );
  }

  // ----------------------------------------------------------------------------------------------------------- watches

  addWatch(
    path: string,
    mode: AddWatchMode = AddWatchMode.persistentRecursive,
    watch: Watcher | true = true,
  ): Promise<void> {
    const kind =
      mode === AddWatchMode.persistent ? WatchKind.persistent : WatchKind.persistentRecursive;
    const registration = this.#registration(kind, path, watch);
    return this.#call(
      OpCode.addWatch,
      records.writeAddWatchRequest,
      { path, mode },
      readNothing,
      registration,
    );
  }

  /** Takes one watcher off; the server keeps the path's watch as long as another needs it. */
  removeWatches(
    path: string,
    watcher: Watcher,
    type: WatcherType = WatcherType.any,
    local = false,
  ): Promise<void> {
    return this.#removeWatches(OpCode.checkWatches, { path, type, watcher, local });
  }

  removeAllWatches(
    path: string,
    type: WatcherType = WatcherType.any,
    local = false,
  ): Promise<void> {
    return this.#removeWatches(OpCode.removeWatches, { path, type, watcher: undefined, local });
  }

  #removeWatches(opCode: OpCode, removal: WatchRemoval): Promise<void> {
    const { path, type } = removal;
    const problem = pathProblem(path);
    if (problem !== undefined) return refuse(problem);
    return new Promise((resolve, reject) => {
      const onReply = (reply: number): void => {
        const error = this.session.events.onRemovalReply(removal, reply);
        if (error === ErrorCode.ok) resolve();
        else reject(new ZooKeeperError(error, path));
      };
      const record = { path: this.#chroot.toServer(path), type };
      const request = { xid: 0, submittedAtMs: 0, onReply };
      this.session.submit(opCode, records.writeRemoveWatchesRequest, record, request);
    });
  }

  // ------------------------------------------------------------------------------------------------------- how it is done

  #create<T>(
    path: string,
    data: Buffer | null,
    options: CreateOptions,
    withStat: boolean,
    decode: (reader: JuteReader) => T,
  ): Promise<T> {
    const mode = options.mode ?? CreateMode.persistent;
    const acl = options.acl === undefined ? OPEN_ACL_UNSAFE : options.acl;
    const problem = pathProblem(isSequential(mode) ? `${path}1` : path);
    if (problem !== undefined) return refuse(problem);
    if (isNoAcl(acl)) return refuseAcl();
    const serverPath = this.#chroot.toServer(path);
    const opCode = createOpCode(mode, withStat);
    const record = { path: serverPath, data, acl, flags: mode };
    if (!hasTtl(mode)) return this.#send(opCode, records.writeCreateRequest, record, path, decode);
    const withTtl = { ...record, ttl: BigInt(options.ttlMs ?? 0) };
    return this.#send(opCode, records.writeCreateTTLRequest, withTtl, path, decode);
  }

  #multi(
    opCode: OpCode,
    ops: readonly Op[],
    decode: (reader: JuteReader) => MultiResult[],
  ): Promise<MultiResult[]> {
    if (ops.length === 0) return Promise.resolve([]);
    const problem = opsProblem(ops);
    if (problem !== undefined) return refuse(problem);
    return this.#send(opCode, writeMulti, { ops, chroot: this.#chroot }, null, decode);
  }

  #registration(kind: WatchKind, path: string, watch: WatchChoice): WatchRegistration | undefined {
    const watcher = watch === true ? this.session.events.watches.defaultWatcher : watch;
    return watcher === false || watcher === undefined ? undefined : { kind, path, watcher };
  }

  /** `record.path` is the client's path until it has been checked here. */
  #call<R extends { path: string }, T>(
    opCode: OpCode,
    write: Write<R>,
    record: R,
    decode: (reader: JuteReader) => T,
    registration?: WatchRegistration,
    serverPath?: string,
  ): Promise<T> {
    const path = record.path;
    const problem = pathProblem(path);
    if (problem !== undefined) return refuse(problem);
    record.path = serverPath ?? this.#chroot.toServer(path);
    return this.#send(opCode, write, record, path, decode, registration);
  }

  #send<R, T>(
    opCode: OpCode,
    write: Write<R> | undefined,
    record: R,
    path: string | null,
    decode: (reader: JuteReader) => T,
    registration?: WatchRegistration,
    ifAbsent?: T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const { watches } = this.session.events;
      const request = new PromiseRequest(
        path,
        decode,
        resolve,
        reject,
        watches,
        registration,
        ifAbsent,
      );
      this.session.submit(opCode, write, record, request);
    });
  }
}
