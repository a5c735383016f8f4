// What we say we are.
//
// The version is that of the ZooKeeper release whose behaviour this server has: clients and agents look at it and decide
// what they may ask for, with expressions like `Zookeeper version: (\d+\.\d+\.\d+)`. Where Java puts the hash of the
// commit, between the version and the comma, stands our own name and version.

/** The release that is matched. */
export const ZOOKEEPER_VERSION = "3.9.5";

/** As package.json has it. */
export const ZOOID_VERSION = "0.1.0";

const BUILT_ON = "2026-11-21 07:00 UTC";

/** Java: Version.getFullVersion. */
export const FULL_VERSION = `${ZOOKEEPER_VERSION}-zooid-${ZOOID_VERSION}, built on ${BUILT_ON}`;
