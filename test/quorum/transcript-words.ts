// The words of the notebooks in test/transcripts/quorum: see the README there. Each command is one line; what it leads to
// is written down by Notebook.run.

import type { LoggedTxn } from "../../src/quorum/committed-log.js";
import type { Configuration } from "../../src/quorum/configuration.js";
import type { Work } from "../../src/quorum/effects.js";
import { MajorityVerifier } from "../../src/quorum/verifier.js";
import { epochOf, type Sid, type Zxid } from "../../src/wire/ids.js";
import { configurationOf, reconfigBytes } from "./model/configurations.js";
import { lastOf } from "./model/model-disk.js";
import type { ModelServer } from "./model/model-server.js";
import { Monitors } from "./model/monitors.js";
import { packetText, typeName, zxidOf, zxidText } from "./model/packet-text.js";
import type { Parcel } from "./model/server-parts.js";
import { type ModelLink, World, type WorldOptions } from "./model/world.js";

function readable(text: string): string {
  return text.replace(/0x[0-9a-f]+/g, (hex) => zxidText(Number(hex) as Zxid));
}

/** A txn of history: everybody who has a txn of this zxid has the same, but for `(7,4)!`, which is another one. */
function txnOf(text: string): LoggedTxn {
  const zxid = zxidOf(text.replace("!", ""));
  return { zxid, bytes: Buffer.from(`txn ${text}`) };
}

/** (1,1)..(1,3),(2,1) */
function txnsOf(text: string): LoggedTxn[] {
  if (text === "none") return [];
  const pieces = text.match(/\(\d+,\d+\)!?(?:\.\.\(\d+,\d+\))?/g);
  if (pieces?.join(",") !== text)
    throw new Error(`"${text}" is not a list like (1,1)..(1,3),(2,1)`);
  return pieces.flatMap((piece) => {
    const [first, last = first] = piece.split("..") as [string, string?];
    if (first === last) return [txnOf(first)];
    const txns: LoggedTxn[] = [];
    for (let zxid = zxidOf(first); zxid <= zxidOf(last); zxid++) txns.push(txnOf(zxidText(zxid)));
    return txns;
  });
}

/** (1,1)..(1,3),(2,1) */
function listText(txns: readonly LoggedTxn[]): string {
  const pieces: string[] = [];
  for (let i = 0; i < txns.length; i++) {
    const first = i;
    while (txns[i + 1]?.zxid === txns[i]!.zxid + 1) i++;
    const text = zxidText(txns[first]!.zxid);
    pieces.push(i === first ? text : `${text}..${zxidText(txns[i]!.zxid)}`);
  }
  return pieces.length === 0 ? "none" : pieces.join(",");
}

export class Notebook {
  #world: World;
  #lines: string[] = [];
  readonly #monitors = new Monitors();

  constructor() {
    this.#world = this.#build({ voters: 3, observers: 0, committedCount: 100 });
  }

  /** One command; the outcome, line by line. */
  run(command: string): string {
    this.#lines = [];
    const [verb, ...words] = command.split(/\s+/);
    this.#carryOut(verb!, words);
    this.#monitors.check();
    return this.#lines.length === 0 ? "nothing" : this.#lines.join("\n");
  }

