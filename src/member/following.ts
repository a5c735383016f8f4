// A follower's or observer's role: connects to the leader, drives quorum/learner.ts, and serves clients once it is up to
// date. Java: Follower.followLeader, Observer.observeLeader.

import type { LearnerInfo } from "../admin/admin-context.js";
import { ExitCode, FatalError, ProtocolError } from "../errors.js";
import { reached } from "../marks.js";
import { connectToLeader } from "../peer/learner-links.js";
import type { PacketLink } from "../peer/packet-link.js";
import type { Logger, Timer } from "../platform/platform.js";
import type { Configuration } from "../quorum/configuration.js";
import type { Effects, Work } from "../quorum/effects.js";
import { Learner } from "../quorum/learner.js";
import { SnapshotStreamReader } from "../storage/snapshot-stream.js";
import type { DataTree } from "../tree/data-tree.js";
import { CONFIG_PATH } from "../tree/paths.js";
import { hex0x, type Sid, type Zxid } from "../wire/ids.js";
import { QuorumPacketType } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { configurationIn } from "./configuration.js";
import { EffectRunner, writeEpochs } from "./effect-runner.js";
import { FollowingServer } from "./following-server.js";
import { ObserverDoor } from "./observer-door.js";
import {
  linkSettings,
  localSessionSettings,
  type MemberContext,
  type Resigned,
  type Role,
} from "./role.js";
import { receiveSnapshot } from "./snapshot-receiver.js";

export class Following implements Role {
  readonly #context: MemberContext;
  readonly #log: Logger;
  readonly #leaderSid: Sid;
  readonly #resigned: Resigned;
  readonly #isObserver: boolean;
  /** The tree has come as a snapshot, and what the leader did meanwhile has not all come after it. */
  #isFuzzy = false;
  /** Of the reconfig that is being committed. */
  #named: Sid | undefined;
  /** Whom we are connected to: an observer, perhaps to a follower. */
  #master: Sid;
  readonly #learner: Learner;
  readonly #runner: EffectRunner;
  #connecting: { cancel(): void } | undefined;
  #link: PacketLink | undefined;
  #timer: Timer | undefined;
  #serving: FollowingServer | undefined;
  /** Observers that connect to us instead of the leader. */
  #observers: ObserverDoor | undefined;
  #ended = false;
  /** TRUNC or SNAP is being carried out: files and tree belong to it until it is done. */
  #rebuilding: Promise<void> | undefined;
  #abandonStream: (() => void) | undefined;

