// Every limit that is not a setting, with its reason. Settings that are limits (jute.maxbuffer, globalOutstandingLimit …)
// live in src/config with ZooKeeper's names and defaults.

/** A snapshot or log record of ours or Java's may be this long: a damaged length must not make us allocate the machine. */
export const STORED_RECORD_MAX_BYTES = 256 * 1024 * 1024;

/** A four-letter word's answer to a large server is cut into writes of this size, so that no other client waits for it. */
export const TEXT_CHUNK_BYTES = 64 * 1024;

/** Metrics by namespace get their keys from the paths that clients use: a client must not be able to fill the memory with names. */
export const METRIC_KEYS_MAX = 10_000;
