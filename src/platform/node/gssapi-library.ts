// MIT's GSS-API library (libgssapi_krb5), called by koffi: docs/adr/0005-kerberos-by-mit-and-koffi.md.
//
// What is declared here must be what gssapi/gssapi.h and gssapi_ext.h say: the compiler sees neither. Calls marked "later" run
// on a thread of node's pool; whoever makes one keeps its arguments alive and gives no handle to two calls at a time.
//
// Nothing of this is loaded before somebody asks for Kerberos.

import { createRequire } from "node:module";
import { KerberosError } from "../kerberos.js";

const LIBRARY = "libgssapi_krb5.so.2";
const ASK =
  "Install both: npm install koffi, and MIT Kerberos (Debian: apt install libgssapi-krb5-2)";

/**
 * koffi runs C on stacks of its own. libkrb5 needs some ten kilobytes, but asks the resolver, whose modules may be anybody's.
 */
const LATER_STACK_BYTES = 1024 * 1024;

/** gss_buffer_desc, gss_OID_desc. */
export interface NativeBytes {
  length: number;
  value: bigint | Uint8Array | null;
}

export interface NativeOid {
  readonly length: number;
  readonly elements: Uint8Array;
}

/** A handle of the library's; null: none. */
export type Handle = bigint | null;

interface OidSet {
  readonly count: number;
  readonly elements: readonly NativeOid[];
}

interface KeyValueSet {
  readonly count: number;
  readonly elements: readonly { readonly key: string; readonly value: string }[];
}

type Out<T> = [T];

/** The functions by their names in C, with what each gives back through pointers as arrays of one. */
export interface GssFunctions {
  importName(minor: Out<number>, text: NativeBytes, type: NativeOid, name: Out<Handle>): number;
  displayName(minor: Out<number>, name: Handle, text: NativeBytes, type: null): number;
  displayStatus(
    minor: Out<number>,
    code: number,
    type: number,
    mechanism: NativeOid,
    context: Out<number>,
    text: NativeBytes,
  ): number;
  acquireCredential(
    minor: Out<number>,
    name: Handle,
    seconds: number,
    mechanisms: OidSet,
    usage: number,
    store: KeyValueSet,
    credential: Out<Handle>,
    actual: null,
    left: null,
  ): number;
  inquireContext(
    minor: Out<number>,
    context: Handle,
    source: Out<Handle>,
    target: Out<Handle>,
    seconds: null,
    mechanism: null,
    flags: null,
    isLocal: null,
    isOpen: null,
  ): number;
  releaseName(minor: Out<number>, name: Out<Handle>): number;
  releaseCredential(minor: Out<number>, credential: Out<Handle>): number;
  releaseBuffer(minor: Out<number>, bytes: NativeBytes): number;
  deleteContext(minor: Out<number>, context: Out<Handle>, token: null): number;
  readonly acceptContext: Later<
    [
      minor: Out<number>,
      context: Out<Handle>,
      credential: Handle,
      token: NativeBytes,
      bindings: null,
      source: null,
      mechanism: null,
      answer: NativeBytes,
      flags: Out<number>,
      seconds: null,
      delegated: null,
    ]
  >;
  readonly initContext: Later<
    [
      minor: Out<number>,
      credential: Handle,
      context: Out<Handle>,
      target: Handle,
      mechanism: NativeOid,
      flags: number,
      seconds: number,
      bindings: null,
      token: NativeBytes,
      actual: null,
      answer: NativeBytes,
      given: Out<number>,
      left: null,
    ]
  >;
  readonly wrap: Later<
    [
      minor: Out<number>,
      context: Handle,
      isHidden: number,
      quality: number,
      message: NativeBytes,
      wasHidden: Out<number>,
      token: NativeBytes,
    ]
  >;
  readonly unwrap: Later<
    [
      minor: Out<number>,
      context: Handle,
      token: NativeBytes,
      message: NativeBytes,
      wasHidden: Out<number>,
      quality: Out<number>,
    ]
  >;
  readonly acquireLater: Later<Parameters<GssFunctions["acquireCredential"]>>;
  /** The bytes are the library's until releaseBuffer: a copy. */
  copy(bytes: NativeBytes): Buffer;
}

