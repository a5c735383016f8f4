// Plays a script to a server and writes down what it answered: one block of text per step.

import { fourLetterWord } from "../four-letter-word.js";
import type { ServerKind } from "../peers.js";
import { frame, int } from "../raw/bytes.js";
import { handshakeBytes, RawConnection } from "../raw/connection.js";
import type { Request } from "../raw/requests.js";
import { type RunningServer, startServer } from "../server-process.js";
import type { BytesStep, ConnectStep, RequestStep, Script, Step, WordStep } from "./steps.js";
import { Masks, show, showReply, sortNames, sortRuns } from "./transcript.js";

/** Blocks of lines; the first line of each says what was asked. */
export type Transcript = string[];

const PING = frame(int(-2), int(11));
/** getChildren, getChildren2, getEphemerals. */
const LISTING_TYPES = new Set([8, 12, 103]);
const listKey = (connection: string, xid: number) => `${connection} ${xid}`;
/** So long a server may think before it is said to be silent; and where silence is the right answer. */
const PATIENCE_MS = 30_000;
const SILENCE_MS = 6000;

export async function play(kind: ServerKind, script: Script): Promise<Transcript> {
  const server = await startServer(kind, {
    ...(script.cfg && { cfg: script.cfg }),
    ...(script.properties && { properties: script.properties }),
  });
  const session = new Session(script, server);
  try {
    return await session.play();
  } finally {
    await session.close();
  }
}

class Session {
  readonly #script: Script;
  #server: RunningServer;
  readonly #masks = new Masks(Date.now() - 1000);
  readonly #connections = new Map<string, RawConnection>();
  /** Pings of ours that are still to be answered: their answers are not shown. */
  readonly #barriers = new Map<RawConnection, number>();
  readonly #saidClosed = new Set<RawConnection>();
  /** Without a session, and closed as soon as they have been told so. */
  readonly #refused = new Set<RawConnection>();
  /** Requests of this step that are answered with a list of names. */
  readonly #listXids = new Set<string>();

  constructor(script: Script, server: RunningServer) {
    this.#script = script;
    this.#server = server;
  }

  async play(): Promise<Transcript> {
    const blocks: Transcript = [];
    for (const step of this.#script.steps) {
      const lines = await this.#step(step);
      lines.push(...(await this.#collect()));
      blocks.push(lines.join("\n"));
    }
    return blocks;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) await connection.destroy();
    await this.#server.discard();
  }

  #step(step: Step): Promise<string[]> {
    if (!("do" in step)) return this.#requests(step);
    switch (step.do) {
      case "connect":
        return this.#connect(step);
      case "dial":
        return this.#dial(step.connection);
      case "bytes":
        return this.#bytes(step);
      case "word":
        return this.#word(step);
      case "drop":
        return this.#drop(step.connection);
      case "untilClosed":
        return this.#untilClosed(step.connection);
      case "until":
        return this.#until(step.connection, step.request, step.error);
      case "restart":
        return this.#restart(step.how);
    }
  }

