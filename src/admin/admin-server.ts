// The HTTP commands. Java: JettyAdminServer, Commands.
//
//   GET <commandURL>            links to all commands
//   GET <commandURL>/<name>     what the command tells, as JSON
//   GET /                       a page for people, which is ours alone (page/page.ts)
//
// Everything else is 404; a command that is not known, or cannot be answered now, is 200 with its `error`, as in Java.

import type { Logger, NetworkError } from "../platform/platform.js";
import type { AdminContext } from "./admin-context.js";
import { callerOf, refusalOf } from "./authorization.js";
import { ENSEMBLE_COMMANDS } from "./commands/about-ensemble.js";
import { SERVER_COMMANDS } from "./commands/about-server.js";
import { SESSION_COMMANDS } from "./commands/about-sessions.js";
import { answerJson, type Command, type CommandAnswer } from "./commands/command.js";
import { restoreCommand, snapshotCommand } from "./commands/snapshot.js";
import { HttpServer, type HttpTls } from "./http/http-server.js";
import type { HttpRequest } from "./http/request-parser.js";
import { EMPTY, errorPage, type HttpClient, type HttpResponse } from "./http/response.js";
import { jsonText } from "./json.js";
import { Page } from "./page/page.js";
import { RateLimiter } from "./rate-limiter.js";

type Respond = (response: HttpResponse) => void;

export class AdminServer {
  readonly #context: AdminContext;
  readonly #log: Logger;
  readonly #commandLog: Logger;
  readonly #http: HttpServer;
  /** Undefined: admin.page.enabled=false. */
  readonly #page: Page | undefined;
  readonly #byName = new Map<string, Command>();
  readonly #primaryNames: string[] = [];

  /** `tls`: admin.forceHttps, admin.portUnification. */
  constructor(context: AdminContext, tls?: HttpTls) {
    this.#context = context;
    const { door, config } = context;
    const { platform } = door;
    this.#log = platform.log.child("JettyAdminServer");
    this.#commandLog = platform.log.child("Commands");
    this.#page = config.admin.pageEnabled ? new Page(context) : undefined;
    this.#http = new HttpServer({
      platform,
      log: this.#log,
      idleTimeoutMs: config.admin.idleTimeoutMs,
      tls,
      handler: (request, client, respond) => this.#handle(request, client, respond),
    });
    // Java takes the configured milliseconds for microseconds here: scripts that take a snapshot each minute work.
    const intervalMs = Math.floor(config.admin.rateLimiterIntervalMs / 1000);
    const nowMs = platform.clock.monotonicMs();
    const snapshots = [
      snapshotCommand(new RateLimiter(intervalMs, nowMs), this.#commandLog),
      // For restore, Java takes them for what they are.
      restoreCommand(new RateLimiter(config.admin.rateLimiterIntervalMs, nowMs), this.#commandLog),
    ];
    for (const command of [
      ...SERVER_COMMANDS,
      ...SESSION_COMMANDS,
      ...ENSEMBLE_COMMANDS,
      ...snapshots,
    ]) {
      this.#primaryNames.push(command.names[0]);
      for (const name of command.names) this.#byName.set(name, command);
    }
    this.#primaryNames.sort();
  }

  /** The port that it listens on; 0 before `start`. */
  get port(): number {
    return this.#http.port;
  }

  /** `ready` is called once, with an error when it cannot listen; its message is Java's. */
  start(ready: (error?: Error) => void): void {
    const { serverAddress: host, serverPort: port, commandURL } = this.#context.config.admin;
    const where = `AdminServer on address ${host}, port ${port} and command URL ${commandURL}`;
    this.#http.listen(host, port, (error?: NetworkError) => {
      if (error !== undefined) {
        ready(new Error(`Problem starting ${where}`, { cause: error }));
        return;
      }
      this.#log.info(`Started ${where}`);
      ready();
    });
  }

  stop(done: () => void): void {
    this.#page?.stop();
    this.#http.stop(done);
  }

  // ------------------------------------------------------------------------------------------------------------ requests

  #handle(request: HttpRequest, client: HttpClient, respond: Respond): void {
    const { method, path, target } = request;
    if (method === "TRACE") {
      respond({ status: 403, body: EMPTY });
      return;
    }
    const { commandURL } = this.#context.config.admin;
    if (path !== commandURL && !path.startsWith(`${commandURL}/`)) {
      respond(this.#page?.answer(request, client) ?? errorPage(404, target));
      return;
    }
    const name = path.slice(commandURL.length + 1);
    if (method === "OPTIONS") {
      respond({ status: 200, headers: [["Allow", ALLOWED]], body: EMPTY });
    } else if (!KNOWN_METHODS.has(method)) {
      respond({ status: UNSUPPORTED_METHODS.has(method) ? 405 : 501, body: EMPTY });
    } else if (name === "") {
      respond({ status: 200, body: { kind: "text", parts: this.#links() } });
    } else {
      this.#command(name, request, client, respond);
    }
  }

  *#links(): Generator<string> {
    const { commandURL } = this.#context.config.admin;
    for (const name of this.#primaryNames) {
      yield `<a href="${commandURL}/${name}">${name}</a>\n<br/>\n`;
    }
  }

  #command(name: string, request: HttpRequest, client: HttpClient, respond: Respond): void {
    const refuse = (status: number, error: string) =>
      respond(jsonResponse(name, { status, refused: error }));
    const command = this.#byName.get(name);
    if (command === undefined) {
      this.#commandLog.warn("Unknown command");
      refuse(200, `Unknown command: ${name}`);
      return;
    }
    if (command.needsServer && !this.#context.door.port.serving) {
      this.#commandLog.warn(`${NOT_SERVING} for command`);
      refuse(200, NOT_SERVING);
      return;
    }
    if (command.isProtected) {
      const authorization = request.headers.get("authorization");
      const caller = callerOf(this.#context, request, client);
      const refusal = refusalOf(this.#context, authorization, caller);
      if (refusal !== undefined) {
        this.#commandLog.warn(`${refusal.error} (${command.names[0]}, ${client.remoteAddress})`);
        refuse(refusal.status, refusal.error);
        return;
      }
    }
    const isPost = request.method === "POST";
    if (isPost !== (command.method === "POST")) {
      // Java stumbles over an answer that is not there.
      respond(errorPage(500, request.target, true));
      return;
    }
    const answered = (answer: CommandAnswer) => respond(jsonResponse(command.names[0], answer));
    command.run(this.#context, request.query, answered, client);
  }
}

const NOT_SERVING = "This ZooKeeper instance is not currently serving requests";
const ALLOWED = "GET, HEAD, POST, TRACE, OPTIONS";
const KNOWN_METHODS = new Set(["GET", "HEAD", "POST"]);
const UNSUPPORTED_METHODS = new Set(["PUT", "DELETE"]);

function jsonResponse(command: string, answer: CommandAnswer): HttpResponse {
  const { status = 200, headers = [], bytes } = answer;
  if (bytes !== undefined) {
    return { status, headers, contentType: "application/octet-stream", body: bytes };
  }
  const parts = jsonText(answerJson(command, answer));
  return { status, headers, contentType: "application/json", body: { kind: "text", parts } };
}
