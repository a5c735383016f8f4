// Every limit that is not a setting, with its reason. Settings that are limits (jute.maxbuffer, globalOutstandingLimit …)
// live in src/config with ZooKeeper's names and defaults.

/** A snapshot or log record of ours or Java's may be this long: a damaged length must not make us allocate the machine. */
export const STORED_RECORD_MAX_BYTES = 256 * 1024 * 1024;

/** A four-letter word's answer to a large server is cut into writes of this size, so that no other client waits for it. */
export const TEXT_CHUNK_BYTES = 64 * 1024;

/** Metrics by namespace get their keys from the paths that clients use: a client must not be able to fill the memory with names. */
export const METRIC_KEYS_MAX = 10_000;

/**
 * One write to the transaction log takes at most this much (or one record, where that is longer); what was gathered beyond
 * it goes with the next. Bounds memory, and bounds what a power cut may have torn: recovery takes damage for a torn write
 * only this far from the log's end.
 */
export const LOG_WRITE_MAX_BYTES = 1024 * 1024;

/** Java syncs its log at least once in so many transactions (or maxBatchSize, where that is more), we in LOG_WRITE_MAX_BYTES. */
export const LOG_SYNC_MAX_TXNS = 1000;

/** How much of the log's file is given blocks at a time. More would hold up the sync that does it. */
export const LOG_FILL_BYTES = 256 * 1024;

/** Log and snapshot files are read in pages of this size (and longer ones where a record is longer). */
export const STORAGE_READ_PAGE_BYTES = 1024 * 1024;

/**
 * Of 65 535 pages that a tree's rows may take (znode-table.ts), some 140 million znodes: with more, a create is refused
 * (SystemError). Names of more than 32 KB take a page each. What is prepared and not yet applied has the rest: 600 MB of such names.
 */
export const TREE_PAGES_MAX = 45_000;

/**
 * Containers, TTL nodes, and ephemerals of one session: with so many, a create of one more is refused (SystemError). Each are in
 * a Set, which has room for 16.7 million.
 */
export const OWNED_NODES_MAX = 15_000_000;

/** Smaller snapshots are read before another thread has begun. */
export const READ_AHEAD_MIN_BYTES = 16 * 1024 * 1024;

/** How many pages of a snapshot another thread may be ahead: some megabytes, and enough for neither to wait for the other. */
export const READ_AHEAD_MAX_PAGES = 4;
export const READ_AHEAD_PAGE_BYTES = 512 * 1024;

/** What a snapshot serializes in one turn of the loop: a third of a millisecond that requests wait; less where it is compressed. */
export const SNAPSHOT_SLICE_BYTES = 128 * 1024;
export const SNAPSHOT_COMPRESSED_SLICE_BYTES = 32 * 1024;

/** So many times as much where turns are long (snapshot-pace.ts): a millisecond of four or more. */
export const SNAPSHOT_SLICE_GROWTH = 4;

/**
 * A snapshot is synced each time it has grown by this much: so much of it the log's syncs wait for at the most (or a slice, where it is
 * larger), and with them every write. It takes no longer for that: of a write and its sync the platform makes one call.
 */
export const SNAPSHOT_SYNC_BYTES = 128 * 1024;

/**
 * Where such a sync takes longer than SNAPSHOT_SYNC_SLOW_MS the next is for twice as much, up to this: on a slow disk small ones would
 * make a snapshot many times as long.
 */
export const SNAPSHOT_SYNC_MAX_BYTES = 2 * 1024 * 1024;
export const SNAPSHOT_SYNC_SLOW_MS = 10;

/**
 * From here on the next snapshot waits for as much log as snapshot.minLogPercent says: below, writing it anew costs little. And a
 * server with one rehearses as soon as it serves (rehearsal.ts).
 */
export const LARGE_SNAPSHOT_MIN_BYTES = 16 * 1024 * 1024;

/**
 * Paths that have changed since the last checkpoint are remembered, up to so many; a checkpoint is due when there are half as
 * many, and where there are more all the same the next one is written whole. At some 150 bytes each.
 */
export const CHECKPOINT_CHANGES_MAX = 262_144;

/** What a checkpoint writes in one turn: putting a record into its place costs several times what writing it to a file does. */
export const CHECKPOINT_SLICE_BYTES = 32 * 1024;

