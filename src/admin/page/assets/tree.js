// The browser of the tree: the path is in the address, so that it can be bookmarked and gone back from.

import { byId, bytes, count, definitions, h, time, visible } from "./dom.js";
import { ask } from "./server.js";

const PREFIX = "#tree:";
const PERMISSIONS = [
  [1, "read"],
  [2, "write"],
  [4, "create"],
  [8, "delete"],
  [16, "admin"],
];

let current = "/";

export function startTree(attempt) {
  current = pathOfAddress();
  const load = (offset) => attempt(() => show(current, offset, load));
  byId("go").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = byId("path").value.trim();
    const path = typed.length > 1 ? typed.replace(/\/+$/, "") : typed;
    location.hash = addressOf(path.startsWith("/") ? path : `/${path}`);
  });
  addEventListener("hashchange", () => {
    // Other parts of the page have addresses too: the tree stays where it is.
    if (location.hash !== "" && !location.hash.startsWith(PREFIX)) return;
    current = pathOfAddress();
    load(0);
  });
  load(0);
  return () => load(0);
}

function addressOf(path) {
  return PREFIX + path.split("/").map(encodeURIComponent).join("/");
}

function pathOfAddress() {
  if (!location.hash.startsWith(PREFIX)) return "/";
  try {
    return decodeURIComponent(location.hash.slice(PREFIX.length)) || "/";
  } catch {
    return "/";
  }
}

async function show(path, offset, load) {
  const node = await ask("node", { path, offset });
  if (path !== current) return;
  byId("path").value = path;
  byId("crumbs").replaceChildren(...crumbs(path));
  byId("node").replaceChildren(
    ...(node.error === undefined
      ? [
          h("div", { class: "card" }, children(node, load)),
          h("div", { class: "stack" }, facts(node)),
        ]
      : [h("div", { class: "card" }, h("p", { class: "bad" }, problem(node)), aclList(node))]),
  );
}

function problem({ error, status }) {
  const hint = ": what you are seen as may not read it. Enter as somebody who may, above.";
  return status === 403 ? error + hint : error;
}

function crumbs(path) {
  const links = [h("a", { href: addressOf("/") }, "/")];
  const names = path.split("/").slice(1);
  if (path === "/") return links;
  for (const [index, name] of names.entries()) {
    const upTo = `/${names.slice(0, index + 1).join("/")}`;
    if (index > 0) links.push("/");
    links.push(h("a", { href: addressOf(upTo) }, h("bdi", {}, visible(name))));
  }
  return links;
}

function children({ path, children: rows, stat, offset, hasMore }, load) {
  const base = path === "/" ? "" : path;
  const items = rows.map(({ name, kind, children: below, bytes: size }) =>
    h(
      "li",
      {},
      h("a", { href: addressOf(`${base}/${name}`) }, h("bdi", {}, visible(name))),
      h(
        "span",
        { class: "soft" },
        kind === undefined ? "not yours to read" : about(kind, below, size),
      ),
    ),
  );
  const total = count(stat.numChildren);
  const parts = [h("h3", {}, `Children: ${total}`)];
  if (items.length > 0) parts.push(h("ul", {}, items));
  const buttons = [];
  if (offset > 0)
    buttons.push(h("button", { type: "button", click: () => load(offset - 100) }, "Before"));
  if (hasMore)
    buttons.push(
      h("button", { type: "button", click: () => load(offset + items.length) }, "After"),
    );
  if (buttons.length > 0) {
    const range = `${count(offset + 1)} to ${count(offset + items.length)}`;
    parts.push(h("div", { class: "pager" }, h("span", { class: "soft" }, range), buttons));
  }
  return parts;
}

function about(kind, below, size) {
  const parts = [
    kind === "persistent" ? "" : kind,
    below > 0 ? `${count(below)} below` : "",
    bytes(size),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function facts(node) {
  const { stat } = node;
  return [
    h("div", { class: "card" }, h("h3", {}, "Data"), data(node)),
    h(
      "div",
      { class: "card" },
      h("h3", {}, "Stat"),
      h(
        "dl",
        {},
        definitions([
          ["kind", node.kind],
          ["cZxid", stat.cZxid],
          ["ctime", `${time(stat.ctime)} UTC`],
          ["mZxid", stat.mZxid],
          ["mtime", `${time(stat.mtime)} UTC`],
          ["pZxid", stat.pZxid],
          ["cversion", stat.cversion],
          ["dataVersion", stat.dataVersion],
          ["aclVersion", stat.aclVersion],
          ["ephemeralOwner", stat.ephemeralOwner],
          ["dataLength", stat.dataLength],
          ["numChildren", stat.numChildren],
        ]),
      ),
    ),
    h("div", { class: "card" }, aclList(node)),
  ];
}

function aclList({ acl }) {
  if (acl === undefined) return "";
  const entries = acl.map(({ scheme, id, perms }) => [
    visible(`${scheme}:${id}`),
    PERMISSIONS.filter(([bit]) => (perms & bit) !== 0)
      .map(([, name]) => name)
      .join(", ") || "nothing",
  ]);
  return h("div", {}, h("h3", {}, "ACL"), h("dl", {}, definitions(entries)));
}

function data({ data: encoded, dataIsWhole, stat }) {
  if (encoded === null) return h("p", { class: "soft" }, "null");
  if (encoded === "") return h("p", { class: "soft" }, "empty");
  const raw = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  const note = dataIsWhole ? "" : `The first ${bytes(raw.length)} of ${bytes(stat.dataLength)}`;
  const text = textOf(raw, !dataIsWhole);
  const block =
    text === undefined
      ? h("pre", { class: "hex" }, hexDump(raw))
      : h("pre", {}, h("bdi", {}, visible(text, true)));
  return note === "" ? block : h("div", {}, h("p", { class: "soft" }, note), block);
}

/** Undefined where it is none; the end of what was cut may be half a character. */
function textOf(raw, isCut) {
  for (let cut = 0; cut <= (isCut ? 3 : 0); cut++) {
    try {
      const part = raw.subarray(0, raw.length - cut);
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part);
      return text.includes("\0") ? undefined : text;
    } catch {
      // Not up to here.
    }
  }
  return undefined;
}

function hexDump(raw) {
  const lines = [];
  for (let at = 0; at < raw.length; at += 16) {
    const row = [...raw.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text.join("")}`);
  }
  return lines.join("\n");
}
