// The ensemble at a glance.

import { byId, bytes, count, definitions, duration, h, time } from "./dom.js";

const GOOD = new Set(["leader", "follower", "observer", "standalone"]);

export function showEnsemble({ server, members }) {
  byId("where").textContent = server.sid === null ? server.host : `${server.host} · ${server.sid}`;
  document.title = `${stateOf(server)} · ${server.host} · Zooid`;
  if (server.commandURL.startsWith("/")) byId("commands").setAttribute("href", server.commandURL);
  byId("version").textContent = `Zooid ${server.version}`;
  const shown = members.length > 0 ? members : [alone(server)];
  byId("members").replaceChildren(...shown.map((member) => card(member, server)));
  byId("server").replaceChildren(
    ...[
      ["Running for", duration(server.uptimeMs)],
      ["Last zxid here", server.zxid],
      ["Znodes", count(server.nodes)],
      ["Data", bytes(server.dataBytes)],
      ["Ephemerals", count(server.ephemerals)],
      ["Watches", count(server.watches)],
      ["Sessions", count(server.sessions)],
      ["Connections here", count(server.connections)],
      ["Memory", bytes(server.residentBytes)],
      ["Last snapshot", server.snapshot === null ? "none" : snapshotText(server)],
    ].map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
  );
}

function snapshotText({ snapshot, nowMs }) {
  return `${snapshot.zxid}, ${duration(nowMs - snapshot.takenMs)} ago`;
}

function stateOf(server) {
  if (server.readOnly) return "read-only";
  return server.serving ? server.state : "not serving";
}

function alone(server) {
  return {
    sid: null,
    address: server.host,
    isSelf: true,
    state: stateOf(server),
    zxid: server.zxid,
    connections: server.connections,
  };
}

function card(member, server) {
  const state = member.isSelf ? stateOf(server) : member.state;
  const title = member.sid === null ? member.address : `${member.sid} · ${member.address}`;
  return h(
    "article",
    { class: `card member${member.isSelf ? " self" : ""}` },
    h("h3", {}, h("span", {}, title), badge(state, member)),
    h(
      "dl",
      {},
      definitions([
        // What the leader is told at each proposal is newer than what was asked for.
        member.onDisk
          ? ["Logged there", member.onDisk]
          : [member.isSelf ? "Zxid" : "Zxid when asked", member.zxid],
        ["Sync state", syncText(member)],
        ["Waiting to be sent", member.queue === undefined ? null : count(member.queue)],
        ["Clients", member.client],
        ["Connections", count(member.connections)],
        ["Unanswered", count(member.outstanding)],
        ["Connected since", member.linkMs === undefined ? null : time(member.linkMs)],
        ["Version", versionText(member, server)],
        ["", member.isSelf ? "this server" : null],
      ]),
    ),
  );
}

/** Only where it is another than ours. */
function versionText(member, server) {
  return member.version === undefined || member.version === server.version ? null : member.version;
}

function badge(state, member) {
  if (state === null || state === undefined) {
    const known = member.leads ? "leader" : member.votes ? "votes" : "observer";
    const title = "Its server line says no client port: it cannot be asked";
    return h("span", { class: "state soft", title: member.client === null ? title : "" }, known);
  }
  const tone = GOOD.has(state) ? "good" : state === "read-only" ? "warn" : "bad";
  return h("span", { class: `state ${tone}` }, state);
}

function syncText({ sync, behind, leads, isSelf, state }) {
  if (sync !== undefined && sync !== null) return sync;
  if (isSelf || leads || !GOOD.has(state)) return null;
  if (behind === undefined) return "in another epoch";
  if (behind === 0) return "where we are";
  return behind > 0 ? `${count(behind)} txns behind us` : `${count(-behind)} txns ahead of us`;
}
