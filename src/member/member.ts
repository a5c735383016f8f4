// One member of an ensemble: looking → leading | following | observing, and back. Java: QuorumPeer.
//
// A role begins with tree and log in agreement and on disk, and ends so. Between two roles there is an election; what the
// member says of itself in it is what its disk holds.

import type { LearnerInfo } from "../admin/admin-context.js";
import { type Elected, FastLeaderElection } from "../election/fast-leader-election.js";
import { decodeNotification, encodeNotification } from "../election/notification.js";
import { type Notification, PeerState } from "../election/vote.js";
import { reached } from "../marks.js";
import { type ElectionLinks, openElectionLinks } from "../peer/election-links.js";
import type { Logger, Timer } from "../platform/platform.js";
import { hex0x, type Sid } from "../wire/ids.js";
import { Following } from "./following.js";
import { Leading } from "./leading.js";
import { ReadOnlyServer } from "./read-only-server.js";
import type { MemberContext, Role } from "./role.js";

/** Java's: a member that looks for so long, or a tick if that is longer, serves those who only read. */
const READ_ONLY_GRACE_MS = 2000;

const STATE_NAMES = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"] as const;

export class Member {
  readonly #context: MemberContext;
  readonly #log: Logger;
  readonly #electionLog: Logger;
  readonly #election: FastLeaderElection;
  #links: ElectionLinks | undefined;
  #state: PeerState = PeerState.looking;
  #role: Role | undefined;
  /** What we answer to those who look, once we have settled. */
  #vote: Elected | undefined;
  #timer: Timer | undefined;
  #electionStartedMs = 0;
  /** Serves those who only read while we look. */
  #readOnly: ReadOnlyServer | undefined;
  #readOnlyTimer: Timer | undefined;
  #changing = false;
  #stopped = false;

