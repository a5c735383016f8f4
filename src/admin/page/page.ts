// The page for people, at the root of the HTTP commands' port. Java has nothing there.
//
//   GET /                       the page
//   GET /page/<asset>           its style and scripts, which are in assets.ts
//   GET /page/data/<view>       what it shows, as JSON: overview, connections, sessions, node
//
// What it tells everybody is what the commands tell everybody; what is in the tree it tells to whom the ACLs let see it, by the
// Authorization header that the protected commands take. It changes nothing, by whatever method.
//
// Other sites in the same browser get nothing: a page of theirs cannot read what is here (nothing allows it to), and a name
// of theirs that suddenly leads here (DNS rebinding) is none that we answer to. What is shown is hostile: it is sent as
// JSON, put into the document as text only, and the policy lets no script run that is not one of the assets.

import type { AdminContext } from "../admin-context.js";
import { callerOf, identitiesOf } from "../authorization.js";
import type { HttpRequest } from "../http/request-parser.js";
import { EMPTY, errorPage, type HttpClient, type HttpResponse } from "../http/response.js";
import { ASSETS } from "./assets.js";
import { nodeView } from "./node-view.js";
import { isHostAllowed, isOfAnotherSite } from "./origin.js";
import { Overview } from "./overview.js";
import { connectionsView, sessionsView } from "./sessions-view.js";
import type { View } from "./view.js";

const DATA = "/page/data/";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = [
  ["Content-Security-Policy", POLICY],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cache-Control", "no-store"],
  ["Vary", "Authorization"],
] as const;

export class Page {
  readonly #context: AdminContext;
  readonly #overview: Overview;

  constructor(context: AdminContext) {
    this.#context = context;
    this.#overview = new Overview(context);
  }

  stop(): void {
    this.#overview.stop();
  }

  /** Undefined: the path is none of the page's. */
  answer(request: HttpRequest, client: HttpClient): HttpResponse | undefined {
    const { path, method, headers } = request;
    const asset = ASSETS.get(path === "/" ? "index.html" : path.replace(/^\/page\//, ""));
    const isOurs = path === "/" || path.startsWith("/page/");
    if (!isOurs) return undefined;
    if (method !== "GET" && method !== "HEAD") {
      return { status: 405, headers: [["Allow", "GET, HEAD"], ...HEADERS], body: EMPTY };
    }
    const host = headers.get("host");
    if (!isHostAllowed(this.#context, host) || isOfAnotherSite(headers)) {
      const text =
        "This page answers to addresses, localhost, the names of this machine and of the ensemble's members, and those in " +
        `admin.page.hosts, and only to what it has itself sent: not to ${host ?? "nobody"}.\n`;
      return {
        status: 421,
        headers: HEADERS,
        contentType: "text/plain;charset=utf-8",
        body: { kind: "text", parts: [text] },
      };
    }
    if (asset !== undefined && !path.startsWith(DATA)) {
      const body = { kind: "text", parts: [asset.text] } as const;
      return { status: 200, headers: HEADERS, contentType: asset.contentType, body };
    }
    if (!path.startsWith(DATA)) return errorPage(404, request.target);
    const view = this.#view(path.slice(DATA.length), request, client);
    if (view === undefined) return errorPage(404, request.target);
    return {
      status: view.status ?? 200,
      headers: HEADERS,
      contentType: "application/json",
      body: { kind: "text", parts: [JSON.stringify(view.content)] },
    };
  }

  #view(name: string, request: HttpRequest, client: HttpClient): View | undefined {
    const context = this.#context;
    const { query } = request;
    const authorization = request.headers.get("authorization");
    const caller = callerOf(context, request, client);
    const identities =
      authorization === undefined ? [] : identitiesOf(context, authorization, caller);
    if (identities === undefined) {
      return { status: 401, content: { error: "Not authenticated" } };
    }
    switch (name) {
      case "overview":
        return { content: this.#overview.view(identities) };
      case "connections":
        return { content: connectionsView(context, query) };
      case "sessions":
        return { content: sessionsView(context, query) };
      case "node":
        return nodeView(context, query, identities);
      default:
        return undefined;
    }
  }
}