/** What a checkpoint that is written whole puts into one transaction: pages are written once, and a sync holds up the log's. */
export const CHECKPOINT_COMMIT_BYTES = 2 * 1024 * 1024;

/** Lists of children that are kept as replies have them, all together. */
export const CHILD_NAMES_KEPT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * So much may wait for one client to read it before its requests are no longer read and its waiting reads no longer answered.
 * More than any sensible number of pipelined replies, less than a socket buffer or two: a client that reads never notices.
 */
export const CLIENT_BACKLOG_PAUSE_BYTES = 1024 * 1024;

/**
 * With so many bytes of watch events waiting, a client is closed when there is more to tell it: it has watches that fire,
 * and does not read. (Replies are bounded by not reading its requests.)
 */
export const CLIENT_BACKLOG_MAX_BYTES = 64 * 1024 * 1024;

/**
 * What may wait for all clients of a server together to read it: beyond, the connection for which most waits is closed. A storm of
 * events to ten thousand clients that read comes to some of it for a moment; only a crowd that does not read gets there.
 */
export const CLIENT_BACKLOGS_MAX_BYTES = 1024 * 1024 * 1024;

/**
 * The answer to a multiRead: when what its parts have given is longer than this (or than jute.maxbuffer with its extra size, where
 * that is larger), there is no further part, but -5 for the whole. Each part may be a megabyte, and one request has room for
 * fifty thousand. Clients take a megabyte unless they are told otherwise.
 */
export const MULTI_READ_REPLY_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Watches may take this part of the JavaScript heap (some ten million of them in 4 GB), all together; when they take more, the
 * connection that has most is closed. They want no permission, and not even a node: with nothing else, any client could fill
 * the heap and so end the process.
 */
export const WATCHES_HEAP_SHARE = 0.5;

/** A connection that is to be closed once its last reply is sent is closed anyway after this: a peer need not read it. */
export const CLIENT_CLOSING_MAX_MS = 10_000;

/**
 * A server that stops gives its clients so long to take what is written to them, then closes their connections, and after as
 * long again goes on without hearing that they are closed: one client that does not read must not keep a server from restarting.
 */
export const CLIENTS_STOP_MAX_MS = 2000;

/**
 * So many requests a turn of the loop takes from whoever is first (a few milliseconds' work), and so many from each connection
 * beyond that: what more one has sent waits for later turns, and a client with a single request never waits behind it.
 */
export const TURN_FRAMES = 512;
export const CONNECTION_TURN_FRAMES = 32;

/**
 * Requests of which one may take long (lists, counts, multi) are taken from a connection for so long a turn, and what more it has
 * sent waits for another: others would wait for all of it.
 */
export const CONNECTION_TURN_MAX_MS = 20;

/**
 * A client's identities come from `auth` packets, each of which adds some: no sensible client has more, and each request
 * may have to look at all of them.
 */
export const CLIENT_IDENTITIES_MAX = 1000;

/**
 * An ACL's `auth` stands for all identities of the client, as often as it is said: forty thousand times in one request. A list
 * of more entries than this fits into no transaction that Java could read.
 */
export const ACL_ENTRIES_MAX = 200_000;

/**
 * The limits of a quota, which each create and setData below it reads (enforceQuota): four numbers. A longer text is as little to be
 * read as one that says nothing.
 */
export const QUOTA_TEXT_MAX_BYTES = 4096;

/** Requests that wait in the throttle (request_throttle_max_requests) are kept with their bodies: together at most this. */
export const THROTTLE_QUEUE_MAX_BYTES = 256 * 1024 * 1024;

/** A learner that missed more than this gets a snapshot: what is read from the log for it stays in memory until it is sent. */
export const LOG_SYNC_MAX_BYTES = 64 * 1024 * 1024;
// Between members.

/** A notification is a vote and the configuration: Java's PACKETMAXSIZE, above which it hangs up as we do. */
export const ELECTION_MESSAGE_MAX_BYTES = 512 * 1024;

/** The addresses with which a member introduces itself on the election port: Java's maxBuffer. */
export const ELECTION_ADDRESSES_MAX_BYTES = 2048;

/**
 * So many lines a second are logged of connections that come to nothing, by each of the doors; of what is more, only the number.
 * Enough to see what happens, too little to fill a disk.
 */
export const STRANGERS_LINES_PER_SECOND = 50;

