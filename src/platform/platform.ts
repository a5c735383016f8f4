// The one door to the world: clock, network, disk, randomness and logs.
//
// Everything that is not platform/node, main, bin or cli sees the world only through these interfaces. Production gets
// src/platform/node, the simulator gets test/sim/platform; nothing else in the program can tell which. One contract suite
// (test/platform/contract.ts) runs against both.
//
// Rules for both implementations:
//  - A callback is never called before the method that took it has returned.
//  - What arrives during one turn of the loop is delivered before `clock.atTurnEnd` callbacks of that turn run.
//  - Errors are values of the classes below, never thrown across a callback.

import type { CacheUse } from "./cache-use.js";
import type { Kerberos } from "./kerberos.js";
import type { Stores } from "./stores.js";
import type { Threads } from "./threads.js";

export interface Platform {
  readonly clock: Clock;
  readonly network: Network;
  readonly tls: Tls;
  readonly kerberos: Kerberos;
  readonly disk: Disk;
  readonly stores: Stores;
  readonly random: Random;
  readonly log: Logger;
  readonly host: HostFacts;
  /** Undefined where there is one processor only. */
  readonly threads: Threads | undefined;
}

// ---------------------------------------------------------------------------------------------------------------- clock

export interface Clock {
  /** Milliseconds since 1970, an integer; may jump. Only for what users see: ctime, mtime, log lines. */
  wallMs(): number;
  /** The same as it was when somebody first asked in this turn: for what is done thousands of times in one. */
  turnWallMs(): number;
  /** Milliseconds (with fraction) that never go back. For every time-out and every latency. */
  monotonicMs(): number;
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Runs once when the events of this turn have been handled: the place to write, sync and flush what they produced. */
  atTurnEnd(run: () => void): void;
}

export interface Timer {
  cancel(): void;
}

// -------------------------------------------------------------------------------------------------------------- network