  constructor(context: MemberContext) {
    this.#context = context;
    const { platform, sid, verifier, config } = context;
    this.#log = platform.log.child("QuorumPeer");
    this.#electionLog = platform.log.child("FastLeaderElection");
    const { quorum } = config;
    this.#election = new FastLeaderElection(sid, verifier, {
      minNotificationIntervalMs: quorum.fastleaderMinNotificationIntervalMs,
      maxNotificationIntervalMs: quorum.fastleaderMaxNotificationIntervalMs,
    });
  }

  /** `<quorum state> - <zab state>`, as mntr has it. */
  get peerState(): string {
    const quorum = STATE_NAMES[this.#state]!.toLowerCase();
    return `${quorum} - ${this.zabState}`;
  }

  get zabState(): string {
    return this.#role?.zabState ?? "election";
  }

  /** Whom we follow, or ourselves; undefined while we look. */
  get leader(): Sid | undefined {
    return this.#vote?.leader;
  }

  /** Those that are connected to us while we lead. */
  learners(): readonly LearnerInfo[] {
    return this.#role?.learners?.() ?? [];
  }

  /** `replace` is carried out when nothing is under way, before the next election; false where this server does not lead. */
  replaceState(replace: () => Promise<void>): boolean {
    const isReady = !this.#changing && !this.#stopped && this.zabState === "broadcast";
    return isReady && this.#role instanceof Leading && this.#role.replaceState(replace);
  }

  start(): void {
    const { platform, sid, config } = this.#context;
    const { quorum, session } = config;
    const own = this.#context.serverOf(sid);
    this.#links = openElectionLinks({
      platform,
      sid,
      addresses: (own?.addresses ?? []).map(({ host, electionPort: port }) => ({ host, port })),
      peers: () => config.membership.servers,
      settings: {
        connectTimeoutMs: quorum.cnxTimeoutMs,
        introductionTimeoutMs:
          quorum.quorumCnxnTimeoutMs > 0
            ? quorum.quorumCnxnTimeoutMs
            : session.tickTimeMs * quorum.syncLimitTicks,
        quorumListenOnAllIPs: quorum.quorumListenOnAllIPs,
        electionPortBindRetry: quorum.electionPortBindRetry,
        tcpKeepAlive: quorum.tcpKeepAlive,
        multiAddressEnabled: quorum.multiAddressEnabled,
        addressPatienceMs: quorum.multiAddressReachabilityCheckTimeoutMs,
      },
      tls: this.#context.tls,
      received: (from, message) => this.#received(from, message),
      failed: (error) => this.#context.fatal(error),
    });
    this.#look();
  }

  stop(done: () => void): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#context.tls?.endpoint.close();
    this.#endReadOnly();
    // Before the role ends: what it had logged and not committed is applied then, and is nobody's to see.
    this.#context.serve(undefined);
    const closeLinks = () => this.#links?.close(done);
    if (this.#role === undefined) closeLinks();
    else this.#role.end(closeLinks);
  }

  // ---------------------------------------------------------------------------------------------------------- election

  #look(): void {
    if (this.#stopped) return;
    this.#state = PeerState.looking;
    this.#vote = undefined;
    this.#role = undefined;
    const { database, epochs, platform, sid } = this.#context;
    const zxid = database.tree.lastProcessedZxid;
    if (zxid < 0) reached("member: it has lost its data, and votes for nobody");
    this.#electionStartedMs = platform.clock.monotonicMs();
    this.#context.metrics.counters.looking_count.add(1);
    this.#log.info("LOOKING");
    this.#electionLog.info(`New election. My id = ${sid}, proposed zxid=${hex0x(zxid)}`);
    this.#scheduleReadOnly();
    this.#carryOut(this.#election.start({ zxid, peerEpoch: epochs.current }));
  }

  /** Not at once: most elections are over before a client would notice. Java: QuorumPeer's roZkMgr. */
  #scheduleReadOnly(): void {
    const { config, platform, times } = this.#context;
    if (!config.quorum.readonlymodeEnabled) return;
    const graceMs = Math.max(READ_ONLY_GRACE_MS, times.tickTimeMs);
    this.#readOnlyTimer = platform.clock.setTimer(graceMs, () => {
      this.#log.info("Attempting to start ReadOnlyZooKeeperServer");
      this.#readOnly = new ReadOnlyServer(this.#context.servingParts());
      this.#context.serve(this.#readOnly);
    });
  }

  #endReadOnly(): void {
    this.#readOnlyTimer?.cancel();
    if (this.#readOnly === undefined) return;
    this.#readOnly.stopServing();
    this.#readOnly = undefined;
    this.#context.serve(undefined);
  }

  #received(from: Sid, message: Buffer): void {
    // A malformed one costs its sender the connection.
    const heard = decodeNotification(from, message);
    this.#electionLog.info(this.#describe(heard));
    if (this.#state === PeerState.looking && !this.#changing) {
      this.#carryOut(this.#election.receive(heard));
    } else if (heard.state === PeerState.looking && this.#vote !== undefined) {
      this.#send({ ...this.#settledVote(this.#vote), to: from, state: this.#state });
      this.#role?.heardLooking?.(from);
    }
  }

  /**
   * Who looks joins when a quorum names one leader of one epoch: that is the epoch which was established, not the one that
   * the vote was cast with. Java: QuorumPeer.updateElectionVote (ZOOKEEPER-1732).
   */
  #settledVote(vote: Elected): Elected {
    const isEstablished = this.#role?.zabState === "broadcast";
    return isEstablished ? { ...vote, peerEpoch: this.#context.epochs.current } : vote;
  }

  #describe(heard: Notification): string {
    return (
      `Notification: my state:${STATE_NAMES[this.#state]}; n.sid:${heard.from}, n.state:${STATE_NAMES[heard.state]}, ` +
      `n.leader:${heard.leader}, n.round:${hex0x(heard.round)}, n.peerEpoch:${hex0x(heard.peerEpoch)}, ` +
      `n.zxid:${hex0x(heard.zxid)}, message format version:${hex0x(heard.version)}, n.config version:${hex0x(0)}`
    );
  }

  #carryOut(effects: ReturnType<FastLeaderElection["start"]>): void {
    for (const outgoing of effects.sendNow) this.#send(outgoing);
    if (effects.reconnect) this.#links?.connectAll();
    if (effects.elected !== undefined) {
      this.#timer?.cancel();
      this.#settle(effects.elected);
    } else if (effects.setTimerMs !== undefined) {
      this.#timer?.cancel();
      this.#timer = this.#context.platform.clock.setTimer(effects.setTimerMs, () => {
        this.#carryOut(this.#election.timeout(this.#links?.delivered ?? false));
      });
    }
  }

  #send(outgoing: Parameters<typeof encodeNotification>[0] & { readonly to: Sid }): void {
    const message = encodeNotification(outgoing, this.#context.configurationText);
    this.#links?.send(outgoing.to, message);
  }

  // ------------------------------------------------------------------------------------------------------------- roles

  #settle(elected: Elected): void {
    this.#endReadOnly();
    const { sid, isObserver, platform, epochs } = this.#context;
    this.#vote = elected;
    const tookMs = Math.floor(platform.clock.monotonicMs() - this.#electionStartedMs);
    this.#context.metrics.summaries.election_time.add(tookMs);
    const own = { accepted: epochs.accepted, current: epochs.current };
    const resigned = (why: string) => this.#resign(role, why);
    let role: Leading | Following;
    if (elected.leader === sid) {
      this.#state = PeerState.leading;
      this.#log.info("LEADING");
      role = new Leading(this.#context, elected.voters, own, resigned);
    } else {
      this.#state = isObserver ? PeerState.observing : PeerState.following;
      const name = STATE_NAMES[this.#state];
      this.#log.info(name!);
      role = new Following(this.#context, elected.leader, own, resigned);
    }
    const name = STATE_NAMES[this.#state];
    this.#log.info(`${name} - LEADER ELECTION TOOK - ${tookMs} MS`);
    this.#role = role;
    role.begin();
  }

  #resign(role: Role, why: string): void {
    if (this.#role !== role || this.#changing) return;
    this.#changing = true;
    this.#log.warn(`${STATE_NAMES[this.#state]} ends: ${why}`);
    this.#context.serve(undefined);
    role.end(() => void this.#settleEpochs());
  }

  /** [R38] A role that ended between its history and its epoch: as at a start, what is on disk says which epoch it is. */
  async #settleEpochs(): Promise<void> {
    const { database, epochs } = this.#context;
    try {
      await epochs.raiseTo(database.tree.lastProcessedZxid);
    } catch (error) {
      this.#context.fatal(error);
      return;
    }
    const { isObserver, config, platform } = this.#context;
    const delayMs = config.quorum.observerElectionDelayMs;
    // Not all observers at once: they would all ask the same servers.
    const lookAgain = () => {
      this.#changing = false;
      this.#look();
    };
    if (!isObserver || delayMs <= 0) lookAgain();
    else this.#timer = platform.clock.setTimer(platform.random.integer(delayMs), lookAgain);
  }
}
