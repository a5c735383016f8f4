// Kerberos of a real process: GSS-API contexts over MIT's library (gssapi-library.ts). Java: sun.security.jgss.krb5, Krb5LoginModule.
//
// The library's calls wait for files (key table, replay cache) and, where we call others, for the key distribution centre:
// they run on threads of node's pool, one at a time for those who accept and one for those who initiate: a centre that does not
// answer (25 s) keeps nobody from coming in, and leaves the disk its threads. A context that is released while a call is under way is freed after it.
//
// The key table is read anew for each client: keys are changed by replacing the file. Tickets that come from a key table are
// kept in memory, and fetched again before they end.

import {
  type GssContext,
  type GssCredential,
  type GssDone,
  type GssStep,
  type Kerberos,
  KerberosError,
  type KerberosLogin,
} from "../kerberos.js";
import {
  type GssFunctions,
  gssapiLibrary,
  type Handle,
  type NativeBytes,
} from "./gssapi-library.js";

/** 1.2.840.113554.1.2.2: Kerberos 5, and nothing that negotiates about it. */
const MECHANISM = oid("2a864886f712010202");
/** 1.2.840.113554.1.2.2.1: a principal, as it is written. */
const PRINCIPAL = oid("2a864886f71201020201");

const Usage = { initiate: 1, accept: 2 } as const;
const MUTUAL_AND_INTEGRITY = 2 | 4 | 8 | 32;
const FOREVER_SECONDS = 0xffffffff;
const FAILED = 0xffff0000;
const CONTINUE = 1;
const StatusType = { gss: 1, mechanism: 2 } as const;

/** Where kinit -k, and Java, look for keys unless they are told otherwise. */
const DEFAULT_KEY_TABLE = "/etc/krb5.keytab";

export class NodeKerberos implements Kerberos {
  readonly #lanes = { accept: new Lane(), initiate: new Lane() };

  open(login: KerberosLogin): GssCredential {
    const { configurationFile, usage } = login;
    // The library looks there whenever it begins something, on other threads too: so it is changed once, before there are any.
    if (configurationFile !== undefined && process.env.KRB5_CONFIG !== configurationFile) {
      process.env.KRB5_CONFIG = configurationFile;
    }
    const gss = gssapiLibrary();
    const lane = this.#lanes[usage];
    if (usage === "initiate") return new InitiatingCredential(gss, lane, login);
    return new AcceptingCredential(gss, lane, login);
  }
}

type Store = readonly { readonly key: string; readonly value: string }[];

/** What a credential is asked for by, as both calls take it. */
function wanted(name: Handle, usage: number, stored: Store) {
  const mechanisms = { count: 1, elements: [MECHANISM] };
  return [
    name,
    FOREVER_SECONDS,
    mechanisms,
    usage,
    { count: stored.length, elements: stored },
  ] as const;
}

class AcceptingCredential implements GssCredential {
  readonly #gss: GssFunctions;
  readonly #lane: Lane;
  /** As long as the process. */
  readonly #handle: Handle;

  constructor(gss: GssFunctions, lane: Lane, { principal, keyTable }: KerberosLogin) {
    this.#gss = gss;
    this.#lane = lane;
    const stored = typeof keyTable === "string" ? [{ key: "keytab", value: keyTable }] : [];
    const name = importName(gss, principal);
    const minor: [number] = [0];
    const handle: [Handle] = [null];
    const major = gss.acquireCredential(
      minor,
      ...wanted(name, Usage.accept, stored),
      handle,
      null,
      null,
    );
    gss.releaseName([0], [name]);
    if (isFailed(major)) throw failure(gss, major, minor[0]);
    this.#handle = handle[0];
  }

  newContext(): GssContext {
    const gss = this.#gss;
    return new NodeGssContext(gss, this.#lane, {
      isAccepting: true,
      step: ({ minor, context, input, answer }, done) => {
        const all = [minor, context, this.#handle, input, null, null, null, answer] as const;
        gss.acceptContext.async(...all, [0], null, null, done);
      },
      free: () => {},
    });
  }
}

class InitiatingCredential implements GssCredential {
  readonly #gss: GssFunctions;
  readonly #lane: Lane;
  readonly #principal: string | undefined;
  /** Where to look for tickets, one after the other. */
  readonly #stores: readonly Store[];