/**
 * So many connections to the election port, or to the quorum port, may be open without having said who they are; for the next
 * one the oldest of the address that has most is closed. An ensemble has a few dozen members: only a port scan or an attack
 * comes near.
 */
export const UNIDENTIFIED_CONNECTIONS_MAX = 256;

/**
 * Servers that are not in our configuration may connect (they may know a later one), and are remembered while they are
 * connected. So many of them: anybody can claim any id.
 */
export const ELECTION_STRANGERS_MAX = 64;

/**
 * A leader takes learners that its configuration does not name: they may be about to join. So many of them, because anybody
 * can claim any id, and each may have a snapshot and a queue (LINK_QUEUE_MAX_BYTES) of its own.
 */
export const LEARNER_STRANGERS_MAX = 64;

/**
 * A token of SASL between members, or of Kerberos from a client: tickets with many groups come to some ten kilobytes, and
 * Windows makes none of more than 64 KB.
 */
export const SASL_TOKEN_MAX_BYTES = 64 * 1024;

/** More than a client of ours may have (CLIENT_IDENTITIES_MAX), since a Java follower has no limit; a count to allocate for. */
export const QUORUM_PACKET_IDENTITIES_MAX = 10_000;

/** All identities of one quorum packet together; Java limits each string only. */
export const QUORUM_PACKET_AUTHINFO_MAX_BYTES = 4 * 1024 * 1024;

/**
 * What is handed to the system for one member at a time. Large enough that a drain's round through the loop costs nothing,
 * small enough that a slow but living member is seen to make progress.
 */
export const LINK_WRITE_MAX_BYTES = 256 * 1024;

/**
 * What may wait for one member: all that is proposed while it receives a snapshot, too. A member that is further behind
 * than this is closed and comes again, to be synced from the log.
 */
export const LINK_QUEUE_MAX_BYTES = 512 * 1024 * 1024;

/** What may wait for all learners of a server together: beyond, the one for whom most waits is closed and comes again. */
export const LINK_QUEUES_MAX_BYTES = 1024 * 1024 * 1024;

/**
 * A leader with local sessions remembers so many that have been closed: a hundred seconds of a thousand a second, longer than a
 * learner may be silent.
 */
export const CLOSED_SESSIONS_REMEMBERED = 100_000;

// TLS.

/**
 * TLS handshakes of clients under way at one time, whatever netty.server.outstandingHandshake.limit says: each keeps some 60 KB
 * in OpenSSL. A fleet that comes back at once is let in as fast as its signatures are made; what comes on top is closed and
 * comes again.
 */
export const TLS_HANDSHAKES_MAX = 2048;

/** A list of revoked certificates: those of the largest public authorities have some MB. */
export const REVOCATION_LIST_MAX_BYTES = 32 * 1024 * 1024;

/** So many lists are kept: an ensemble has one or two authorities. */
export const REVOCATION_LISTS_MAX = 64;

// HTTP: commands and metrics.

/** Request line and headers together: Jetty's requestHeaderSize. */
export const HTTP_HEAD_MAX_BYTES = 8192;

/** No command needs a body: so much of one is passed over to keep the connection, a longer one costs it. */
export const HTTP_BODY_MAX_BYTES = 64 * 1024;

/**
 * Java has at most 200 threads to answer with. Whoever scrapes or asks needs a few connections; for one that comes on top the
 * oldest of the address that has most is closed.
 */
export const HTTP_CONNECTIONS_MAX = 256;

/** Metrics for Prometheus are made so many characters a turn: each quantile sorts a sample. */
export const METRICS_PIECE_LENGTH = 1024;

/** The page shows so many rows of a list at a time: more cannot be read, and a server has thousands of sessions. */
export const PAGE_ROWS = 100;

/** The page lists so many children of a node: skipping more of a million would be felt by clients. Others are asked for by path. */
export const PAGE_CHILDREN_SKIPPED_MAX = 10_000;

/** The page shows so much of a node's data. */
export const PAGE_DATA_MAX_BYTES = 16 * 1024;

/** What a member answers to srvr is half a kilobyte. */
export const PROBE_ANSWER_MAX_BYTES = 4096;

/** Of a snapshot that is sent to be restored, so much may wait for the disk before no more of it is read. */
export const SNAPSHOT_INCOMING_UNWRITTEN_MAX_BYTES = 4 * 1024 * 1024;
