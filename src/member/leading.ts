// The leader's role: listens for learners, drives quorum/leader.ts, and serves clients once a quorum follows.
// Java: Leader.lead, LearnerCnxAcceptor.

import type { LearnerInfo } from "../admin/admin-context.js";
import type { HostPort } from "../config/server-spec.js";
import { reached } from "../marks.js";
import type { Counter } from "../metrics/instruments.js";
import type { EnsembleView } from "../operations/operation.js";
import type { PacketLink } from "../peer/packet-link.js";
import type { Agreement } from "../pipeline/agreement.js";
import type { Proposal } from "../pipeline/proposal.js";
import type { Logger, Timer } from "../platform/platform.js";
import { Queue } from "../queue.js";
import { Configuration } from "../quorum/configuration.js";
import { VOTER_CHANGED_MIND } from "../quorum/discovery.js";
import type { Effects, LinkId, Work } from "../quorum/effects.js";
import { Leader } from "../quorum/leader.js";
import { hex0x, type Sid, type Zxid } from "../wire/ids.js";
import { QuorumPacketType } from "../wire/op-codes.js";
import type { QuorumPacket } from "../wire/records.js";
import { configurationIn } from "./configuration.js";
import { EffectRunner, writeEpochs } from "./effect-runner.js";
import { LearnerQueues, ProposalSizes, registerLeaderGauges } from "./leader-metrics.js";
import { LeadingServer } from "./leading-server.js";
import { LearnerHub } from "./learner-hub.js";
import { localSessionSettings, type MemberContext, type Resigned, type Role } from "./role.js";

export class Leading implements Role {
  readonly #context: MemberContext;
  readonly #log: Logger;
  readonly #resigned: Resigned;
  readonly #leader: Leader;
  readonly #runner: EffectRunner;
  #hub: LearnerHub | undefined;
  #timer: Timer | undefined;
  #serving: LeadingServer | undefined;
  #commit: ((proposal: Proposal) => void) | undefined;
  /** Proposed and not committed, in zxid order. */
  readonly #proposals = new Queue<Proposal>();
  #ended = false;
  readonly #sizes = new ProposalSizes();
  readonly #proposed: Counter;
  readonly #commits: Counter;
  readonly #queues: LearnerQueues;
  #removeGauges: (() => void) | undefined;
  /** An operator's state is to take the place of ours: nothing is proposed any more, and then the role ends. */
  #replace: (() => Promise<void>) | undefined;
  #replacing: Promise<void> | undefined;