  #say(line: string): void {
    this.#lines.push(readable(line));
  }

  #build(options: WorldOptions): World {
    const monitors = this.#monitors;
    const world = new World(options, {
      sent: (from, to, parcel) => {
        this.#say(`${from.sid} → ${to}  ${packetText(parcel.packet)}${treeText(parcel)}`);
        monitors.sent(from, to, parcel);
      },
      did: (server, work) => {
        this.#told(server, work);
        monitors.did(server, work);
      },
      left: (server) => monitors.left(server, ""),
      closed: () => {},
    });
    monitors.world = world;
    return world;
  }

  #told({ sid }: ModelServer, work: Work): void {
    switch (work.kind) {
      case "persist": {
        const { acceptedEpoch, currentEpoch } = work.epochs;
        const accepted = acceptedEpoch === undefined ? "" : `acceptedEpoch ${acceptedEpoch}`;
        const current = currentEpoch === undefined ? "" : `currentEpoch ${currentEpoch}`;
        this.#say(`${sid} writes ${accepted}${current}`);
        break;
      }
      case "append":
      case "commit":
      case "truncate":
        this.#say(
          `${sid} ${work.kind}s ${zxidText(work.zxid)}`.replace("truncates", "cuts back to"),
        );
        break;
      case "receiveSnapshot":
        this.#say(`${sid} takes the snapshot ${zxidText(work.zxid)}`);
        break;
      case "remember":
        this.#say(`${sid} writes what may come: ${configurationText(work.configuration)}`);
        break;
      case "activate":
        this.#say(`${sid} goes by ${configurationText(work.configuration)}`);
        break;
      case "serve":
        this.#say(`${sid} serves, epoch ${work.epoch}`);
        break;
      case "confirmed":
        this.#say(`${sid} led when it was asked, up to question ${work.upTo}`);
        break;
      case "reconnect":
        this.#say(`${sid} connects anew, to get everything`);
        break;
      case "closeLink":
        this.#say(`${sid} closes a connection: ${work.why}`);
        break;
      case "resign":
        this.#say(
          `${sid} gives up: ${work.why}${work.leader === undefined ? "" : `; ${work.leader} is to lead`}`,
        );
        break;
    }
  }

  #carryOut(verb: string, words: string[]): void {
    const server = () => this.#server(words[0]);
    switch (verb) {
      case "ensemble":
        this.#ensemble(words);
        break;
      case "disk":
        this.#disk(server(), words.slice(1));
        break;
      case "start":
        for (const word of words) this.#server(word).start();
        break;
      case "crash":
        this.#crash(server(), words[1]);
        break;
      case "lead":
        server().lead();
        break;
      case "form":
        this.#form(words.map((word) => this.#server(word)));
        break;
      case "follow":
        this.#world.connect(server(), this.#server(words[1]));
        break;
      case "deliver":
        this.#deliver(words);
        break;
      case "cut":
        for (const link of this.#links(words[0]!)) this.#world.cut(link, 0);
        break;
      case "durable":
        for (const word of words) this.#durable(this.#server(word));
        break;
      case "propose":
        this.#propose(server(), zxidOf(words[1]!));
        break;
      case "step":
        this.#diskStep(server());
        break;
      case "reconfig":
        this.#reconfigure(server(), zxidOf(words[1]!), words[2]!);
        break;
      case "ask":
        server().step((effects) => server().leader!.confirmLeadership(effects));
        break;
      case "tick":
        server().tick(Number(words[1]));
        break;
      case "settle":
        this.#settle(words.map((word) => this.#server(word)));
        break;
      case "show":
        for (const one of this.#world.all()) this.#say(describe(one));
        break;
      default:
        throw new Error(`"${verb}" is not a word of this notebook`);
    }
  }

  /** form 1 2 3: server 1 leads, the others follow, up to UPTODATE; how they come to that is told elsewhere. */
  #form([leader, ...learners]: ModelServer[]): void {
    leader!.lead();
    for (const learner of learners) this.#world.connect(learner, leader!);
    this.#settle([leader!, ...learners]);
    this.#lines = [`${leader!.sid} leads epoch ${leader!.leader!.epoch}`];
  }

  #server(word: string | undefined): ModelServer {
    return this.#world.server(Number(word));
  }

  /** ensemble 3 [observers=1] [memory=100] [weightless=1,2] [spare=1: and so many that are in no configuration] [cumulative] */
  #ensemble([count, ...options]: string[]): void {
    const given = new Map(options.map((option) => option.split("=") as [string, string]));
    const voters = Number(count);
    const observers = Number(given.get("observers") ?? 0);
    const weightless = new Set((given.get("weightless") ?? "").split(",").map(Number));
    const verifier =
      given.get("weightless") === undefined ? undefined : new Weighed(voters, weightless);
    const spare = given.get("spare");
    this.#world = this.#build({
      voters,
      observers,
      committedCount: Number(given.get("memory") ?? 100),
      spare: Number(spare ?? 0),
      canChange: spare !== undefined,
      cumulative: () => given.has("cumulative"),
      ...(verifier && { verifier }),
    });
    for (const server of this.#world.all()) server.start();
  }

  /** disk 1 accepted=2 current=2 log=(1,1)..(1,3) [snapshot=2] [oldest=2] [lost] */
  #disk(server: ModelServer, options: string[]): void {
    const { image } = server.disk;
    for (const option of options) {
      const [name, value = ""] = option.split("=");
      if (name === "accepted") image.acceptedEpoch = Number(value);
      else if (name === "current") image.currentEpoch = Number(value);
      else if (name === "log") image.txns = txnsOf(value);
      else if (name === "lost") server.disk.wipe();
      else if (name === "snapshot") {
        image.logStart = image.txns.filter(({ zxid }) => zxid <= zxidOf(value)).length;
        image.label = zxidOf(value);
      } else if (name === "oldest") {
        image.base = zxidOf(value);
      } else throw new Error(`a disk has no ${name}`);
    }
    server.start();
    this.#say(describe(server));
  }

  #crash(server: ModelServer, survivors = "0"): void {
    this.#world.crash(server, Number(survivors));
    this.#say(describe(server));
  }

  /** 2>1: what server 2 has sent to server 1 and what has not arrived. */
  #route(route: string): [ModelLink, "leader" | "learner"] {
    const [from, to] = route.split(">").map(Number);
    for (const link of this.#world.links) {
      const ends = [link.learner, link.leader];
      if (ends[0] === from && ends[1] === to && this.#world.canDeliver(link, "leader")) {
        return [link, "leader"];
      }
      if (ends[1] === from && ends[0] === to && this.#world.canDeliver(link, "learner")) {
        return [link, "learner"];
      }
    }
    throw new Error(`nothing is on its way from ${from} to ${to}`);
  }

  #links(pair: string): ModelLink[] {
    const [learner, leader] = pair.split("-").map(Number);
    return this.#world.links.filter((one) => one.learner === learner && one.leader === leader);
  }

  /** deliver 2>1 [TYPE…]: what has arrived must be of these types; without, one packet of any. */
  #deliver([route, ...types]: string[]): void {
    for (const type of types.length === 0 ? [undefined] : types) {
      const [link, to] = this.#route(route!);
      const next = (to === "leader" ? link.toLeader : link.toLearner)[0];
      const found = next === undefined ? "END" : typeName(next.packet);
      if (type !== undefined && found !== type) {
        throw new Error(`the next packet is ${found}, not ${type}`);
      }
      this.#world.deliver(link, to);
    }
  }

  /** Everything that its disk has been told, until it has nothing more to do. */
  #durable(server: ModelServer): void {
    while (server.hasDiskWork) this.#diskStep(server);
  }

  #diskStep(server: ModelServer): void {
    const { sid } = server;
    if (server.canSync) {
      const last = server.disk.unsynced.at(-1)!.zxid;
      this.#say(`${sid} has up to ${zxidText(last)} on disk`);
      server.syncSome();
    } else if (server.canPersist) {
      this.#say(`${sid} has ${server.writes === "remember" ? "it" : "the epoch"} on disk`);
      server.persistDone();
    } else if (server.canActivate) {
      server.disk.activate();
    } else {
      const outcome = server.canCarryOut
        ? "has rebuilt log and tree"
        : "has nothing so old on disk";
      this.#say(`${sid} ${outcome}`);
      server.rebuildDone();
    }
  }

  #propose(server: ModelServer, zxid: Zxid): void {
    const { bytes } = txnOf(zxidText(zxid));
    server.step((effects) => server.leader!.propose({ zxid, bytes }, effects));
  }

  /** reconfig 1 (1,2) 1,2,3;4: voters, observers. */
  #reconfigure(server: ModelServer, zxid: Zxid, members: string): void {
    const [voters, observers] = members
      .split(";")
      .map((list) => (list === "" ? [] : list.split(",").map(Number)));
    const configuration = configurationOf(zxid, voters!, observers);
    if (!server.leader!.reconfiguration.isQuorumSynced(configuration)) {
      this.#say(`${server.sid} has no quorum of it`);
      return;
    }
    const bytes = reconfigBytes(zxid, voters!, observers ?? []);
    server.step((effects) => server.leader!.propose({ zxid, bytes, configuration }, effects));
  }

  /** Packets and disks of these servers, until nothing is left to do. */
  #settle(servers: ModelServer[]): void {
    for (let i = 0; i < 1000; i++) {
      const link = this.#world.links.find(
        (one) =>
          servers.some(({ sid }) => sid === one.learner) &&
          servers.some(({ sid }) => sid === one.leader) &&
          (this.#world.canDeliver(one, "leader") || this.#world.canDeliver(one, "learner")),
      );
      const busy = servers.find(({ hasDiskWork }) => hasDiskWork);
      if (link !== undefined) {
        this.#world.deliver(link, this.#world.canDeliver(link, "leader") ? "leader" : "learner");
      } else if (busy !== undefined) this.#diskStep(busy);
      else return;
    }
    throw new Error("it never settles");
  }
}

