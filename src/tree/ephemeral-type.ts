// What a znode's ephemeralOwner says besides a session: containers and TTL nodes hide in it. Java: EphemeralType and
// EphemeralTypeEmulate353.
//
// Only the highest bit: a container. With extended types enabled, 0xff in the highest byte and zeros in the next two: a TTL
// node, its TTL in the five bytes that follow; and, to read trees of ZooKeeper 3.5.3, any other negative value.
// Everything else that is not 0 is a session's id. Values are signed 64-bit integers.

/** `unknown`: an extended feature that nobody has defined yet. Java throws; a txn in the log must never stop a server. */
export const NodeKind = { persistent: 0, ephemeral: 1, container: 2, ttl: 3, unknown: 4 } as const;
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind];

/** The part of the configuration that decides how an ephemeralOwner is read. */
export interface EphemeralTypeSettings {
  readonly extendedTypesEnabled: boolean;
  readonly emulate353TtlNodes: boolean;
}

export const CONTAINER_OWNER = -(2n ** 63n);
/** 0xff00… as a signed number. */
const EXTENDED_MASK = -(2n ** 56n);
const EXTENDED_FEATURE_MASK = 0x00ffff0000000000n;
const EXTENDED_VALUE_MASK = 0x000000ffffffffffn;

/** The longest TTL: 40 bits of milliseconds, about 34 years. */
export const TTL_MAX_MS = 0xffffffffff;

export function nodeKindOf(owner: bigint, settings: EphemeralTypeSettings): NodeKind {
  if (owner === 0n) return NodeKind.persistent;
  if (owner === CONTAINER_OWNER) return NodeKind.container;
  if (owner < 0n && settings.extendedTypesEnabled) {
    if (settings.emulate353TtlNodes) return NodeKind.ttl;
    if (owner >= EXTENDED_MASK) {
      return (owner & EXTENDED_FEATURE_MASK) === 0n ? NodeKind.ttl : NodeKind.unknown;
    }
  }
  return NodeKind.ephemeral;
}

/** The ephemeralOwner of a node with this TTL, or undefined when it is out of range. */
export function ttlOwner(ttlMs: bigint): bigint | undefined {
  if (ttlMs <= 0n || ttlMs > BigInt(TTL_MAX_MS)) return undefined;
  return EXTENDED_MASK | ttlMs;
}

/** The TTL that the owner of a TTL node carries; 0 for none, which never expires. */
export function ttlMsOf(owner: bigint): number {
  return Number(owner & EXTENDED_VALUE_MASK);
}