  constructor(
    context: MemberContext,
    electedBy: readonly Sid[],
    epochs: { accepted: number; current: number },
    resigned: Resigned,
  ) {
    this.#context = context;
    this.#resigned = resigned;
    this.#log = context.platform.log.child("Leader");
    this.#proposed = context.metrics.counters.proposal_count;
    this.#commits = context.metrics.counters.commit_count;
    this.#queues = new LearnerQueues(context.metrics, context.platform.clock);
    const { sid, quorums, times, database, config } = context;
    this.#leader = new Leader(
      {
        sid,
        quorums,
        times,
        acceptedEpoch: epochs.accepted,
        currentEpoch: epochs.current,
        lastZxid: database.tree.lastProcessedZxid,
        electedBy,
        epochPatienceMs: config.quorum.leaderMaxTimeToWaitForEpochMs,
        isCumulative: config.quorum.cumulative,
      },
      {
        history: () => database.history(),
        fromLearner: (from, link, packet) => this.#serving?.fromLearner(from, link, packet),
      },
      this.#nowMs(),
    );
    this.#runner = new EffectRunner({
      storage: database.storage,
      clock: context.platform.clock,
      send: (link, packet) => this.#hub?.send(link, packet),
      propose: (links, proposals) => this.#hub?.propose(links, proposals),
      persist: (toPersist) => writeEpochs(context.epochs, toPersist),
      logged: (zxid) => this.#step((effects) => this.#leader.logged(zxid, effects)),
      persisted: (persisted) => this.#step((effects) => this.#leader.persisted(persisted, effects)),
      remember: (configuration) => context.remember(configuration),
      remembered: (configuration) =>
        this.#step((effects) => this.#leader.remembered(configuration, effects)),
      work: (work) => this.#work(work),
      failed: (error) => context.fatal(error),
    });
  }

  get zabState(): string {
    return this.#leader.zabState;
  }

  learners(): readonly LearnerInfo[] {
    return [...this.#leader.learners()].flatMap((learner) => {
      const { link: id, sid, isObserver, lastZxid, ackedZxid } = learner;
      const link = this.#hub?.get(id);
      const isSynced = learner.phase === "synced";
      return link === undefined ? [] : [{ link, sid, isObserver, isSynced, lastZxid, ackedZxid }];
    });
  }

  heardLooking(sid: Sid): void {
    this.#step((effects) => this.#leader.isLooking(sid, this.#nowMs(), effects));
  }

  heardVote(from: Sid, leader: Sid): void {
    if (leader !== this.#context.sid) this.#step((effects) => this.#leader.hasLost(from, effects));
  }

  begin(): void {
    this.#hub = new LearnerHub({
      context: this.#context,
      log: this.#log,
      addresses: this.#quorumAddresses(),
      tree: () => this.#context.database.tree,
      connected: (id) => this.#leader.connected(id),
      received: (id, packet) => this.#received(id, packet),
      chunkRead: () => this.#runner.runGathered(),
      progressed: (id) => this.#leader.progressed(id),
      disconnected: (id) => this.#disconnected(id),
      sent: (id, link, packet) => this.#sent(id, link, packet),
      proposed: (id, link, count) => this.#queues.sent(id, link, this.#leader, count),
      ready: (error) => {
        if (error !== undefined && !this.#ended) this.#resigned(error.message);
      },
    });
    this.#scheduleTick();
    this.#step((effects) => this.#leader.begin(effects));
  }

  /**
   * When all that was proposed is committed and logged, `replace` is called, once. Until it is done this server leads, so that
   * nobody elects another one meanwhile; then it resigns, and by what it has now it is elected again. False: it serves nobody.
   */
  replaceState(replace: () => Promise<void>): boolean {
    if (this.#serving === undefined || this.#ended) return false;
    this.#context.serve(undefined);
    this.#serving.stopServing();
    this.#serving = undefined;
    this.#replace = replace;
    this.#replaceIfAtRest();
    return true;
  }

  #replaceIfAtRest(): void {
    const replace = this.#replace;
    if (replace === undefined || this.#proposals.length > 0) return;
    this.#replace = undefined;
    this.#runner.whenLogged(() => {
      if (this.#ended) return;
      this.#replacing = replace().then(
        () => this.#resigned("its state is replaced by a snapshot"),
        (error: unknown) => this.#context.fatal(error),
      );
    });
  }

  end(done: () => void): void {
    // Tree and files are being replaced: what is half of one must not be seen.
    if (this.#replacing === undefined) this.#end(done);
    else void this.#replacing.then(() => this.#end(done));
  }

  #end(done: () => void): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#serving?.stopServing();
    this.#removeGauges?.();
    this.#hub?.closeAll("the leader resigns");
    const { database } = this.#context;
    const finish = () => {
      // What waited behind a reconfig was never logged.
      const { appendedZxid } = database.storage;
      const logged = this.#proposals.toArray().filter(({ zxid }) => zxid <= appendedZxid);
      database.fastForward(logged);
      done();
    };
    this.#runner.stop(() => {
      if (this.#hub === undefined) finish();
      else this.#hub.end("the leader resigns", finish);
    });
  }

  // ------------------------------------------------------------------------------------------------------------ events

  #nowMs(): number {
    return this.#context.platform.clock.monotonicMs();
  }

  #step(event: (effects: Effects) => void): void {
    if (this.#ended) return;
    const effects = this.#runner.begin();
    event(effects);
    this.#runner.run(effects);
  }

  /** As `#step`, without a function for each packet. What requests of one chunk lead to is sent and logged in one piece. */
  #received(id: LinkId, packet: QuorumPacket): void {
    if (this.#ended) return;
    if (packet.type === QuorumPacketType.request) {
      this.#leader.received(id, packet, this.#runner.gather());
      return;
    }
    const effects = this.#runner.begin();
    this.#leader.received(id, packet, effects);
    this.#runner.run(effects);
  }

  #scheduleTick(): void {
    const intervalMs = this.#context.times.tickTimeMs / 2;
    this.#timer = this.#context.platform.clock.setTimer(intervalMs, () => {
      this.#scheduleTick();
      this.#step((effects) => this.#leader.tick(this.#nowMs(), effects));
    });
  }

  #disconnected(id: LinkId): void {
    this.#queues.gone(id);
    this.#step((effects) => this.#leader.disconnected(id, effects));
    this.#serving?.learnerGone(id);
  }

  #sent(id: LinkId, link: PacketLink, { type }: QuorumPacket): void {
    this.#queues.sent(id, link, this.#leader);
    if (type === QuorumPacketType.snap && this.#serving !== undefined) {
      reached("leader: a snapshot is sent while it serves");
    }
  }

  // -------------------------------------------------------------------------------------------------------------- work

  #work(work: Work): void {
    switch (work.kind) {
      case "commit":
        this.#commitUpTo(work.zxid);
        break;
      case "serve":
        this.#serve(work.epoch);
        break;
      case "confirmed":
        this.#confirmed(work.upTo);
        break;
      case "activate":
        void this.#context.activated(work.configuration);
        break;
      case "closeLink":
        this.#hub?.close(work.link, work.why);
        break;
      case "resign":
        if (work.why === VOTER_CHANGED_MIND) {
          this.#context.metrics.counters.quit_leading_due_to_disloyal_voter.add(1);
        }
        this.#resigned(work.why, work.leader);
        break;
      default:
        this.#context.fatal(new Error(`A leader cannot ${work.kind}`));
    }
  }

  #commitUpTo(zxid: Zxid): void {
    const { database } = this.#context;
    // A client at another member waits for the COMMIT, and none is behind it: it does not wait for our own tree.
    if (this.#proposals.last?.zxid === zxid) this.#hub?.flush();
    for (let last = 0; last !== zxid && !this.#ended; ) {
      const proposal = this.#proposals.take();
      if (proposal === undefined || proposal.zxid > zxid || this.#commit === undefined) {
        this.#context.fatal(new Error(`Cannot commit ${hex0x(zxid)}: it is not proposed`));
        return;
      }
      this.#commit(proposal);
      this.#commits.add(1);
      last = proposal.zxid;
      database.committed(proposal.zxid, proposal.bytes);
    }
    this.#replaceIfAtRest();
  }

  #serve(epoch: number): void {
    const { database } = this.#context;
    // (epoch, 0) is our last zxid from here on: not before a quorum has our history (R24).
    database.tree.lastProcessedZxid = this.#leader.newLeaderZxid;
    this.#log.info(
      `Have quorum of supporters; starting up and setting last processed zxid: ${hex0x(this.#leader.newLeaderZxid)}, epoch ${epoch}`,
    );
    const serving = new LeadingServer({
      ...this.#context.servingParts(),
      localSessions: localSessionSettings(this.#context),
      takesClients: this.#context.config.quorum.leaderServes,
      serverState: "leader",
      peerState: "leading - broadcast",
      agreement: (commit) => this.#agreement(commit),
      ensemble: this.#ensembleView(),
      sizes: this.#sizes,
      sendToLearner: (link, packet) => this.#hub?.get(link)?.send(packet),
      whenCommitted: (done) => this.#whenCommitted(done),
    });
    this.#serving = serving;
    const servingMs = this.#nowMs();
    this.#removeGauges = registerLeaderGauges(this.#context.metrics, {
      leader: this.#leader,
      sizes: this.#sizes,
      isVoter: ({ sid }) => this.#context.quorums.committed.verifier.votingMembers.has(sid),
      pendingSyncs: () => this.#syncs.length,
      uptimeMs: () => Math.floor(this.#nowMs() - servingMs),
    });
    this.#context.serve(serving);
  }

  /** What a reconfig looks at. */
  #ensembleView(): EnsembleView {
    const { quorums, config } = this.#context;
    const { reconfiguration } = this.#leader;
    const log = this.#context.platform.log.child("PrepRequestProcessor");
    return {
      get committedVersion() {
        return quorums.committed.version;
      },
      get lastSeen() {
        return reconfiguration.lastSeen.membership;
      },
      standaloneEnabled: config.quorum.standaloneEnabled,
      membershipOptions: config.quorum,
      isQuorumSynced: (membership) => reconfiguration.isQuorumSynced(new Configuration(membership)),
      refused: (why) => log.warn(why),
    };
  }

  #agreement(commit: (proposal: Proposal) => void): Agreement {
    const outstanding = () => this.#proposals.length;
    this.#commit = commit;
    return {
      get outstanding() {
        return outstanding();
      },
      propose: (proposal) => {
        // What is never logged must not be taken for history when the role ends.
        if (this.#ended || this.#serving === undefined) return;
        this.#proposals.push(proposal);
        const { zxid, bytes } = proposal;
        this.#sizes.add(bytes.length);
        this.#proposed.add(1);
        const configuration = configurationIn(bytes, this.#context);
        const proposed = configuration ? { zxid, bytes, configuration } : proposal;
        const { gathered } = this.#runner;
        const effects = gathered ?? this.#runner.begin();
        this.#leader.propose(proposed, effects);
        if (gathered === undefined) this.#runner.run(effects);
      },
      whenIdle: (done) => this.#runner.whenLogged(done),
    };
  }

  // ------------------------------------------------------------------------------------------------------------- syncs

  /** Learners' syncs that wait for what was proposed before them, and for proof that we lead, in order. */
  #syncs: { readonly question: number; readonly done: () => void }[] = [];

  #whenCommitted(done: () => void): void {
    this.#step((effects) => {
      this.#syncs.push({ question: this.#leader.confirmLeadership(effects), done });
    });
  }

  #confirmed(upTo: number): void {
    while (this.#syncs[0] !== undefined && this.#syncs[0].question <= upTo)
      this.#syncs.shift()!.done();
  }

  #quorumAddresses(): HostPort[] {
    const own = this.#context.quorums.serverOf(this.#context.sid);
    return (own?.addresses ?? []).map(({ host, quorumPort: port }) => ({ host, port }));
  }
}
