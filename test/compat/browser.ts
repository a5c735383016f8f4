// A real browser, driven over its debugging protocol: Debian's chromium, headless, with two pipes for a connection, so that
// nothing listens and no library is needed.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

type Reply = { result?: Record<string, unknown>; error?: { message: string } };
type Answered = (reply: Reply) => void;

/** Of a browser's directory, whose helpers end a moment after it. */
const REMOVALS = 50;
const REMOVAL_PAUSE_MS = 200;

export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly isPhone?: boolean;
  readonly isDark?: boolean;
}

export class Browser {
  /** What the page's console and its errors said, the policy's refusals among them. */
  readonly complaints: string[] = [];
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, Answered>();
  #next = 1;
  #unread = "";
  #session = "";

  private constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), "zooid-browser-"));
    const args = [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-extensions",
      "--disable-background-networking",
      "--no-first-run",
      "--remote-debugging-pipe",
      `--user-data-dir=${this.#profile}`,
      "about:blank",
    ];
    this.#child = spawn("chromium", args, {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", () => resolve());
      this.#child.once("close", () => resolve());
    });
    const output = this.#child.stdio[4] as Readable;
    output.setEncoding("utf8");
    output.on("data", (text: string) => this.#received(text));
    (this.#child.stdio[3] as Writable).on("error", () => {});
  }

  static async open(url: string, viewport: Viewport): Promise<Browser> {
    const browser = new Browser();
    const { targetInfos } = await browser.#send("Target.getTargets");
    const page = (targetInfos as { type: string; targetId: string }[]).find(
      ({ type }) => type === "page",
    );
    const attached = { targetId: page?.targetId, flatten: true };
    const { sessionId } = await browser.#send("Target.attachToTarget", attached);
    browser.#session = String(sessionId);
    await browser.#send("Page.enable");
    await browser.#send("Runtime.enable");
    await browser.#send("Log.enable");
    await browser.resize(viewport);
    await browser.go(url);
    return browser;
  }

  async resize({ width, height, isPhone = false, isDark = false }: Viewport): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
    await this.#send("Emulation.setDeviceMetricsOverride", metrics);
    const features = [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }];
    await this.#send("Emulation.setEmulatedMedia", { features });
  }

  async go(url: string): Promise<void> {
    await this.#send("Page.navigate", { url });
  }

  /** The value of an expression in the page. */
  async value<T>(expression: string): Promise<T> {
    const parameters = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.#send("Runtime.evaluate", parameters);
    const details = answer.exceptionDetails as { exception?: { description?: string } } | undefined;
    if (details !== undefined) throw new Error(details.exception?.description ?? expression);
    return (answer.result as { value: T }).value;
  }

  /** Asks again and again until the expression is true. */
  async until(expression: string, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    // While a document is left for another, there is nothing to ask.
    while (!(await this.value<boolean>(`Boolean(${expression})`).catch(() => false))) {
      if (Date.now() > deadline) {
        const text = await this.value<string>("document.body.innerText").catch(String);
        throw new Error(
          `Waited in vain until ${expression}\n${text}\n${this.complaints.join("\n")}`,
        );
      }
      await wait(50);
    }
  }

  /** A PNG of what is to be seen; of the whole page, however long. */
  async picture(options: { readonly isWhole?: boolean } = {}): Promise<Buffer> {
    const parameters = { format: "png", captureBeyondViewport: options.isWhole ?? false };
    const { data } = await this.#send("Page.captureScreenshot", parameters);
    return Buffer.from(String(data), "base64");
  }

  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    // Its helpers still write for a moment. (rmSync's own retries do not look for what has come since its first attempt.)
    for (let attempt = 1; ; attempt++) {
      try {
        rmSync(this.#profile, { recursive: true, force: true });
        return;
      } catch (error) {
        if (attempt === REMOVALS) throw error;
        await wait(REMOVAL_PAUSE_MS);
      }
    }
  }

  #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const session = this.#session === "" ? {} : { sessionId: this.#session };
    (this.#child.stdio[3] as Writable).write(
      `${JSON.stringify({ id, method, params, ...session })}\0`,
    );
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
    const gone = this.#ended.then(() => {
      throw new Error(`The browser has ended before it answered ${method}`);
    });
    return Promise.race([answer, gone]);
  }

  #received(text: string): void {
    this.#unread += text;
    const messages = this.#unread.split("\0");
    this.#unread = messages.pop() ?? "";
    for (const message of messages) {
      const { id, method, params, ...reply } = JSON.parse(message);
      if (id !== undefined) {
        this.#waiting.get(id)?.(reply);
        this.#waiting.delete(id);
      } else if (method === "Log.entryAdded") {
        this.complaints.push(
          `${params.entry.level}: ${params.entry.text} ${params.entry.url ?? ""}`,
        );
      } else if (method === "Runtime.exceptionThrown") {
        const { text: what, exception } = params.exceptionDetails;
        this.complaints.push(`error: ${what} ${exception?.description ?? ""}`);
      } else if (method === "Runtime.consoleAPICalled") {
        this.complaints.push(`${params.type}: ${JSON.stringify(params.args)}`);
      } else if (method === "Page.javascriptDialogOpening") {
        this.complaints.push(`dialog: ${params.message}`);
      }
    }
  }
}