  constructor(gss: GssFunctions, lane: Lane, login: KerberosLogin) {
    const { principal, ticketCache, keyTable } = login;
    this.#gss = gss;
    this.#lane = lane;
    this.#principal = principal;
    const stores: Store[] = [];
    if (ticketCache !== undefined) {
      stores.push(ticketCache === true ? [] : [{ key: "ccache", value: ticketCache }]);
    }
    if (keyTable !== undefined) {
      const file = keyTable === true ? (process.env.KRB5_KTNAME ?? DEFAULT_KEY_TABLE) : keyTable;
      stores.push([
        { key: "ccache", value: `MEMORY:zooid:${principal ?? ""}` },
        { key: "client_keytab", value: file },
      ]);
    }
    this.#stores = stores;
  }

  newContext(target = ""): GssContext {
    const gss = this.#gss;
    let name: Handle = null;
    let credential: Handle = null;
    const free = (): void => {
      if (name !== null) gss.releaseName([0], [name]);
      if (credential !== null) gss.releaseCredential([0], [credential]);
    };
    const step: NativeStep = ({ minor, context, input, answer }, done) => {
      name ??= importName(gss, target);
      const all = [context, name, MECHANISM, MUTUAL_AND_INTEGRITY, 0, null, input, null] as const;
      const begin = (): void => {
        gss.initContext.async(minor, credential, ...all, answer, [0], null, done);
      };
      if (credential !== null) begin();
      else {
        this.#acquire(0, minor, (error, major, handle) => {
          credential = handle;
          if (error !== null || isFailed(major)) done(error, major);
          else begin();
        });
      }
    };
    return new NodeGssContext(gss, this.#lane, { isAccepting: false, step, free });
  }

  #acquire(
    index: number,
    minor: [number],
    done: (error: Error | null, major: number, handle: Handle) => void,
  ): void {
    const gss = this.#gss;
    const stored = this.#stores[index] ?? [];
    const name = this.#principal === undefined ? null : importName(gss, this.#principal);
    const handle: [Handle] = [null];
    gss.acquireLater.async(
      minor,
      ...wanted(name, Usage.initiate, stored),
      handle,
      null,
      null,
      (error, major) => {
        if (name !== null) gss.releaseName([0], [name]);
        const hasNext = index + 1 < this.#stores.length;
        if (hasNext && (error !== null || isFailed(major))) this.#acquire(index + 1, minor, done);
        else done(error, major, handle[0]);
      },
    );
  }
}

/** What a call of the library reads and fills; whoever waits for the call holds it. */
interface NativeCall {
  readonly input: NativeBytes;
  readonly minor: [number];
  readonly context: [Handle];
  readonly answer: NativeBytes;
}
type NativeDone = (error: Error | null, major: number) => void;
type NativeStep = (call: NativeCall, done: NativeDone) => void;

interface Side {
  readonly isAccepting: boolean;
  readonly step: NativeStep;
  /** What the context was made of. */
  readonly free: () => void;
}

class NodeGssContext implements GssContext {
  readonly #gss: GssFunctions;
  readonly #lane: Lane;
  readonly #side: Side;
  #handle: Handle = null;
  #isUnderWay = false;
  #isReleased = false;

  constructor(gss: GssFunctions, lane: Lane, side: Side) {
    this.#gss = gss;
    this.#lane = lane;
    this.#side = side;
  }

  step(token: Buffer, done: GssDone<GssStep>): void {
    this.#call(token, this.#side.step, (error, major, answer) => {
      if (error !== undefined) done(error);
      else done(undefined, { token: answer, established: this.#established(major) });
    });
  }

  wrap(message: Buffer, done: GssDone<Buffer>): void {
    const start: NativeStep = ({ minor, context, input, answer }, native) =>
      this.#gss.wrap.async(minor, context[0], 0, 0, input, [0], answer, native);
    this.#call(message, start, (error, _major, answer) => done(error, answer));
  }

