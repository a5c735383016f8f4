// TCP as node's own net.Socket drives it: the handle beneath the socket, without the streams on top.
//
// A net.Socket is two streams with their states, events and closures, and all that we use of it is a read and a write. So
// connections (tcp-connection.ts) use the handle directly, by the same calls as node's own lib/net.js.
//
// This is not documented API. It is asked for once; where it is not what it was, connections are net.Sockets, as those with TLS
// are (connection.ts). test/platform runs both ways, against each Node we support.

export interface TcpHandle {
  /** Called with the handle as `this`; `readResult` says how many bytes, or which error. Must return undefined. */
  onread: (this: TcpHandle) => void;
  /** Whom `onread` is for. */
  connection?: unknown;
  /** Bytes that were given to the system and not taken. */
  readonly writeQueueSize: number;
  /** What is read goes into this buffer, always from its beginning. */
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  /** 0, or an error as a negative number. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** 1: it was done at once. */
  shutdown(request: HandleRequest): number;
  /** `done` is called in a later turn. */
  close(done: () => void): void;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, initialDelaySeconds: number): number;
  getpeername(out: SocketName): number;
  getsockname(out: SocketName): number;
}

export interface SocketName {
  address?: string;
  port?: number;
}

/** Kept alive by node until `oncomplete`. */
export interface HandleRequest {
  connection?: unknown;
  oncomplete: (this: HandleRequest, status: number) => void;
}

export interface WriteRequest extends HandleRequest {
  /** Node does not keep the bytes alive. */
  buffer?: Uint8Array;
}

interface StreamBinding {
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => HandleRequest;
}

export interface TcpHandles {
  newWriteRequest(): WriteRequest;
  newShutdownRequest(): HandleRequest;
  /** Of the read that `onread` is called for. */
  readResult(): number;
  /** Whether the system has not taken all of the last `writeBuffer`: `oncomplete` will be called. */
  isWriteUnderWay(): boolean;
}

/** From an `oncomplete` or `onread`: the other side has sent its last byte. */
export const END_OF_FILE = -4095;

export const tcpHandles: TcpHandles | undefined = find();

const METHODS: readonly string[] = [
  "useUserBuffer",
  "readStart",
  "readStop",
  "writeBuffer",
  "shutdown",
  "close",
  "setNoDelay",
  "setKeepAlive",
  "getpeername",
  "getsockname",
];

/** Whether this is a handle as we know them. */
export function isTcpHandle(handle: unknown): handle is TcpHandle {
  if (tcpHandles === undefined || typeof handle !== "object" || handle === null) return false;
  const found = handle as Readonly<Record<string, unknown>>;
  return METHODS.every((name) => isFunction(found[name])) && Number.isInteger(found.writeQueueSize);
}

function find(): TcpHandles | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => unknown };
  if (binding === undefined) return undefined;
  try {
    const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync, WriteWrap, ShutdownWrap } =
      binding("stream_wrap") as StreamBinding;
    const isKnown =
      streamBaseState instanceof Int32Array &&
      [kReadBytesOrError, kLastWriteWasAsync].every(Number.isInteger) &&
      [WriteWrap, ShutdownWrap].every(isFunction);
    if (!isKnown) return undefined;
    return {
      newWriteRequest: () => new WriteWrap(),
      newShutdownRequest: () => new ShutdownWrap(),
      readResult: () => streamBaseState[kReadBytesOrError]!,
      isWriteUnderWay: () => streamBaseState[kLastWriteWasAsync] !== 0,
    };
  } catch {
    return undefined;
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}
