// Threads of node: each has a heap of its own. In the bundle, what runs there is a file of its own (src/bundle/bundle.mjs).

import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MessagePort, Worker } from "node:worker_threads";
import type { Thread, ThreadPort, Threads } from "../threads.js";

/** What runs there makes few objects: more would be memory that is never given back. */
const YOUNG_GENERATION_MB = 4;

export class NodeThreads implements Threads {
  readonly #program: string | undefined;

  /** `program`: what runs there, for tests. */
  constructor(program?: string) {
    this.#program = program;
  }

  start(order: unknown, told: (message: unknown) => void, ended: (error?: Error) => void): Thread {
    const worker = new Worker(this.#program ?? programFile(), {
      workerData: order,
      // Not the server's: a profile, or a small heap, is of the server.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      stdout: false,
    });
    let failure: Error | undefined;
    worker.on("message", told);
    worker.on("error", (error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.on("exit", () => ended(failure));
    return {
      post: (message, handedOver) => worker.postMessage(message, handedOver),
      stop() {
        worker.removeAllListeners("message").removeAllListeners("exit");
        void worker.terminate();
      },
    };
  }
}

/** import.meta.url is the file's path in the bundle. */
function programFile(): string {
  const url = import.meta.url;
  const here = url.startsWith("file:") ? fileURLToPath(url) : url;
  const isBundle = basename(here) === "server.cjs";
  return join(dirname(here), isBundle ? "reader.cjs" : "../../reader-thread.js");
}

export class NodeThreadPort implements ThreadPort {
  readonly #port: MessagePort;
  readonly #messages: unknown[] = [];
  #wake: (() => void) | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (message) => {
      this.#messages.push(message);
      this.#wake?.();
    });
  }

  post(message: unknown, handedOver: readonly ArrayBuffer[]): void {
    this.#port.postMessage(message, handedOver);
  }

  async next(): Promise<unknown> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift();
  }

  /** Nothing more is waited for. */
  close(): void {
    this.#port.close();
  }
}
