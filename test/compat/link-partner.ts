// One Java server of an ensemble of three in which we are another and the third is away: it cannot settle without us. We have
// nothing but links; what they say is the test's.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ServerSpec } from "../../src/config/server-spec.js";
import { decodeNotification, encodeNotification } from "../../src/election/notification.js";
import { type Notification, PeerState } from "../../src/election/vote.js";
import { type ElectionLinks, openElectionLinks } from "../../src/peer/election-links.js";
import {
  connectToLeader,
  type LearnerDoor,
  listenForLearners,
} from "../../src/peer/learner-links.js";
import type { PacketLink } from "../../src/peer/packet-link.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";
import type { Platform } from "../../src/platform/platform.js";
import type { Sid, Zxid } from "../../src/wire/ids.js";
import type { QuorumPacket } from "../../src/wire/records.js";
import { freePort, newDirectory, type RunningServer, startServer } from "./server-process.js";

const LIMIT_MS = 60_000;
const LINK = { stallMs: 30_000, packetMaxBytes: 2 * 1024 * 1024 };

export interface PartnerOptions {
  readonly kind: "java38" | "java39";
  readonly javaSid: number;
  readonly ourSid: number;
  readonly multiAddressEnabled?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
}

/** Resolves when `look` gives something, which is asked again after each event and, for Java's log, every 20 ms. */
async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not come in ${LIMIT_MS} ms`);
    await wait(20);
  }
}

export class Partner {
  readonly options: PartnerOptions;
  readonly platform: Platform = createNodePlatform({ log: { level: "OFF" } });
  readonly specs: ServerSpec[] = [];
  readonly heard: Notification[] = [];
  readonly links: Link[] = [];
  java!: RunningServer;
  #election!: ElectionLinks;
  #door: LearnerDoor | undefined;
  #startJava!: () => Promise<RunningServer>;

  constructor(options: PartnerOptions) {
    this.options = options;
  }

  /** Runs with a Java server that has been started, and ends everything. */
  static async with(
    options: PartnerOptions,
    run: (partner: Partner) => Promise<void>,
  ): Promise<void> {
    const partner = new Partner(options);
    try {
      await partner.#start();
      await run(partner);
    } catch (error) {
      const log = (partner.java?.log() ?? "").split("\n").slice(-40).join("\n");
      throw new Error(`${error instanceof Error ? error.message : error}\nJava's log:\n${log}`, {
        cause: error,
      });
    } finally {
      await partner.#close();
    }
  }

  async #start(): Promise<void> {
    const { kind, javaSid, ourSid, multiAddressEnabled = false, properties } = this.options;
    const sids = [...new Set([javaSid, ourSid, 1, 2, 3])].slice(0, 3);
    const cfg: Record<string, string | number> = { initLimit: 10, syncLimit: 5, tickTime: 1000 };
    for (const sid of sids) {
      const address = {
        host: "127.0.0.1",
        quorumPort: await freePort(),
        electionPort: await freePort(),
      };
      cfg[`server.${sid}`] = `127.0.0.1:${address.quorumPort}:${address.electionPort}`;
      const none = { client: undefined, secureClient: undefined };
      this.specs.push({ sid: sid as Sid, addresses: [address], role: "participant", ...none });
    }
    await this.#openElection(multiAddressEnabled);
    const directory = newDirectory(`links-${kind}`);
    mkdirSync(join(directory, "data"));
    writeFileSync(join(directory, "data/myid"), `${javaSid}\n`);
    const serverOptions = { cfg, directory, dontWait: true, properties: properties ?? {} };
    this.#startJava = () => startServer(kind, serverOptions);
    this.java = await this.#startJava();
  }

  async restartJava(): Promise<void> {
    await this.java.kill9();
    this.java = await this.#startJava();
  }

  #openElection(multiAddressEnabled: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#election = openElectionLinks({
        tls: undefined,
        platform: this.platform,
        sid: this.options.ourSid as Sid,
        addresses: [{ host: "127.0.0.1", port: this.specOf(this.options.ourSid).electionPort }],
        peers: () => this.specs,
        settings: {
          connectTimeoutMs: 30_000,
          introductionTimeoutMs: 30_000,
          quorumListenOnAllIPs: false,
          electionPortBindRetry: 3,
          tcpKeepAlive: true,
          multiAddressEnabled,
          addressPatienceMs: 1000,
        },
        received: (from, message) => this.heard.push(decodeNotification(from, message)),
        listening: resolve,
        failed: reject,
      });
    });
  }

  async #close(): Promise<void> {
    await this.java?.discard();
    for (const { link } of this.links) link.close("the test is over");
    await new Promise<void>((resolve) => {
      if (this.#door === undefined) resolve();
      else this.#door.close(resolve);
    });
    await new Promise<void>((resolve) => this.#election.close(resolve));
  }

  specOf(sid: number) {
    return this.specs.find((one) => one.sid === sid)!.addresses[0]!;
  }

  vote(leader: number, zxid: number, state: PeerState = PeerState.looking, round = 1): void {
    const { javaSid } = this.options;
    const to = javaSid as Sid;
    const vote = { to, leader: leader as Sid, zxid: zxid as Zxid, peerEpoch: 0, round, state };
    this.#election.send(to, encodeNotification(vote, this.configuration()));
  }

  configuration(): string {
    const lines = this.specs.map(
      ({ sid, addresses: [one] }) =>
        `server.${sid}=${one!.host}:${one!.quorumPort}:${one!.electionPort}:participant`,
    );
    return [...lines, "version=0"].join("\n");
  }

  untilHeard(what: string, is: (one: Notification) => boolean): Promise<Notification> {
    return until(what, () => this.heard.find(is));
  }

  /** Java has logged it. */
  async untilLogged(pattern: RegExp): Promise<void> {
    await until(`${pattern} in Java's log`, () => pattern.test(this.java.log()) || undefined);
  }

  /** Java has decided to follow us and called. */
  async untilFollowed(): Promise<Link> {
    this.#door = await new Promise<LearnerDoor>((resolve, reject) => {
      const door = listenForLearners({
        tls: undefined,
        platform: this.platform,
        addresses: [{ host: "127.0.0.1", port: this.specOf(this.options.ourSid).quorumPort }],
        quorumListenOnAllIPs: false,
        link: LINK,
        firstPacketMs: 30_000,
        accept: (link) => this.links.push(new Link(link)),
        ready: (error) => (error === undefined ? resolve(door) : reject(error)),
      });
    });
    return until("A follower", () => this.links[0]);
  }

  async callLeader(): Promise<Link> {
    const address = { host: "127.0.0.1", port: this.specOf(this.options.javaSid).quorumPort };
    return new Promise((resolve, reject) => {
      connectToLeader({
        tls: undefined,
        platform: this.platform,
        addresses: [address],
        link: LINK,
        timeoutMs: 30_000,
        retryDelayMs: 100,
        done: (error, link) => {
          if (link === undefined) reject(error);
          else {
            const call = new Link(link);
            this.links.push(call);
            resolve(call);
          }
        },
      });
    });
  }
}

/** A link whose packets are looked at one by one. */
export class Link {
  readonly link: PacketLink;
  readonly #packets: QuorumPacket[] = [];
  #why: string | undefined;
  whenReceived: ((packet: QuorumPacket) => void) | undefined;

  constructor(link: PacketLink) {
    this.link = link;
    link.start({
      received: (packet) => {
        this.#packets.push(packet);
        this.whenReceived?.(packet);
      },
      drained: () => {},
      closed: (why) => {
        this.#why = why;
      },
    });
  }

  /** The next packet of this type; others, pings among them, are passed over. */
  next(type: number): Promise<QuorumPacket> {
    return until(`A packet of type ${type}`, () => {
      for (let packet = this.#packets.shift(); packet; packet = this.#packets.shift()) {
        if (packet.type === type) return packet;
      }
      if (this.#why !== undefined) throw new Error(`The link is closed: ${this.#why}`);
      return undefined;
    });
  }

  send(type: number, zxid: number, data: Buffer | null = null): void {
    this.link.send({ type, zxid: zxid as Zxid, data, authinfo: null });
  }
}
