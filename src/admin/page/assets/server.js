// Asking the server. Whoever one has shown to be is kept in this page's memory alone: it is gone with the page.

const TIMEOUT_MS = 8000;

let authorization;

/** `user:password`, or nothing: anybody. */
export function enterAs(credentials) {
  authorization = credentials === "" ? undefined : `digest ${utf8AsLatin1(credentials)}`;
}

/** A header is bytes: the server takes them for UTF-8. */
function utf8AsLatin1(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

export async function ask(view, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const url = `/page/data/${view}${query === "" ? "" : `?${query}`}`;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { headers, signal, cache: "no-store", credentials: "omit" });
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/json")) {
    throw new Error(type.startsWith("text/plain") ? await response.text() : response.statusText);
  }
  const content = await response.json();
  return { ...content, status: response.status };
}