  constructor(
    context: MemberContext,
    leaderSid: Sid,
    epochs: { accepted: number; current: number },
    resigned: Resigned,
  ) {
    this.#context = context;
    this.#leaderSid = leaderSid;
    this.#master = leaderSid;
    this.#resigned = resigned;
    const { sid, quorums, times, database, platform } = context;
    const isObserver = quorums.committed.isObserver(sid);
    this.#isObserver = isObserver;
    this.#log = platform.log.child(isObserver ? "Observer" : "Follower");
    this.#learner = new Learner(
      {
        sid,
        isObserver,
        leader: leaderSid,
        quorums,
        times,
        acceptedEpoch: epochs.accepted,
        currentEpoch: epochs.current,
        lastZxid: database.tree.lastProcessedZxid,
        isCumulative: context.config.quorum.cumulative,
      },
      {
        takeTouches: () => this.#serving?.takeTouches() ?? [],
        configuration: (text) => this.#told(text),
        configurationIn: (txn, zxid) => configurationIn(database.read(zxid, txn), context),
      },
      platform.clock.monotonicMs(),
    );
    this.#runner = new EffectRunner({
      storage: database.storage,
      clock: platform.clock,
      send: (_link, packet) => this.#link?.send(packet),
      persist: (toPersist) => writeEpochs(context.epochs, toPersist),
      logged: () => {},
      persisted: (persisted) =>
        this.#step((effects) => this.#learner.persisted(persisted, effects)),
      remember: (configuration) => context.remember(configuration),
      remembered: (configuration) =>
        this.#step((effects) => this.#learner.remembered(configuration, effects)),
      appended: (bytes) => database.received(bytes),
      work: (work) => this.#work(work),
      failed: (error) => context.fatal(error),
    });
  }

  get zabState(): string {
    return this.#learner.zabState;
  }

  /** Of observers, if there are any behind us. */
  learners(): readonly LearnerInfo[] {
    return this.#observers?.learners() ?? [];
  }

  begin(): void {
    this.#connect();
    this.#scheduleTick();
  }

  #connect(): void {
    const { config, platform, times } = this.#context;
    const leader = this.#context.quorums.serverOf(this.#leaderSid);
    if (leader === undefined) {
      this.#resigned(`The leader ${this.#leaderSid} is not a member`);
      return;
    }
    const { connectToLearnerMasterLimitTicks, leaderConnectDelayDuringRetryMs } = config.quorum;
    const master = this.#context.nextObserverMaster(this.#leaderSid);
    this.#master = master?.sid ?? this.#leaderSid;
    if (master !== undefined) this.#log.info(`Observing new leader sid=${master.sid}`);
    const addresses =
      master?.addresses ?? leader.addresses.map(({ host, quorumPort: port }) => ({ host, port }));
    this.#connecting = connectToLeader({
      platform,
      addresses,
      link: linkSettings(this.#context),
      tls: this.#context.tls,
      authentication: this.#context.authentication,
      timeoutMs: times.tickTimeMs * connectToLearnerMasterLimitTicks,
      retryDelayMs: leaderConnectDelayDuringRetryMs,
      done: (error, link) => this.#connected(error, link),
    });
  }

  /** It was elected by a quorum, and found a better one just then. Java's learner calls it until its tries are used up. */
  heardVote(from: Sid, leader: Sid): void {
    if (from !== this.#leaderSid || this.#link !== undefined) return;
    reached("learner: the leader votes for another");
    this.#resigned(`${from} does not lead: it votes for ${leader}`);
  }

  #reconnect(): void {
    const link = this.#link;
    this.#link = undefined;
    link?.close("it must be synchronized anew");
    this.#connect();
  }

  end(done: () => void): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#connecting?.cancel();
    this.#serving?.stopServing();
    this.#context.metrics.removeGauge("synced_observers");
    this.#link?.close("the role ends");
    this.#abandonStream?.();
    // [R8, R12] A rebuild that has begun is carried through, so that tree and files stay one history.
    void Promise.resolve(this.#rebuilding).then(() =>
      this.#runner.stop(() => {
        this.#context.database.fastForward();
        if (this.#observers === undefined) done();
        else this.#observers.end(done);
      }),
    );
  }

  // ------------------------------------------------------------------------------------------------------------ events

  #step(event: (effects: Effects) => void): void {
    if (this.#ended) return;
    try {
      const effects = this.#runner.begin();
      event(effects);
      this.#runner.run(effects);
    } catch (error) {
      // What was held back can be as wrong as what has just come.
      if (!(error instanceof ProtocolError)) throw error;
      this.#link?.close(error.message);
    }
  }

  /** PROPOSALs and COMMITs of one chunk that follow one another are carried out in one piece. */
  #received(packet: QuorumPacket): void {
    const { type } = packet;
    const isHistory = type === QuorumPacketType.proposal || type === QuorumPacketType.commit;
    if (!isHistory || this.#serving === undefined) {
      this.#step((effects) => this.#learner.received(packet, effects));
    } else if (!this.#ended) {
      this.#learner.received(packet, this.#runner.gather());
    }
  }

  #scheduleTick(): void {
    const { clock } = this.#context.platform;
    this.#timer = clock.setTimer(this.#context.times.tickTimeMs / 2, () => {
      this.#scheduleTick();
      this.#step((effects) => this.#learner.tick(clock.monotonicMs(), effects));
    });
  }

  #connected(error: Error | undefined, link: PacketLink | undefined): void {
    if (this.#ended) {
      link?.close("the role has ended");
      return;
    }
    if (link === undefined) {
      reached("learner: no connection to the leader");
      this.#resigned(`Cannot connect to the leader: ${error?.message}`);
      return;
    }
    this.#link = link;
    const proposals = this.#context.metrics.counters.learner_proposal_received_count;
    link.start({
      received: (packet: QuorumPacket) => {
        if (packet.type === QuorumPacketType.proposal) proposals.add(1);
        else if (packet.type === QuorumPacketType.diff) {
          this.#log.info(`Getting a diff from the leader ${hex0x(packet.zxid)}`);
        }
        this.#received(packet);
      },
      chunkRead: () => this.#runner.runGathered(),
      drained: () => {},
      closed: (why: string) => {
        if (this.#link !== link) return;
        this.#abandonStream?.();
        if (!this.#ended) this.#resigned(`The connection to the leader is lost: ${why}`);
      },
    });
    this.#step((effects) => this.#learner.connected(effects));
  }

  /** NEWLEADER's configuration. Without reconfigEnabled what we go by is our own file. */
  #told(text: string): Configuration | undefined {
    try {
      const configuration = this.#context.parseConfiguration(text);
      const { version, servers } = configuration.membership;
      const sids = servers.map(({ sid }) => sid).join(",");
      this.#log.info(`The leader's configuration: version ${hex0x(version)} with servers ${sids}`);
      return configuration;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#log.warn(error.message);
      return undefined;
    }
  }

  // -------------------------------------------------------------------------------------------------------------- work

  #work(work: Work): void {
    switch (work.kind) {
      case "commit":
        this.#commit(work.zxid, work.leader);
        break;
      case "activate":
        void this.#context.activated(work.configuration);
        break;
      case "answer":
        this.#serving?.fromLeader(work.packet);
        break;
      case "truncate":
        this.#rebuild(work.zxid, () => this.#truncate(work.zxid));
        break;
      case "receiveSnapshot":
        this.#rebuild(work.zxid, () => this.#receiveSnapshot(work.zxid));
        break;
      case "reconnect":
        this.#reconnect();
        break;
      case "serve":
        this.#serve();
        break;
      case "resign":
        this.#resigned(work.why, work.leader);
        break;
      default:
        this.#context.fatal(new Error(`A learner cannot ${work.kind}`));
    }
  }

  #commit(upTo: Zxid, named: Sid | undefined): void {
    const { database, metrics } = this.#context;
    const committed = metrics.counters.learner_commit_received_count;
    this.#named = named;
    while (!this.#ended) {
      const zxid = database.nextReceived;
      if (zxid === undefined || zxid > upTo) return;
      if (this.#serving !== undefined) this.#serving.commit(zxid);
      else database.commitReceived(zxid, this.#isFuzzy);
      committed.add(1);
    }
  }

  /** `carryOut` comes back with false where nothing could be done, and nothing was touched. */
  #rebuild(zxid: Zxid, carryOut: () => Promise<boolean>): void {
    this.#rebuilding = carryOut().then(
      (isDone) => {
        this.#rebuilding = undefined;
        this.#step((effects) =>
          isDone ? this.#learner.rebuilt(zxid, effects) : this.#learner.cannotTruncate(effects),
        );
      },
      (error: unknown) => {
        this.#rebuilding = undefined;
        // [R72] Never on with a history that may be half of one.
        this.#context.fatal(error);
      },
    );
  }

  /** 3.1 c: the files first, then the tree from them. */
  async #truncate(zxid: Zxid): Promise<boolean> {
    this.#log.warn(`Truncating log to get in sync with the leader ${hex0x(zxid)}`);
    const { database } = this.#context;
    if (!(await database.storage.truncate(zxid))) {
      reached("learner: TRUNC is not possible, everything is asked for anew");
      this.#log.warn(
        `Cannot truncate the log to ${hex0x(zxid)}: no snapshot on disk is so old. Asking the leader for everything, without a vote until it is here`,
      );
      return false;
    }
    const { tree, replayed } = await this.#context.reloadTree();
    if (tree.lastProcessedZxid !== zxid) {
      const found = `Truncated to ${hex0x(zxid)}, found ${hex0x(tree.lastProcessedZxid)}`;
      throw new FatalError(ExitCode.quorumPacketError, found);
    }
    database.replaced(tree, replayed);
    return true;
  }

  /** 3.1 d: the leader's tree, then our durable snapshot of it, then nothing older. */
  async #receiveSnapshot(zxid: Zxid): Promise<boolean> {
    this.#log.info(`Getting a snapshot from leader ${hex0x(zxid)}`);
    const { database } = this.#context;
    const loader = this.#context.newLoader();
    const stream = new SnapshotStreamReader(loader, zxid);
    // [R11] Where the connection goes before the end, tree and files are as they were, and so is the role's end.
    const receiver = receiveSnapshot(this.#link, stream, () => this.#learner.progressed());
    this.#abandonStream = receiver.abandon;
    if (await receiver.whole) {
      reached("learner: SNAP is taken");
      await this.#rememberOf(loader.tree);
      await database.storage.adopt(loader.tree.beginSnapshot());
      database.replaced(loader.tree);
      this.#isFuzzy = true;
    }
    return true;
  }

  /** The tree may hold a reconfig that we do not know: what it says must be on disk before it is. */
  async #rememberOf(tree: DataTree): Promise<void> {
    const text = tree.get(CONFIG_PATH)?.data();
    const configuration = text && this.#told(text.toString("utf8"));
    if (!configuration || this.#context.quorums.knows(configuration)) return;
    await this.#context.remember(configuration);
  }

  #serve(): void {
    const { database } = this.#context;
    const isObserver = this.#isObserver;
    if (database.wasFuzzy) database.storage.startSnapshot(database.tree.beginSnapshot());
    database.wasFuzzy = false;
    const serving = new FollowingServer({
      ...this.#context.servingParts(),
      database,
      isObserver,
      master: this.#master,
      applied: (txn) => this.#observers?.committed(txn, this.#named),
      localSessions: localSessionSettings(this.#context),
      sendToLeader: (packet) => this.#link?.send(packet),
    });
    this.#serving = serving;
    this.#context.serve(serving);
    if (isObserver) {
      this.#context.observerMasterServes(this.#master);
      return;
    }
    const { config, metrics } = this.#context;
    const servesObservers = config.quorum.observerMasterPort > 0;
    if (servesObservers) {
      this.#observers = new ObserverDoor(this.#context, this.#learner.epoch, serving);
    }
    // A follower that serves none has no such number in Java: `mntr` leaves it out, Prometheus is told 0.
    if (servesObservers || metrics.provider === "prometheus") {
      metrics.gauge("synced_observers", () => this.learners().filter((one) => one.isSynced).length);
    }
  }
}