  async #connect(step: ConnectStep): Promise<string[]> {
    const from = step.renew === undefined ? undefined : this.#get(step.renew);
    const said = Object.entries(step.handshake).map(([key, value]) => `${key}=${showValue(value)}`);
    const title = [`${step.connection} connects`, ...(from ? [`as ${step.renew}`] : []), ...said];
    const connection = await this.#open(step.connection);
    connection.send(
      handshakeBytes({
        ...(from && { sessionId: from.sessionId, password: from.password }),
        ...step.handshake,
      }),
    );
    const lines = [title.join(" ")];
    await connection.waitFor(() => connection.frames.length > 0, PATIENCE_MS);
    const answer = connection.frames.shift();
    if (answer !== undefined) {
      if (connection.noteSession(answer)) {
        this.#masks.addSession(step.connection, connection.sessionId, connection.password);
      } else {
        this.#refused.add(connection);
      }
      lines.push(`  ${step.connection} < ${show(answer, this.#masks)}`);
    }
    return lines;
  }

  async #dial(name: string): Promise<string[]> {
    await this.#open(name);
    return [`${name} dials`];
  }

  async #open(name: string): Promise<RawConnection> {
    const connection = await RawConnection.open(this.#server.port);
    this.#connections.set(name, connection);
    return connection;
  }

  async #requests([name, ...requests]: RequestStep): Promise<string[]> {
    const connection = this.#get(name);
    const lines = requests.map((request) => `${name} > ${request.label}`);
    const xids = requests.map((request) => connection.request(request));
    this.#listXids.clear();
    requests.forEach(({ type }, i) => {
      if (LISTING_TYPES.has(type)) this.#listXids.add(listKey(name, xids[i]!));
    });
    const all = () =>
      xids.every(
        (xid, i) =>
          countXid(connection, xid) >= xids.slice(0, i + 1).filter((x) => x === xid).length,
      );
    const isSilence = requests.some(({ isUnanswered }) => isUnanswered === true);
    const answered = await connection.waitFor(all, isSilence ? SILENCE_MS : PATIENCE_MS);
    // What is not implemented closes the connection, a moment after it has said so.
    if (connection.frames.some(isUnimplemented)) await connection.waitFor(() => false, 500);
    if (!answered && !connection.isClosed) lines.push(`  ${name} is not answered`);
    return lines;
  }

  async #bytes(step: BytesStep): Promise<string[]> {
    const connection = this.#get(step.connection);
    connection.send(step.bytes);
    await connection.waitFor(() => connection.frames.length >= step.answers, PATIENCE_MS);
    return [`${step.connection} > ${step.label}`];
  }

  async #word(step: WordStep): Promise<string[]> {
    const answer = await fourLetterWord(this.#server.port, step.word).catch(
      (e: Error) => e.message,
    );
    let text = this.#masks.text(answer);
    for (const [pattern, token] of step.mask) text = text.replace(pattern, token);
    const lines = step.sorted ? sortRuns(text.split("\n"), step.sorted) : text.split("\n");
    return [step.label, ...lines.map((line) => `  |${line}`)];
  }

  async #drop(name: string): Promise<string[]> {
    const connection = this.#get(name);
    await connection.destroy();
    this.#saidClosed.add(connection);
    return [`${name} is cut`];
  }

  async #untilClosed(name: string): Promise<string[]> {
    const connection = this.#get(name);
    await connection.waitFor(() => false, 2 * PATIENCE_MS);
    return [`${name} waits`];
  }

  async #until(name: string, request: Request, error: number): Promise<string[]> {
    const connection = this.#get(name);
    const deadline = Date.now() + 2 * PATIENCE_MS;
    while (Date.now() < deadline) {
      const xid = connection.request(request);
      const answer = () => connection.frames.findIndex((f) => f.readInt32BE(0) === xid);
      if (!(await connection.waitFor(() => answer() >= 0, PATIENCE_MS))) break;
      const [reply] = connection.frames.splice(answer(), 1);
      if (reply!.readInt32BE(12) === error)
        return [`${name} > ${request.label} until err=${error}`];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return [`${name} > ${request.label} never gets err=${error}`];
  }

  async #restart(how: "SIGTERM" | "SIGKILL"): Promise<string[]> {
    const { directory, port } = this.#server;
    if (how === "SIGTERM") await this.#server.stop();
    else await this.#server.kill9();
    for (const connection of this.#connections.values()) {
      await connection.waitFor(() => false, 1000);
      this.#saidClosed.add(connection);
    }
    this.#server = await startServer(this.#server.kind, {
      directory,
      port,
      ...(this.#script.cfg && { cfg: this.#script.cfg }),
      ...(this.#script.properties && { properties: this.#script.properties }),
    });
    return [`restart by ${how}`];
  }

  /**
   * What has come on every connection. A ping on each one first: its answer comes after all that the step has caused.
   */
  async #collect(): Promise<string[]> {
    const lines: string[] = [];
    const open = [...this.#connections].filter(
      ([, connection]) => !this.#saidClosed.has(connection),
    );
    await Promise.all(open.map(([, connection]) => this.#barrier(connection)));
    for (const [name, connection] of open) {
      const frames = connection.frames.splice(0);
      const ours = this.#barriers.get(connection) ?? 0;
      this.#barriers.set(connection, 0);
      const pings = frames.filter((f) => f.length === 16 && f.readInt32BE(0) === -2).length;
      let shownPings = pings - ours;
      for (const reply of frames) {
        const isPing = reply.length === 16 && reply.readInt32BE(0) === -2;
        if (isPing && shownPings-- <= 0) continue;
        const isList = this.#listXids.has(listKey(name, reply.readInt32BE(0)));
        lines.push(`  ${name} ${showReply(isList ? sortNames(reply, 16) : reply, this.#masks)}`);
      }
      if (connection.isClosed) {
        this.#saidClosed.add(connection);
        lines.push(`  ${name} is closed`);
      }
    }
    return lines;
  }

  async #barrier(connection: RawConnection): Promise<void> {
    if (connection.sessionId === 0n) {
      // Nothing to ask.
      const patienceMs = this.#refused.has(connection) ? PATIENCE_MS : 300;
      await connection.waitFor(() => connection.isClosed, patienceMs);
      return;
    }
    const before = countXid(connection, -2);
    connection.send(PING);
    const answered = await connection.waitFor(() => countXid(connection, -2) > before, PATIENCE_MS);
    if (answered) this.#barriers.set(connection, 1);
  }

  #get(name: string): RawConnection {
    const connection = this.#connections.get(name);
    if (connection === undefined) throw new Error(`No connection "${name}"`);
    return connection;
  }
}

const isUnimplemented = (reply: Buffer) => reply.length >= 16 && reply.readInt32BE(12) === -6;

function countXid(connection: RawConnection, xid: number): number {
  return connection.frames.filter((f) => f.length >= 4 && f.readInt32BE(0) === xid).length;
}

function showValue(value: unknown): string {
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString("hex")}>`;
  return `${value}`;
}
