// Tells the life of one seed: `node dist/test/quorum/model/trace.js 42 300`.

import type { Work } from "../../../src/quorum/effects.js";
import { hex0x, type Sid } from "../../../src/wire/ids.js";
import { Chaos } from "./chaos.js";
import type { ModelServer } from "./model-server.js";
import { Monitors } from "./monitors.js";
import { packetText } from "./packet-text.js";
import type { Parcel } from "./server-parts.js";

const [seed = "1", steps = "300"] = process.argv.slice(2);
const { sent, did, left, closed } = Monitors.prototype;
const say = (line: string) => void process.stdout.write(`${line}\n`);

Monitors.prototype.sent = function (from: ModelServer, to: Sid, parcel: Parcel): void {
  say(`${from.sid} → ${to} ${packetText(parcel.packet)} ${parcel.packet.data ?? ""}`);
  sent.call(this, from, to, parcel);
};
Monitors.prototype.did = function (server: ModelServer, work: Work): void {
  const { kind } = work;
  const detail = "zxid" in work ? hex0x(work.zxid) : "why" in work ? work.why : "";
  say(`${server.sid} ${kind} ${detail} ${kind === "persist" ? JSON.stringify(work.epochs) : ""}`);
  did.call(this, server, work);
};
Monitors.prototype.left = function (server: ModelServer, why: string): void {
  say(`${server.sid} leaves: ${why}`);
  left.call(this, server, why);
};
Monitors.prototype.closed = function (server: ModelServer, peer: Sid, why: string): void {
  say(`${server.sid} closes ${peer}: ${why}`);
  closed.call(this, server, peer, why);
};

const chaos = new Chaos(Number(seed));
chaos.told = (what) => say(what);
chaos.run(Number(steps));