/** TCP as ordered byte streams. */
export interface Network {
  /** `ready` is called once, with an error when the address cannot be bound. */
  listen(
    address: ListenAddress,
    accept: (connection: Connection) => void,
    ready: (error?: NetworkError) => void,
  ): Listener;
  /** `done` is called once. Cancelling the returned attempt suppresses it. */
  connect(
    target: Endpoint,
    options: { readonly timeoutMs: number },
    done: (error: NetworkError | undefined, connection?: Connection) => void,
  ): { cancel(): void };
  /** All addresses of a name, or of an address itself. Asked anew each time: never cached. */
  resolve(host: string, done: (error: NetworkError | undefined, addresses: string[]) => void): void;
  /** The names of an address, as DNS has them: whoever rules the address's DNS says what he likes. */
  nameOf(address: string, done: (error: NetworkError | undefined, names: string[]) => void): void;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ListenAddress {
  /** Undefined: every interface, IPv6 and IPv4. */
  readonly host: string | undefined;
  /** 0: any free port; `Listener.port` tells which. */
  readonly port: number;
  /** -1: the system's default. */
  readonly backlog: number;
}

export interface Listener {
  readonly port: number;
  /** Stops accepting; connections that were accepted stay. */
  close(done?: () => void): void;
}

export interface Connection {
  /** IPv4-mapped IPv6 addresses are given as plain IPv4. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Undefined: the bytes travel as they are. */
  readonly tls: TlsFacts | undefined;
  /** Bytes that `write` has taken and the system has not. */
  readonly unsentBytes: number;
  /** Must be called in the turn in which the connection was handed over; until then nothing is delivered. */
  start(handler: ConnectionHandler): void;
  /** The bytes belong to the connection from here on: the caller must not change them. One call, one system call. */
  write(bytes: Uint8Array): void;
  pauseReading(): void;
  resumeReading(): void;
  setKeepAlive(on: boolean): void;
  /** Sends what was written, then closes. */
  end(): void;
  /** Closes now; what was not sent is lost. */
  destroy(): void;
}

export interface ConnectionHandler {
  /** The chunk is valid only during the call: copy what must outlive it. */
  onData(chunk: Buffer): void;
  /** All that was written has been taken by the system, after it had not been (`unsentBytes` was above 0). */
  onDrain(): void;
  /** The peer has sent its last byte. Unless `end` is called the other direction stays open. */
  onEnd(): void;
  /** Called exactly once, last; never as part of the `destroy` or `end` call itself. */
  onClose(error: NetworkError | undefined): void;
}

export class NetworkError extends Error {
  override readonly name = "NetworkError";
  /** ECONNREFUSED, ECONNRESET, EADDRINUSE, EACCES, ENOTFOUND, ETIMEDOUT, EPIPE … */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

// ------------------------------------------------------------------------------------------------------------------ tls

/**
 * TLS over connections that are there: accepted or connected, and not started yet. From the call on the connection is the
 * platform's; `done` is called once with the one to use from then on, which must be started in that turn, or with an error
 * when it is closed already. Cancelling the returned attempt closes it and suppresses `done`.
 */
export interface Tls {
  /** Throws an Error that says why: a key without its certificate, an unknown cipher. */
  createContext(options: TlsContextOptions): TlsContext;
  accept(
    connection: Connection,
    context: TlsContext,
    options: TlsAcceptOptions,
    done: TlsDone,
  ): { cancel(): void };
  connect(
    connection: Connection,
    context: TlsContext,
    options: TlsConnectOptions,
    done: TlsDone,
  ): { cancel(): void };
}

/**
 * A last look at who is there, when all else has been found right; what it says (an Error, to refuse) may come later, within
 * the handshake's time.
 */
export type TlsVerify = (facts: TlsFacts, decide: (error: Error | undefined) => void) => void;

export type TlsDone = (error: NetworkError | undefined, connection?: Connection) => void;

/** Certificates and keys in DER. */
export interface TlsContextOptions {
  /** A key (PKCS8) and its chain, its own certificate first. At most one of a kind of key is shown. */
  readonly keys: readonly { readonly key: Buffer; readonly chain: readonly Buffer[] }[];
  /** Undefined: the authorities that the runtime trusts. */
  readonly trusted: readonly Buffer[] | undefined;
  /** TLSv1 … TLSv1.3. */
  readonly protocols: readonly string[];
  /** By OpenSSL's names, the preferred ones first. Undefined: the runtime's. */
  readonly ciphers: readonly string[] | undefined;
  /** Whether those who connect must, may or need not show a certificate. What is shown must be trusted. */
  readonly clientAuth: "need" | "want" | "none";
  /** Whether a client may take up an earlier session, which saves both sides the signatures. */
  readonly resumption: boolean;
}

/** What of the options came out; opaque to all but the platform that made it. */
export interface TlsContext {
  readonly options: TlsContextOptions;
}

export interface TlsAcceptOptions {
  /** Those who do not begin as TLS does are taken as they are; so is who says nothing for `detectionMs`. */
  readonly plainToo: boolean;
  readonly detectionMs: number;
  /** From the first byte of a handshake to its end. */
  readonly timeoutMs: number;
  readonly verify?: TlsVerify | undefined;
}

export interface TlsConnectOptions {
  /** For the server's choice of a certificate; undefined: an address was connected to. */
  readonly serverName: string | undefined;
  /** The certificate must carry one of them; undefined: any will do that is trusted. */
  readonly hostNames: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly verify?: TlsVerify | undefined;
}

export interface TlsFacts {
  /** TLSv1.3 … */
  readonly protocol: string;
  /** By its standard name. */
  readonly cipherSuite: string;
  /** What the other side has shown and is trusted, its own certificate first, in DER; empty: nothing. */
  readonly peerCertificates: readonly Buffer[];
  /** Whether its certificate carries one of these names or addresses. */
  peerIsNamed(hostNames: readonly string[]): boolean;
}

// ----------------------------------------------------------------------------------------------------------------- disk

/**
 * Reading is synchronous: it happens at start-up, after a lost leader and for operators. Changing is asynchronous, because a sync may
 * take seconds while sessions must be kept alive. Methods that return a promise reject with DiskError.
 */
export interface Disk {
  /** Names, sorted. */
  readDirectory(path: string): string[];
  stat(path: string): FileStat | undefined;
  readFile(path: string): Buffer;
  /** "avoided" for what is large and read once, from its beginning to its end. */
  openForReading(path: string, cache?: CacheUse): ReadableFile;
  makeDirectories(path: string): Promise<void>;
  /** `create` refuses an existing file (EEXIST); `open` refuses a missing one (ENOENT). */
  openForWriting(path: string, mode: "create" | "open"): Promise<WritableFile>;
  /** For writes that avoid the cache: see CacheUse. */
  alignedBuffer(bytes: number): Buffer;
  /** Replaces the target. Durable only after `syncDirectory` of its directory. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** Bytes that an unprivileged user can still write. */
  freeBytes(path: string): number | undefined;
  /** Another of this kind, of which nothing is real: for rehearsals. */
  imagined(): ImaginedDisk;
}

/** It has the directories that were made, and no file: whatever is written is agreed to, and gone. */
export interface ImaginedDisk {
  readonly disk: Disk;
  /** From now on it does not answer. */
  stall(): void;
}

export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface ReadableFile {
  readonly sizeBytes: number;
  /** Reads into `target`, returns how many bytes there were: fewer than asked only at the end of the file. */
  read(position: number, target: Uint8Array): number;
  /** What is to be read next comes meanwhile; who can waits until it is there. `read` needs none of it. */
  ahead(): Promise<void> | undefined;
  close(): void;
}

/** Calls on one file are carried out in the order in which they were made. */
export interface WritableFile {
  /** What its errors call it: who gives it another name says so. */
  path: string;
  /** The bytes must not change until `done`. */
  write(position: number, bytes: Uint8Array, done: DiskDone, cache?: CacheUse): void;
  /** Data and length are durable when `done` is called without an error. */
  sync(done: DiskDone): void;
  /** Makes the file this long: cut, or filled with zeros that need not be written one by one. */
  truncate(sizeBytes: number, done: DiskDone): void;
  close(done?: DiskDone): void;
}

export type DiskDone = (error?: DiskError) => void;

export class DiskError extends Error {
  override readonly name = "DiskError";
  /** ENOENT, EEXIST, EACCES, EROFS, ENOSPC, EIO … */
  readonly code: string;
  readonly path: string;
  constructor(code: string, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

// --------------------------------------------------------------------------------------------------------------- random

export interface Random {
  /** An integer from 0 to bound-1; bound at most 2^32. */
  integer(bound: number): number;
  fill(target: Uint8Array): void;
  /** 32 bits that nobody outside must know: where in a table of hashes things are that strangers named. */
  readonly hashSeed: number;
}

// ------------------------------------------------------------------------------------------------------------------ log

export interface Logger {
  /** A logger whose lines carry this component's name, in ZooKeeper's class-like nouns ("QuorumPeer", "NIOServerCnxn"). */
  child(component: string): Logger;
  trace(message: string, error?: unknown): void;
  debug(message: string, error?: unknown): void;
  info(message: string, error?: unknown): void;
  warn(message: string, error?: unknown): void;
  error(message: string, error?: unknown): void;
  /** Whether a debug line would be written: ask before building an expensive one. */
  isDebugEnabled(): boolean;
}

// ----------------------------------------------------------------------------------------------------------------- host

/** What `envi`, `mntr` and the log's first lines tell of the machine and the process. */
export interface HostFacts {
  readonly hostName: string;
  readonly osName: string;
  readonly osArch: string;
  readonly osVersion: string;
  readonly userName: string;
  readonly userHome: string;
  readonly workingDirectory: string;
  readonly temporaryDirectory: string;
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeHome: string;
  readonly processId: number;
  readonly processors: number;
  memory(): { readonly freeBytes: number; readonly totalBytes: number; readonly maxBytes: number };
  /** Undefined where the system does not tell. */
  openFileDescriptors(): number | undefined;
  maxFileDescriptors(): number | undefined;
  /** For Prometheus. The first call begins to count the collections of garbage. */
  processUse(): ProcessUse;
}

export interface ProcessUse {
  /** Wall clock. */
  readonly startedMs: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Undefined where the system does not tell. */
  readonly virtualBytes: number | undefined;
  readonly heap: MemoryArea & { readonly maxBytes: number };
  /** Parts of the heap, by the names that the runtime has for them. */
  readonly heapSpaces: readonly (MemoryArea & { readonly name: string })[];
  /** Memory of the runtime's objects outside its heap: buffers, of which `bufferBytes` are ours. */
  readonly externalBytes: number;
  readonly bufferBytes: number;
  readonly collections: readonly {
    readonly name: string;
    readonly count: number;
    readonly seconds: number;
  }[];
}

export interface MemoryArea {
  readonly usedBytes: number;
  readonly committedBytes: number;
}
