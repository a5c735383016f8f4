// Servers, the links between them, and what is on its way. A link is TCP: what one side sent before it closed can still
// arrive, in order; the other side learns of the end after that. Nothing happens here unless a test says so.

import type { Configuration } from "../../../src/quorum/configuration.js";
import type { LinkId, Work } from "../../../src/quorum/effects.js";
import { LEADER_LINK } from "../../../src/quorum/effects.js";
import type { QuorumVerifier } from "../../../src/quorum/verifier.js";
import type { Sid } from "../../../src/wire/ids.js";
import { configurationOf } from "./configurations.js";
import { ModelServer } from "./model-server.js";
import type { Parcel } from "./server-parts.js";

export interface ModelLink {
  readonly id: LinkId;
  readonly leader: Sid;
  readonly leaderLife: number;
  readonly learner: Sid;
  readonly learnerLife: number;
  readonly toLeader: Parcel[];
  readonly toLearner: Parcel[];
  leaderOpen: boolean;
  learnerOpen: boolean;
  /** Nothing more gets through, and both sides will learn of it. */
  isCut: boolean;
}

export interface Watcher {
  sent(from: ModelServer, to: Sid, parcel: Parcel): void;
  did(server: ModelServer, work: Work): void;
  left(server: ModelServer, why: string): void;
  closed(server: ModelServer, peer: Sid, why: string): void;
}

export interface WorldOptions {
  readonly voters: number;
  readonly observers: number;
  readonly committedCount: number;
  readonly verifier?: QuorumVerifier;
  /** Servers that are in no configuration yet, where it may change. */
  readonly spare?: number;
  readonly canChange?: boolean;
  /** Whose quorum.cumulative is true; nobody's, where it is left out. */
  readonly cumulative?: (sid: Sid) => boolean;
}

export class World {
  readonly servers = new Map<Sid, ModelServer>();
  links: ModelLink[] = [];
  readonly #watcher: Watcher;
  #lastLink = 0;

  constructor(options: WorldOptions, watcher: Watcher) {
    this.#watcher = watcher;
    const { voters, observers, spare = 0, verifier } = options;
    const sids = Array.from({ length: voters + observers + spare }, (_, i) => (i + 1) as Sid);
    const watching = sids.slice(voters, voters + observers);
    const configuration = configurationOf(0, sids.slice(0, voters), watching, verifier);
    for (const sid of sids) this.servers.set(sid, this.#server(sid, configuration, options));
  }

  server(sid: number): ModelServer {
    const server = this.servers.get(sid as Sid);
    if (server === undefined) throw new Error(`there is no server ${sid}`);
    return server;
  }

  all(): ModelServer[] {
    return [...this.servers.values()];
  }

  #server(
    sid: Sid,
    configuration: Configuration,
    { committedCount, canChange = false, cumulative }: WorldOptions,
  ): ModelServer {
    return new ModelServer(sid, {
      configuration,
      canChange,
      committedCount,
      isCumulative: cumulative?.(sid) ?? false,
      send: (server, link, parcel) => this.#send(server, link, parcel),
      closeLink: (server, link, why) => this.#closeLink(server, link, why),
      reconnect: (server) => this.#reconnect(server),
      left: (server, why) => {
        this.#watcher.left(server, why);
        this.closeAll(server);
      },
      did: (server, work) => this.#watcher.did(server, work),
    });
  }

  // ------------------------------------------------------------------------------------------------------------- links

  connect(learner: ModelServer, leader: ModelServer): void {
    this.#link(learner, leader);
    learner.follow(leader.sid);
  }

  #reconnect(learner: ModelServer): void {
    const old = this.#ofLearner(learner);
    const leader = old && this.server(old.leader);
    if (old !== undefined) this.#closeLearnerSide(old);
    if (leader?.leader === undefined || leader.life !== old?.leaderLife) {
      learner.leave("the leader is gone");
      return;
    }
    this.#link(learner, leader);
    learner.step((effects) => learner.learner!.connected(effects));
  }

  #link(learner: ModelServer, leader: ModelServer): void {
    const link: ModelLink = {
      id: ++this.#lastLink,
      leader: leader.sid,
      leaderLife: leader.life,
      learner: learner.sid,
      learnerLife: learner.life,
      toLeader: [],
      toLearner: [],
      leaderOpen: true,
      learnerOpen: true,
      isCut: false,
    };
    this.links.push(link);
    leader.leader!.connected(link.id);
  }

  #ofLearner(server: ModelServer): ModelLink | undefined {
    return this.links.find(
      ({ learner, learnerLife, learnerOpen }) =>
        learner === server.sid && learnerLife === server.life && learnerOpen,
    );
  }

  #send(server: ModelServer, id: LinkId, parcel: Parcel): void {
    if (id === LEADER_LINK) {
      const link = this.#ofLearner(server);
      if (link === undefined) return;
      this.#watcher.sent(server, link.leader, parcel);
      if (link.leaderOpen && !link.isCut) link.toLeader.push(parcel);
    } else {
      const link = this.links.find((one) => one.id === id && one.leaderOpen);
      if (link === undefined) return;
      this.#watcher.sent(server, link.learner, parcel);
      if (link.learnerOpen && !link.isCut) link.toLearner.push(parcel);
    }
  }

  #closeLink(server: ModelServer, id: LinkId, why: string): void {
    const link = this.links.find((one) => one.id === id);
    if (link === undefined) return;
    this.#watcher.closed(server, link.learner, why);
    this.#closeLeaderSide(link);
  }

  #closeLeaderSide(link: ModelLink): void {
    link.leaderOpen = false;
    link.toLeader.length = 0;
    this.#sweep();
  }

  #closeLearnerSide(link: ModelLink): void {
    link.learnerOpen = false;
    link.toLearner.length = 0;
    this.#sweep();
  }

  #sweep(): void {
    this.links = this.links.filter(({ leaderOpen, learnerOpen }) => leaderOpen || learnerOpen);
  }

  closeAll(server: ModelServer): void {
    for (const link of [...this.links]) {
      if (link.leader === server.sid && link.leaderOpen) this.#closeLeaderSide(link);
      if (link.learner === server.sid && link.learnerOpen) this.#closeLearnerSide(link);
    }
  }

  /** What is on its way is lost, all but the first so many of each direction. */
  cut(link: ModelLink, survivors = 0): void {
    link.toLeader.splice(survivors);
    link.toLearner.splice(survivors);
    link.isCut = true;
  }

  // ---------------------------------------------------------------------------------------------------------- delivery

  canDeliver(link: ModelLink, to: "leader" | "learner"): boolean {
    if (to === "leader") {
      return link.leaderOpen && (link.toLeader.length > 0 || !link.learnerOpen || link.isCut);
    }
    return link.learnerOpen && (link.toLearner.length > 0 || !link.leaderOpen || link.isCut);
  }

  /** The next packet, or the news that there will be none. */
  deliver(link: ModelLink, to: "leader" | "learner"): Parcel | undefined {
    const server = this.server(to === "leader" ? link.leader : link.learner);
    const parcel = (to === "leader" ? link.toLeader : link.toLearner).shift();
    if (parcel !== undefined) {
      server.received(to === "leader" ? link.id : LEADER_LINK, parcel);
    } else if (to === "leader") {
      this.#closeLeaderSide(link);
      server.step((effects) => server.leader?.disconnected(link.id, effects));
    } else {
      this.#closeLearnerSide(link);
      server.leave("the connection to the leader is lost");
    }
    return parcel;
  }

  crash(server: ModelServer, survivors = 0): void {
    server.crash(survivors);
    this.closeAll(server);
  }
}
