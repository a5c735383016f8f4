// Connections of this server, and the sessions of the ensemble, a hundred at a time.

import { byId, count, duration, h, visible } from "./dom.js";
import { ask } from "./server.js";

const VIEWS = {
  connections: [
    ["Address", (row) => visible(row.address)],
    ["Session", (row) => row.session],
    ["Time-out", (row) => `${count(row.timeoutMs)} ms`, "number"],
    ["Connected for", (row, nowMs) => duration(nowMs - row.establishedMs), "number"],
    ["Received", (row) => count(row.received), "number"],
    ["Sent", (row) => count(row.sent), "number"],
    ["Unanswered", (row) => count(row.outstanding), "number"],
    ["Last operation", (row) => row.lastOperation],
    [
      "Latency mean / max",
      (row) => `${row.averageLatencyMs} / ${row.maximumLatencyMs} ms`,
      "number",
    ],
  ],
  sessions: [
    ["Session", (row) => row.id],
    ["Time-out", (row) => `${count(row.timeoutMs)} ms`, "number"],
    ["Ephemerals", (row) => count(row.ephemerals), "number"],
    ["Connected here from", (row) => (row.address === null ? "" : visible(row.address))],
  ],
};

let shownView = "connections";

export function startSessions(attempt) {
  const load = (offset) => attempt(() => show(offset, load));
  for (const view of Object.keys(VIEWS)) {
    byId(`show-${view}`).addEventListener("click", () => {
      shownView = view;
      for (const other of Object.keys(VIEWS)) {
        byId(`show-${other}`).setAttribute("aria-pressed", String(other === view));
      }
      load(0);
    });
  }
  byId("reload-sessions").addEventListener("click", () => load(0));
  load(0);
}

async function show(offset, load) {
  const view = shownView;
  const { rows, count: total, pageLength } = await ask(view, { offset });
  if (view !== shownView) return;
  const columns = VIEWS[view];
  const nowMs = Date.now();
  const cells = (row) =>
    columns.map(([, valueIn, kind]) => h("td", { class: kind }, valueIn(row, nowMs)));
  const table = h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        columns.map(([title, , kind]) => h("th", { class: kind }, title)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((row) => h("tr", {}, cells(row))),
    ),
  );
  byId("session-rows").replaceChildren(
    h("div", { class: "card scroll" }, table),
    pager(offset, rows.length, total, pageLength, load),
  );
}

function pager(offset, length, total, pageLength, load) {
  const range = length === 0 ? "none" : `${count(offset + 1)} to ${count(offset + length)}`;
  const buttons = [];
  if (offset > 0) {
    const previous = Math.max(0, offset - pageLength);
    buttons.push(h("button", { type: "button", click: () => load(previous) }, "Before"));
  }
  if (offset + length < total && length > 0) {
    buttons.push(h("button", { type: "button", click: () => load(offset + pageLength) }, "After"));
  }
  return h(
    "div",
    { class: "pager" },
    h("span", { class: "soft" }, `${range} of ${count(total)}`),
    buttons,
  );
}
