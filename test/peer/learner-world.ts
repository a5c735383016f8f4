// A leader that listens for learners and a learner that calls it, on the simulated network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { JuteWriter } from "../../src/jute/writer.js";
import {
  connectToLeader,
  type LearnerDoor,
  listenForLearners,
} from "../../src/peer/learner-links.js";
import type { LinkSettings, PacketLink } from "../../src/peer/packet-link.js";
import type { Platform } from "../../src/platform/platform.js";
import type { Zxid } from "../../src/wire/ids.js";
import { type QuorumPacket, writeQuorumPacket } from "../../src/wire/records.js";
import type { SimNode } from "../sim/platform/node.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";

export const PORT = 2888;
export const STALL_MS = 10_000;
const LINK = { stallMs: STALL_MS, packetMaxBytes: 2 * 1024 * 1024 };
export const FIRST_PACKET_MS = 20_000;
const SEEDS = [1, 2, 3];

export function each(name: string, run: (seed: number) => Promise<void>): void {
  for (const seed of SEEDS) test(`${name} (seed ${seed})`, () => run(seed));
}

export function packet(type: number, data: string | Buffer | null = null): QuorumPacket {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return { type, zxid: type as Zxid, data: bytes, authinfo: null };
}

export function encoded(one: QuorumPacket): Buffer {
  const out = new JuteWriter();
  writeQuorumPacket(out, one);
  return out.take();
}

/** One side of a link, and what it was told. */
export class Side {
  readonly link: PacketLink;
  readonly packets: QuorumPacket[] = [];
  why: string | undefined;
  drains = 0;
  whenReceived: ((packet: QuorumPacket) => void) | undefined;
  /** How many packets had been received at each end of a chunk. */
  readonly chunkEnds: number[] = [];

  constructor(link: PacketLink) {
    this.link = link;
    link.start({
      received: (one) => {
        this.packets.push(one);
        this.whenReceived?.(one);
      },
      chunkRead: () => this.chunkEnds.push(this.packets.length),
      drained: () => {
        this.drains++;
        this.whenDrained?.();
      },
      closed: (why) => {
        assert.equal(this.why, undefined, "told once");
        this.why = why;
      },
    });
  }

  whenDrained: (() => void) | undefined;

  get types(): number[] {
    return this.packets.map(({ type }) => type);
  }
}

export class LearnerWorld {
  readonly sim: SimPlatform;
  readonly leader: SimNode;
  readonly learner: SimNode;
  door!: LearnerDoor;
  accepted: Side[] = [];
  isReady = false;
  failure: Error | undefined;
  readonly #link: LinkSettings;

  /** `link`: what is otherwise on the leader's side. */
  constructor(seed: number, link: Partial<LinkSettings> = {}) {
    this.#link = { ...LINK, ...link };
    this.sim = new SimPlatform({ seed });
    this.leader = this.sim.addNode("leader");
    this.learner = this.sim.addNode("learner");
  }

  listen(...hosts: string[]): void {
    const begin = (platform: Platform) => {
      this.door = listenForLearners({
        tls: undefined,
        platform,
        addresses: hosts.map((host) => ({ host, port: PORT })),
        quorumListenOnAllIPs: false,
        link: this.#link,
        firstPacketMs: FIRST_PACKET_MS,
        accept: (link) => this.accepted.push(new Side(link)),
        ready: (error) => {
          this.isReady = error === undefined;
          this.failure = error;
        },
      });
    };
    if (this.leader.isRunning) begin(this.leader.platform);
    else this.leader.start(begin);
  }

  connect(...hosts: string[]): {
    done: boolean;
    side: Side | undefined;
    error: Error | undefined;
    cancel?: () => void;
  } {
    const call: ReturnType<LearnerWorld["connect"]> = {
      done: false,
      side: undefined,
      error: undefined,
    };
    const begin = (platform: Platform) => {
      const attempt = connectToLeader({
        tls: undefined,
        platform,
        addresses: hosts.map((host) => ({ host, port: PORT })),
        link: LINK,
        timeoutMs: 20_000,
        retryDelayMs: 100,
        done: (error, link) => {
          call.done = true;
          call.error = error;
          if (link !== undefined) call.side = new Side(link);
        },
      });
      call.cancel = () => attempt.cancel();
    };
    if (this.learner.isRunning) begin(this.learner.platform);
    else this.learner.start(begin);
    return call;
  }

  /** The learner's side and the leader's; the learner has said who it is. */
  async pair(): Promise<[Side, Side]> {
    this.listen("leader");
    await this.until(() => this.isReady);
    const call = this.connect("leader");
    await this.until(() => call.side !== undefined && this.accepted.length === 1);
    const [learner, leader] = [call.side!, this.accepted[0]!];
    learner.link.send(packet(11));
    await this.until(() => leader.packets.length === 1);
    leader.packets.length = 0;
    return [learner, leader];
  }

  until(isDone: () => boolean, limitMs?: number): Promise<void> {
    return this.sim.runUntil(isDone, limitMs);
  }

  lines(pattern: RegExp, node: string): number {
    return this.sim.logBook.matching(pattern, node).length;
  }
}