/** Server ids that vote without weight. */
class Weighed extends MajorityVerifier {
  readonly #weightless: ReadonlySet<number>;
  constructor(voters: number, weightless: ReadonlySet<number>) {
    super(Array.from({ length: voters }, (_, i) => (i + 1) as Sid));
    this.#weightless = weightless;
  }

  override isQuorum(isIn: (sid: Sid) => boolean): boolean {
    const heavy = [...this.votingMembers].filter((sid) => isIn(sid) && this.weightOf(sid) > 0);
    return heavy.length > (this.votingMembers.size - this.#weightless.size) / 2;
  }

  override weightOf(sid: Sid): number {
    return this.#weightless.has(sid) ? 0 : super.weightOf(sid);
  }
}

function configurationText({ version, membership, verifier }: Configuration): string {
  const watching = membership.servers.filter(({ role }) => role === "observer");
  const observers = watching.length === 0 ? "" : `, observers ${watching.map(({ sid }) => sid)}`;
  return `${zxidText(version)}, voters ${[...verifier.votingMembers]}${observers}`;
}

function treeText({ snapshot }: Parcel): string {
  return snapshot === undefined ? "" : `, tree of ${listText(snapshot.txns)}`;
}

function describe(server: ModelServer): string {
  const { image, unsynced } = server.disk;
  const history = image.isLost ? "its data is lost" : `disk ${listText(image.txns)}`;
  const more = unsynced.length === 0 ? "" : ` and not yet ${listText(unsynced)}`;
  const last = lastOf(image);
  const label =
    epochOf(last) > epochOf(image.txns.at(-1)?.zxid ?? last) ? `, snapshot ${zxidText(last)}` : "";
  const tree =
    server.state === "down" || server.tree.txns.length === image.txns.length
      ? ""
      : `, tree ${listText(server.tree.txns)}`;
  const { state } = server;
  const serving = server.isServing ? " and serving" : "";
  return `${server.sid} ${state}${serving}: accepted ${image.acceptedEpoch}, current ${image.currentEpoch}, ${history}${more}${label}${tree}`;
}
