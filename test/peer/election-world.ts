// Servers that have nothing but election links, on the simulated network: what they were sent is what a test looks at.

import { test } from "node:test";
import type { ServerSpec } from "../../src/config/server-spec.js";
import { ProtocolError } from "../../src/errors.js";
import { encodeIntroduction } from "../../src/peer/election-handshake.js";
import { type ElectionLinks, openElectionLinks } from "../../src/peer/election-links.js";
import type { ElectionLinksSettings } from "../../src/peer/election-links-options.js";
import type { Connection, Platform } from "../../src/platform/platform.js";
import type { Sid } from "../../src/wire/ids.js";
import type { SimNode } from "../sim/platform/node.js";
import { SimPlatform } from "../sim/platform/sim-platform.js";

export const ELECTION_PORT = 3888;

const SETTINGS: ElectionLinksSettings = {
  connectTimeoutMs: 5000,
  introductionTimeoutMs: 10_000,
  quorumListenOnAllIPs: false,
  electionPortBindRetry: 3,
  tcpKeepAlive: false,
  multiAddressEnabled: false,
  addressPatienceMs: 1000,
};

/** A message that receivers refuse. */
export const MALFORMED = "malformed";

export class Server {
  readonly sid: Sid;
  readonly node: SimNode;
  links!: ElectionLinks;
  /** `sid: text`, in the order of arrival. */
  received: string[] = [];
  failure: Error | undefined;
  isListening = false;
  /** Its configuration, where it is not everybody's. */
  ownSpecs: readonly ServerSpec[] | undefined;
  readonly #world: ElectionWorld;

  constructor(world: ElectionWorld, sid: number) {
    this.#world = world;
    this.sid = sid as Sid;
    this.node = world.sim.addNode(`zoo${sid}`);
  }

  start(settings: Partial<ElectionLinksSettings> = {}): void {
    this.received = [];
    this.isListening = false;
    const specs = () => this.ownSpecs ?? this.#world.specs;
    const own = specs().find(({ sid }) => sid === this.sid);
    this.node.start((platform) => {
      this.links = openElectionLinks({
        tls: undefined,
        platform,
        sid: this.sid,
        addresses: (own?.addresses ?? []).map((one) => ({
          host: one.host,
          port: one.electionPort,
        })),
        peers: specs,
        settings: { ...SETTINGS, ...settings },
        received: (from, message) => {
          const text = message.toString();
          if (text === MALFORMED) throw new ProtocolError("Cannot read it");
          this.received.push(`${from}: ${text}`);
        },
        listening: () => {
          this.isListening = true;
        },
        failed: (error) => {
          this.failure = error;
        },
      });
    });
  }

  say(to: number, text: string): void {
    this.links.send(to as Sid, Buffer.from(text));
  }

  heard(line: string): boolean {
    return this.received.includes(line);
  }

  isConnectedTo(sid: number): boolean {
    return this.links.isConnected(sid as Sid);
  }
}

export class ElectionWorld {
  readonly sim: SimPlatform;
  readonly servers = new Map<number, Server>();
  specs: ServerSpec[] = [];

  constructor(seed: number) {
    this.sim = new SimPlatform({ seed });
  }

  /** Servers of these ids, not started, all in the configuration by name. */
  static of(seed: number, ...sids: number[]): ElectionWorld {
    const world = new ElectionWorld(seed);
    world.specs = sids.map((sid) => spec(sid, `zoo${sid}`));
    for (const sid of sids) world.servers.set(sid, new Server(world, sid));
    return world;
  }

  get(sid: number): Server {
    return this.servers.get(sid)!;
  }

  add(sid: number): Server {
    const server = new Server(this, sid);
    this.servers.set(sid, server);
    return server;
  }

  async startAll(): Promise<void> {
    for (const server of this.servers.values()) server.start();
    await this.until(() => [...this.servers.values()].every(({ isListening }) => isListening));
  }

  until(isDone: () => boolean, limitMs = 60_000): Promise<void> {
    return this.sim.runUntil(isDone, limitMs);
  }

  lines(pattern: RegExp, sid: number): number {
    return this.sim.logBook.matching(pattern, `zoo${sid}`).length;
  }
}

export function spec(sid: number, ...hosts: string[]): ServerSpec {
  const addresses = hosts.map((host) => ({ host, quorumPort: 2888, electionPort: ELECTION_PORT }));
  return {
    sid: sid as Sid,
    addresses,
    role: "participant",
    client: undefined,
    secureClient: undefined,
  };
}

const SEEDS = [1, 2, 3];

export function each(name: string, run: (seed: number) => Promise<void>): void {
  for (const seed of SEEDS) test(`${name} (seed ${seed})`, () => run(seed));
}

/** A caller that says and hears bytes. */
export class Caller {
  connection: Connection | undefined;
  received = Buffer.alloc(0);
  isClosed = false;

  constructor(platform: Platform, host: string, bytes: Buffer) {
    platform.network.connect(
      { host, port: ELECTION_PORT },
      { timeoutMs: 1000 },
      (_e, connection) => {
        this.connection = connection;
        connection?.start({
          onData: (chunk) => {
            this.received = Buffer.concat([this.received, chunk]);
          },
          onDrain: () => {},
          onEnd: () => connection.end(),
          onClose: () => {
            this.isClosed = true;
          },
        });
        connection?.write(bytes);
      },
    );
  }
}

export function framed(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length);
  bytes.writeInt32BE(text.length, 0);
  bytes.write(text, 4);
  return bytes;
}

export function introductionOf(sid: number, port = ELECTION_PORT): Buffer {
  return encodeIntroduction(sid as Sid, [{ host: `zoo${sid}`, port }], false);
}