  unwrap(token: Buffer, done: GssDone<Buffer>): void {
    const start: NativeStep = ({ minor, context, input, answer }, native) =>
      this.#gss.unwrap.async(minor, context[0], input, answer, [0], [0], native);
    this.#call(token, start, (error, _major, answer) => done(error, answer));
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (!this.#isUnderWay) this.#delete();
  }

  #call(
    input: Buffer,
    start: NativeStep,
    done: (error: KerberosError | undefined, major: number, answer: Buffer) => void,
  ): void {
    this.#lane.enter((leave) => {
      if (this.#isReleased) {
        leave();
        return;
      }
      this.#isUnderWay = true;
      const call: NativeCall = {
        input: { length: input.length, value: input },
        minor: [0],
        context: [this.#handle],
        answer: { length: 0, value: null },
      };
      const finish: NativeDone = (error, major) => {
        leave();
        this.#isUnderWay = false;
        this.#handle = call.context[0];
        const { minor, answer } = call;
        const bytes = this.#gss.copy(answer);
        if (answer.value !== null) this.#gss.releaseBuffer([0], answer);
        if (this.#isReleased) this.#delete();
        else if (error !== null) done(new KerberosError(error.message), major, bytes);
        else if (isFailed(major)) done(failure(this.#gss, major, minor[0]), major, bytes);
        else done(undefined, major, bytes);
      };
      try {
        start(call, finish);
      } catch (error) {
        // What koffi refuses to begin.
        setImmediate(() => finish(error as Error, 0));
      }
    });
  }

  #established(major: number): GssStep["established"] {
    if ((major & CONTINUE) !== 0) return undefined;
    const gss = this.#gss;
    const [source, target]: [[Handle], [Handle]] = [[null], [null]];
    gss.inquireContext([0], this.#handle, source, target, null, null, null, null, null);
    const names = { source: takeName(gss, source[0]), target: takeName(gss, target[0]) };
    return this.#side.isAccepting
      ? { peer: names.source, self: names.target }
      : { peer: names.target, self: names.source };
  }

  #delete(): void {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) this.#gss.deleteContext([0], [handle], null);
    this.#side.free();
  }
}

/** One after the other. What waits is bounded by those who wait: each connection has one exchange, with one call at a time. */
class Lane {
  readonly #waiting: ((leave: () => void) => void)[] = [];
  #isBusy = false;
  #isLooking = false;

  enter(run: (leave: () => void) => void): void {
    this.#waiting.push(run);
    this.#next();
  }

  #next(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (!this.#isBusy) {
      const run = this.#waiting.shift();
      if (run === undefined) break;
      this.#isBusy = true;
      run(() => {
        this.#isBusy = false;
        this.#next();
      });
    }
    this.#isLooking = false;
  }
}

function oid(hex: string) {
  const elements = Buffer.from(hex, "hex");
  return { length: elements.length, elements };
}

function isFailed(major: number): boolean {
  return (major & FAILED) !== 0;
}

/** Undefined: none. Throws KerberosError for what is no principal. */
function importName(gss: GssFunctions, principal: string | undefined): Handle {
  if (principal === undefined) return null;
  const text = Buffer.from(principal, "utf8");
  const minor: [number] = [0];
  const name: [Handle] = [null];
  const major = gss.importName(minor, { length: text.length, value: text }, PRINCIPAL, name);
  if (isFailed(major)) throw failure(gss, major, minor[0]);
  return name[0];
}

function takeName(gss: GssFunctions, name: Handle): string {
  if (name === null) return "";
  const text: NativeBytes = { length: 0, value: null };
  gss.displayName([0], name, text, null);
  const shown = gss.copy(text).toString("utf8");
  gss.releaseBuffer([0], text);
  gss.releaseName([0], [name]);
  return shown;
}

/** The mechanism's reason where it has one: for what cannot be read at all it says that all is well. */
function failure(gss: GssFunctions, major: number, minor: number): KerberosError {
  if (minor === 0) return new KerberosError(statusText(gss, major, StatusType.gss));
  const reason = statusText(gss, minor, StatusType.mechanism);
  const isNone = reason === "" || reason === "Success";
  return new KerberosError(isNone ? `Kerberos gives no reason (${major}, ${minor})` : reason);
}

function statusText(gss: GssFunctions, code: number, type: number): string {
  const text: NativeBytes = { length: 0, value: null };
  gss.displayStatus([0], code, type, MECHANISM, [0], text);
  const shown = gss.copy(text).toString("utf8");
  gss.releaseBuffer([0], text);
  return shown;
}
