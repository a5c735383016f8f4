// Logs, through pino.
//
// By default a line looks as logback prints it for ZooKeeper, because operators' scripts parse it:
//
//   2026-11-21 07:00:00,123 [myid:1] - INFO  [component] - message
//   stack of an error, as it is, on the lines below
//
// or is one JSON object (format "json"). pino decides what is logged and serializes; for the plain layout its destination
// takes the last message's parts (pino's metadata protocol) and writes them its own way.
//
// How lines leave the process, and what happens when nobody takes them, is log-output.ts.

import { type DestinationStream, type LoggerOptions, type Logger as PinoLogger, pino } from "pino";
import { DiskError, type Logger, NetworkError } from "../platform.js";
import { LogOutput } from "./log-output.js";
import { timestamp } from "./timestamp.js";

export type LogFormat = "zookeeper" | "json";

export interface LogOptions {
  readonly format: LogFormat;
  /** TRACE, DEBUG, INFO, WARN, ERROR, OFF in any case; what stands after a comma (log4j's appenders) is ignored. */
  readonly level: string;
  /** A path, or a file descriptor. */
  readonly destination: string | number;
}

type Level = "trace" | "debug" | "info" | "warn" | "error";

const LEVELS: Readonly<Record<string, string>> = {
  ALL: "trace",
  TRACE: "trace",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  FATAL: "fatal",
  OFF: "silent",
};

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  10: "TRACE",
  20: "DEBUG",
  30: "INFO ",
  40: "WARN ",
  50: "ERROR",
  60: "FATAL",
};

/** Shared by a logger and all its children: one pino, whose lines are told apart by what stands here when they are made. */
interface LogState {
  myid: string;
  component: string;
}

export class NodeLog implements Logger {
  readonly #pino: PinoLogger;
  readonly #state: LogState;
  readonly #component: string;
  readonly #flush: () => void;

  private constructor(logger: PinoLogger, state: LogState, component: string, flush: () => void) {
    this.#pino = logger;
    this.#state = state;
    this.#component = component;
    this.#flush = flush;
  }

  static open(options: LogOptions): NodeLog {
    const state: LogState = { myid: "", component: "Logger" };
    const isJson = options.format === "json";
    const out = new LogOutput(options.destination, (count) =>
      isJson
        ? `{"level":"WARN","time":"${new Date().toISOString()}","msg":"${droppedText(count)}"}\n`
        : layout(40, state.myid, "Logger", droppedText(count)),
    );
    const level = pinoLevel(options.level);
    const logger = isJson
      ? pino({ ...jsonOptions(state), level }, out)
      : pino({ level, base: null, timestamp: false }, new ZooKeeperLayout(out, state));
    return new NodeLog(logger, state, "main", () => out.flush());
  }

  /** Java knows its id only after the configuration has been read; lines before that say [myid:]. */
  setMyid(myid: string): void {
    this.#state.myid = myid;
  }

  /** Writes all that waits, before it returns. */
  flush(): void {
    this.#flush();
  }

  child(component: string): Logger {
    return new NodeLog(this.#pino, this.#state, component, this.#flush);
  }

  trace(message: string, error?: unknown): void {
    this.#write("trace", message, error);
  }

  debug(message: string, error?: unknown): void {
    this.#write("debug", message, error);
  }

  info(message: string, error?: unknown): void {
    this.#write("info", message, error);
  }

  warn(message: string, error?: unknown): void {
    this.#write("warn", message, error);
  }

  error(message: string, error?: unknown): void {
    this.#write("error", message, error);
  }

  isDebugEnabled(): boolean {
    return this.#pino.isLevelEnabled("debug");
  }

  #write(level: Level, message: string, error: unknown): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    this.#state.component = this.#component;
    if (error === undefined) this.#pino[level](message);
    else this.#pino[level]({ err: error }, message);
  }
}

/** Tells pino to set last* on its destination. */
const METADATA: unique symbol = Symbol.for("pino.metadata") as never;

/** A destination for pino that writes ZooKeeper's layout in place of JSON. */
class ZooKeeperLayout implements DestinationStream {
  readonly [METADATA] = true;
  // pino sets these before each write.
  lastLevel = 0;
  lastMsg: string | undefined;
  lastObj: { readonly err?: unknown } | undefined;
  readonly #out: LogOutput;
  readonly #state: LogState;

  constructor(out: LogOutput, state: LogState) {
    this.#out = out;
    this.#state = state;
  }

  write(_json: string): void {
    const { myid, component } = this.#state;
    const line = layout(this.lastLevel, myid, component, this.lastMsg ?? "");
    const error = this.lastObj?.err;
    this.#out.write(error === undefined ? line : `${line}${describe(error)}\n`);
  }
}

function layout(level: number, myid: string, component: string, message: string): string {
  const name = LEVEL_NAMES[level] ?? "INFO ";
  return `${timestamp(Date.now())} [myid:${myid}] - ${name} [${component}] - ${message}\n`;
}

function jsonOptions(state: LogState): LoggerOptions {
  return {
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    mixin: () => ({ myid: state.myid, component: state.component }),
  };
}

function droppedText(count: number): string {
  return `${count} lines of this log were dropped: they were not taken as fast as they came`;
}

/**
 * The stack with its causes, as a Java stack trace stands below its line. What the network and the disk refuse has none worth
 * reading: it is the event loop's.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isRefusal = error instanceof NetworkError || error instanceof DiskError;
  const line = `${error.name}: ${error.message}`;
  const own = isRefusal ? line : (error.stack ?? line);
  return error.cause === undefined ? own : `${own}\nCaused by: ${describe(error.cause)}`;
}

function pinoLevel(setting: string): string {
  const name = (setting.split(",", 1)[0] ?? "").trim().toUpperCase();
  return LEVELS[name] ?? "info";
}
