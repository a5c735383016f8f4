// What an HTTP handler answers, and how it looks on the wire. Java: Jetty's HttpGenerator.

import type { Connection } from "../../platform/platform.js";
import type { HttpRequest } from "./request-parser.js";

export interface HttpResponse {
  readonly status: number;
  readonly contentType?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body: HttpBody;
  /** Nothing more is asked on this connection: what follows the request cannot be relied on. */
  readonly close?: boolean;
}

export type HttpBody =
  | { readonly kind: "empty" }
  /** Made while it is sent, piece by piece: a long answer never lies in memory as a whole, nor holds up other clients. */
  | {
      readonly kind: "text";
      readonly parts: Iterable<string>;
      /** So many characters are made in a turn, where a part costs more than its length says. */
      readonly pieceLength?: number;
    }
  /**
   * Bytes whose number is known. `read` fills the target and says how many there were, 0 where there
   * are no more to be had; `close` is called once, last.
   */
  | {
      readonly kind: "bytes";
      readonly length: number;
      read(position: number, target: Buffer): number;
      close(): void;
    };

/** Answers once, now or later. */
export type HttpHandler = (
  request: HttpRequest,
  client: HttpClient,
  respond: (response: HttpResponse) => void,
) => void;

export interface HttpClient {
  readonly remoteAddress: string;
  /** Undefined: it speaks without TLS. */
  readonly tls: Connection["tls"];
  /** Of the request that is being handled, from within the handler: its body is wanted. */
  takeBody(taker: BodyTaker): BodyControl;
}

/** Either `end` or `aborted` is called, once, last. */
export interface BodyTaker {
  /** Valid only during the call. False: no more until `resume`. */
  data(chunk: Buffer): boolean;
  end(): void;
  /** The client has gone before the end, or what it sent was no body. */
  aborted(): void;
}

export interface BodyControl {
  resume(): void;
}

export const EMPTY: HttpBody = { kind: "empty" };

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Payload Too Large",
  414: "URI Too Long",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** The head of an answer; `framing` says how its end is found. */
export function responseHead(
  response: HttpResponse,
  date: string,
  framing: { readonly length: number } | "chunked" | "close",
  closes: boolean,
): string {
  const { status, contentType, headers = [] } = response;
  const lines = [`HTTP/1.1 ${status} ${REASONS[status] ?? "Unknown"}`, `Date: ${date}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (contentType !== undefined) lines.push(`Content-Type: ${contentType}`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
  else if (framing !== "close") lines.push(`Content-Length: ${framing.length}`);
  if (closes) lines.push("Connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Over TLS, as Java's JettyAdminServer says it: this host is to be asked by TLS for a day. */
export function withStrictTransport(response: HttpResponse): HttpResponse {
  const strict = ["Strict-Transport-Security", "max-age=86400; includeSubDomains"] as const;
  return { ...response, headers: [strict, ...(response.headers ?? [])] };
}

/** As Jetty shows an error that no servlet has answered. */
export function errorPage(status: number, target: string, close = false): HttpResponse {
  const reason = REASONS[status] ?? "Unknown";
  const page = [
    "<html>",
    "<head>",
    '<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>',
    `<title>Error ${status} ${reason}</title>`,
    "</head>",
    `<body><h2>HTTP ERROR ${status} ${reason}</h2>`,
    "<table>",
    `<tr><th>URI:</th><td>${escapeHtml(target)}</td></tr>`,
    `<tr><th>STATUS:</th><td>${status}</td></tr>`,
    `<tr><th>MESSAGE:</th><td>${reason}</td></tr>`,
    "</table>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
  return {
    status,
    contentType: "text/html;charset=utf-8",
    headers: [["Cache-Control", "must-revalidate,no-cache,no-store"]],
    body: { kind: "text", parts: [page] },
    close,
  };
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** `Sat, 21 Nov 2026 10:55:02 GMT`, from what Java's Date prints: `Sat Nov 21 10:55:02 UTC 2026`. */
export function httpDate(javaDateText: string): string {
  const [day, month, date, time, , year] = javaDateText.split(" ");
  return `${day}, ${date} ${month} ${year} ${time} GMT`;
}
