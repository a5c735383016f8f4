// The log of a simulated run: lines of all nodes, in the order in which they were written.

import type { Logger } from "../../../src/platform/platform.js";
import type { Scheduler } from "./scheduler.js";

export interface LogLine {
  readonly timeMs: number;
  readonly node: string;
  readonly component: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly error: unknown;
}

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";

/** A long run must not fill the machine: the oldest lines go. */
const KEPT_MAX_LINES = 200_000;

export class SimLogBook {
  lines: LogLine[] = [];
  /** Every line as it is written: for printing a failing run. */
  onLine: ((line: LogLine) => void) | undefined;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  add(node: string, component: string, level: LogLevel, message: string, error: unknown): void {
    const line = { timeMs: this.#scheduler.nowMs, node, component, level, message, error };
    this.#scheduler.noteText(node);
    this.#scheduler.noteText(message);
    if (this.lines.length === KEPT_MAX_LINES) this.lines = this.lines.slice(KEPT_MAX_LINES / 2);
    this.lines.push(line);
    this.onLine?.(line);
  }

  matching(pattern: RegExp, node?: string): LogLine[] {
    return this.lines.filter(
      (line) => (node === undefined || line.node === node) && pattern.test(line.message),
    );
  }

  text(): string {
    return this.lines.map(formatLine).join("\n");
  }
}

export function formatLine(line: LogLine): string {
  const { timeMs, node, level, component, message, error } = line;
  const cause = error === undefined ? "" : ` (${String(error)})`;
  return `${timeMs.toFixed(3)} ${node} ${level} [${component}] ${message}${cause}`;
}

export class SimLog implements Logger {
  readonly #book: SimLogBook;
  readonly #node: string;
  readonly #component: string;

  constructor(book: SimLogBook, node: string, component: string) {
    this.#book = book;
    this.#node = node;
    this.#component = component;
  }

  child(component: string): Logger {
    return new SimLog(this.#book, this.#node, component);
  }

  trace(message: string, error?: unknown): void {
    this.#book.add(this.#node, this.#component, "TRACE", message, error);
  }

  debug(message: string, error?: unknown): void {
    this.#book.add(this.#node, this.#component, "DEBUG", message, error);
  }

  info(message: string, error?: unknown): void {
    this.#book.add(this.#node, this.#component, "INFO", message, error);
  }

  warn(message: string, error?: unknown): void {
    this.#book.add(this.#node, this.#component, "WARN", message, error);
  }

  error(message: string, error?: unknown): void {
    this.#book.add(this.#node, this.#component, "ERROR", message, error);
  }

  /** Lines that nobody reads are not made. */
  isDebugEnabled(): boolean {
    return false;
  }
}
