// One member of an ensemble: looking → leading | following | observing, and back. Java: QuorumPeer.
//
// A role begins with tree and log in agreement and on disk, and ends so. Between two roles there is an election; what the
// member says of itself in it is what its disk holds.

import type { LearnerInfo } from "../admin/admin-context.js";
import type { HostPort } from "../config/server-spec.js";
import { type Elected, FastLeaderElection } from "../election/fast-leader-election.js";
import { decodeNotification, encodeNotification } from "../election/notification.js";
import { type Notification, PeerState } from "../election/vote.js";
import { ProtocolError } from "../errors.js";
import { reached } from "../marks.js";
import { type ElectionLinks, openElectionLinks } from "../peer/election-links.js";
import type { Logger, Timer } from "../platform/platform.js";
import type { Configuration } from "../quorum/configuration.js";
import { CONFIG_PATH } from "../tree/paths.js";
import { hex0x, type Sid } from "../wire/ids.js";
import { Following } from "./following.js";
import { Leading } from "./leading.js";
import { ReadOnlyServer } from "./read-only-server.js";
import type { MemberContext, Resigned, Role } from "./role.js";

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
  /** Where the election links listen. */
  #addresses: readonly HostPort[] = [];
  #stopped = false;

  constructor(context: MemberContext) {
    this.#context = context;
    const { platform, sid, quorums, config } = context;
    this.#log = platform.log.child("QuorumPeer");
    this.#electionLog = platform.log.child("FastLeaderElection");
    const { quorum } = config;
    this.#election = new FastLeaderElection(sid, quorums, {
      minNotificationIntervalMs: quorum.fastleaderMinNotificationIntervalMs,
      maxNotificationIntervalMs: quorum.fastleaderMaxNotificationIntervalMs,
      isGone: (other) => this.#links?.isGone(other) ?? false,
      inForce: () => quorums.committed.verifier,
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
    this.#openLinks();
    this.#look();
  }

  #openLinks(): void {
    const { platform, sid, config, quorums } = this.#context;
    const { quorum, session } = config;
    this.#addresses = this.#electionAddresses();
    this.#links = openElectionLinks({
      platform,
      sid,
      addresses: this.#addresses,
      peers: () => quorums.servers(),
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
      authentication: this.#context.authentication,
      received: (from, message) => this.#received(from, message),
      broken: (other) => {
        // Our vote may have gone to somebody who was about to end; and we want to know whether it has.
        if (this.#state === PeerState.looking && !this.#changing) this.#links?.connectTo(other);
      },
      gone: () => {
        if (this.#state !== PeerState.looking || this.#changing) return;
        this.#carryOut(this.#election.gone());
      },
      failed: (error) => this.#context.fatal(error),
    });
  }

  #electionAddresses(): HostPort[] {
    const own = this.#context.quorums.serverOf(this.#context.sid);
    return (own?.addresses ?? []).map(({ host, electionPort: port }) => ({ host, port }));
  }

  /**
   * Others may have come, gone or moved; so may we. Whoever is taken out of the configuration goes on listening where it
   * was: it may be taken in again.
   */
  configurationChanged(): void {
    const links = this.#links;
    const addresses = this.#electionAddresses();
    const hasMoved =
      addresses.length > 0 && JSON.stringify(addresses) !== JSON.stringify(this.#addresses);
    if (!hasMoved) {
      links?.membersChanged();
      return;
    }
    this.#links = undefined;
    links?.close(() => {
      if (!this.#stopped) this.#openLinks();
    });
  }

  stop(done: () => void): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#context.tls?.endpoint.close();
    this.#endReadOnly();
    // Before the role ends: what it had logged and not committed is applied then, and is nobody's to see.
    this.#context.serve(undefined);
    const closeLinks = () => (this.#links === undefined ? done() : this.#links.close(done));
    if (this.#role === undefined) closeLinks();
    else this.#role.end(closeLinks);
  }

  // ---------------------------------------------------------------------------------------------------------- election

  #look(): void {
    if (this.#stopped) return;
    this.#state = PeerState.looking;
    this.#vote = undefined;
    this.#role = undefined;
    this.#electionStartedMs = this.#context.platform.clock.monotonicMs();
    this.#context.metrics.counters.looking_count.add(1);
    this.#log.info("LOOKING");
    this.#scheduleReadOnly();
    this.#elect();
  }

  #elect(): void {
    const { database, epochs, sid } = this.#context;
    const zxid = database.tree.lastProcessedZxid;
    if (zxid < 0) reached("member: it has lost its data, and votes for nobody");
    this.#electionLog.info(`New election. My id = ${sid}, proposed zxid=${hex0x(zxid)}`);
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
      if (!this.#adopt(heard)) this.#carryOut(this.#election.receive(heard));
      return;
    }
    const vote = this.#vote;
    if (vote === undefined) return;
    const isOwnFirst = heard.round === vote.round && heard.leader === from;
    if (heard.round >= vote.round && !isOwnFirst) this.#role?.heardVote?.(from, heard.leader);
    if (heard.state === PeerState.looking && !this.#changing) {
      this.#send({ ...this.#settledVote(vote), to: from, state: this.#state });
      this.#role?.heardLooking?.(from);
    }
  }

  /**
   * Who looks and hears of a later configuration goes by that: it is committed where it comes from. True if that changes who
   * is to be elected by whom: then the election begins anew, when our disk knows of it. Java: Messenger.WorkerReceiver.
   */
  #adopt({ from, config }: Notification): boolean {
    const { quorums } = this.#context;
    const { committed } = quorums;
    if (!quorums.canChange || !config || config === committed.text) return false;
    try {
      const configuration = this.#context.parseConfiguration(config);
      const own = this.#unknownOwn(configuration);
      if (own !== undefined) {
        this.#electWhen(this.#context.remember(own));
        return true;
      }
      if (!quorums.activate(configuration)) return false;
      const versions = `${hex0x(configuration.version)} my version: ${hex0x(committed.version)}`;
      this.#electionLog.info(`${this.#context.sid} Received version: ${versions}`);
      const written = this.#context.activated(configuration);
      if (configuration.hasSameMembersAs(committed)) return false;
      this.#electWhen(written);
      return true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const what = "Something went wrong while processing config received from";
      this.#electionLog.error(`${what} ${from}`, error);
      return false;
    }
  }

  #electWhen(written: Promise<void>): void {
    this.#changing = true;
    this.#timer?.cancel();
    written.then(
      () => {
        this.#changing = false;
        if (!this.#stopped) this.#elect();
      },
      (error) => this.#context.fatal(error),
    );
  }

  /**
   * A later one that our history holds and our files do not know, because whom a change left out is given a new file by its
   * operator. By the earlier one alone we may not elect: it has to be known first as what may come, as of any reconfig in a log.
   */
  #unknownOwn({ version }: Configuration): Configuration | undefined {
    const { database, quorums } = this.#context;
    const text = database.tree.get(CONFIG_PATH)?.data()?.toString("utf8");
    const own = text ? this.#context.parseConfiguration(text) : undefined;
    return own && own.version > version && own.version > quorums.lastSeen.version ? own : undefined;
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
      `n.zxid:${hex0x(heard.zxid)}, message format version:${hex0x(heard.version)}, n.config version:${versionIn(heard.config)}`
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
    const message = encodeNotification(outgoing, this.#context.quorums.committed.text);
    this.#links?.send(outgoing.to, message);
  }

  // ------------------------------------------------------------------------------------------------------------- roles

  #settle(elected: Elected): void {
    this.#endReadOnly();
    const { sid, quorums, platform, epochs } = this.#context;
    this.#vote = elected;
    const tookMs = Math.floor(platform.clock.monotonicMs() - this.#electionStartedMs);
    this.#context.metrics.summaries.election_time.add(tookMs);
    const own = { accepted: epochs.accepted, current: epochs.current };
    const resigned: Resigned = (why, leader) => this.#resign(role, why, leader);
    let role: Leading | Following;
    if (elected.leader === sid) {
      this.#state = PeerState.leading;
      this.#log.info("LEADING");
      role = new Leading(this.#context, elected.voters, own, resigned);
    } else {
      this.#state = quorums.committed.isObserver(sid) ? PeerState.observing : PeerState.following;
      const name = STATE_NAMES[this.#state];
      this.#log.info(name!);
      role = new Following(this.#context, elected.leader, own, resigned);
    }
    const name = STATE_NAMES[this.#state];
    this.#log.info(`${name} - LEADER ELECTION TOOK - ${tookMs} MS`);
    this.#role = role;
    role.begin();
  }

  #resign(role: Role, why: string, leader: Sid | undefined): void {
    if (this.#role !== role || this.#changing) return;
    this.#changing = true;
    this.#log.warn(`${STATE_NAMES[this.#state]} ends: ${why}`);
    this.#context.serve(undefined);
    role.end(() => void this.#settleEpochs(leader));
  }

  /** [R38] A role that ended between its history and its epoch: as at a start, what is on disk says which epoch it is. */
  async #settleEpochs(leader: Sid | undefined): Promise<void> {
    const { database, epochs } = this.#context;
    try {
      await epochs.raiseTo(database.tree.lastProcessedZxid);
    } catch (error) {
      this.#context.fatal(error);
      return;
    }
    if (leader !== undefined && !this.#stopped) {
      this.#changing = false;
      this.#follow(leader);
      return;
    }
    const { quorums, sid, config, platform } = this.#context;
    const delayMs = config.quorum.observerElectionDelayMs;
    // Not all observers at once: they would all ask the same servers.
    const lookAgain = () => {
      this.#changing = false;
      this.#look();
    };
    if (!quorums.committed.isObserver(sid) || delayMs <= 0) lookAgain();
    else this.#timer = platform.clock.setTimer(platform.random.integer(delayMs), lookAgain);
  }

  /** A reconfig has named a leader, perhaps us: all who were told go to it without an election. */
  #follow(leader: Sid): void {
    const { database, epochs, platform } = this.#context;
    this.#electionStartedMs = platform.clock.monotonicMs();
    this.#settle({
      leader,
      zxid: database.tree.lastProcessedZxid,
      peerEpoch: epochs.current,
      round: this.#election.round,
      voters: [],
    });
  }
}

/** As the log has it; 0 from servers before 3.5. */
function versionIn(config: string | undefined): string {
  return `0x${config?.match(/^version=([0-9a-fA-F]+)$/m)?.[1] ?? "0"}`;
}