/** Runs on another thread; the answer comes in a later turn. */
export interface Later<Arguments extends unknown[]> {
  async(...all: [...Arguments, done: (error: Error | null, major: number) => void]): void;
}

/** koffi, as far as it is used here: it is not there on every machine that this is compiled on. */
interface Koffi {
  config(settings: Readonly<Record<string, number>>): void;
  load(path: string): { func(name: string, result: string, parameters: unknown[]): unknown };
  struct(name: string, fields: Readonly<Record<string, unknown>>): unknown;
  pointer(type: unknown): unknown;
  out(type: unknown): unknown;
  inout(type: unknown): unknown;
  view(pointer: bigint, length: number): ArrayBuffer;
}

let loaded: GssFunctions | undefined;

/** Throws KerberosError, saying what is to be installed. */
export function gssapiLibrary(): GssFunctions {
  loaded ??= load();
  return loaded;
}

function load(): GssFunctions {
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)("koffi") as Koffi;
  } catch (error) {
    throw missing("the package koffi", error);
  }
  try {
    koffi.config({
      async_stack_size: LATER_STACK_BYTES,
      resident_async_pools: 2,
      max_async_calls: 16,
    });
    return declare(koffi);
  } catch (error) {
    throw missing(`the library ${LIBRARY}`, error);
  }
}

function missing(what: string, error: unknown): KerberosError {
  const why = String((error as Error).message).split("\n")[0];
  return new KerberosError(`Kerberos needs ${what}, which cannot be loaded: ${why}. ${ASK}`, {
    cause: error,
  });
}

function declare(koffi: Koffi): GssFunctions {
  const library = koffi.load(LIBRARY);
  const { pointer, out, inout, struct } = koffi;
  const handle = "void *";
  const outHandle = out(pointer(handle));
  const inoutHandle = inout(pointer(handle));
  const outNumber = out(pointer("uint32_t"));
  const bytesType = struct("gss_buffer_desc", { length: "size_t", value: "void *" });
  const bytes = pointer(bytesType);
  const outBytes = out(bytes);
  const oidType = struct("gss_OID_desc", { length: "uint32_t", elements: "void *" });
  const oid = pointer(oidType);
  const oidSet = struct("gss_OID_set_desc", { count: "size_t", elements: oid });
  const pair = struct("gss_key_value_element", { key: "const char *", value: "const char *" });
  const pairs = struct("gss_key_value_set", { count: "uint32_t", elements: pointer(pair) });
  const call = <T>(name: string, ...parameters: unknown[]): T =>
    library.func(name, "uint32_t", [outNumber, ...parameters]) as T;

  const number = "uint32_t";
  const none = "void *";
  const acquire = [handle, number, pointer(oidSet), "int", pointer(pairs), outHandle, none, none];
  const acquireCredential = call<GssFunctions["acquireCredential"] & GssFunctions["acquireLater"]>(
    "gss_acquire_cred_from",
    ...acquire,
  );
  return {
    importName: call("gss_import_name", bytes, oid, outHandle),
    displayName: call("gss_display_name", handle, outBytes, none),
    displayStatus: call("gss_display_status", number, "int", oid, inout(pointer(number)), outBytes),
    acquireCredential,
    acquireLater: acquireCredential,
    inquireContext: call(
      "gss_inquire_context",
      ...[handle, outHandle, outHandle, none, none, none, none, none],
    ),
    releaseName: call("gss_release_name", inoutHandle),
    releaseCredential: call("gss_release_cred", inoutHandle),
    releaseBuffer: call("gss_release_buffer", inout(bytes)),
    deleteContext: call("gss_delete_sec_context", inoutHandle, none),
    acceptContext: call(
      "gss_accept_sec_context",
      ...[inoutHandle, handle, bytes, none, none, none, outBytes, outNumber, none, none],
    ),
    initContext: call(
      "gss_init_sec_context",
      ...[handle, inoutHandle, handle, oid, number, number, none, bytes, none, outBytes],
      ...[outNumber, none],
    ),
    wrap: call("gss_wrap", handle, "int", number, bytes, outNumber, outBytes),
    unwrap: call("gss_unwrap", handle, bytes, outBytes, outNumber, outNumber),
    copy: ({ value, length }) =>
      typeof value === "bigint" && length > 0
        ? Buffer.from(Buffer.from(koffi.view(value, length)))
        : Buffer.alloc(0),
  };
}
