// The one value that says how this server is to run: made once at the start, checked, frozen, never changed.
//
// A setting is found as config.<group>.<field>: the field is ZooKeeper's name in camel case with its unit at the end
// (`tickTime` is config.session.tickTimeMs, `jute.maxbuffer` is config.limits.juteMaxBufferBytes). The rows of settings/*.ts
// are the list; below stands only what is made of several of them.

import type { Sid } from "../wire/ids.js";
import type { Membership } from "./membership.js";
import type { Role } from "./server-spec.js";
import type { Groups } from "./table.js";

type With<Base, Changes> = Omit<Base, keyof Changes> & Changes;

export interface Config extends Omit<Groups, "storage" | "session" | "limits" | "auth" | "quorum"> {
  readonly session: Groups["session"];
  readonly storage: With<
    Groups["storage"],
    {
      /** As it was written: relative paths count from the working directory, as in Java. */
      readonly dataDir: string;
      /** dataDir when it was left out. */
      readonly dataLogDir: string;
      readonly maxWriteQueuePollTimeMs: number;
    }
  >;
  readonly limits: With<Groups["limits"], { readonly juteMaxBufferExtraSizeBytes: number }>;
  readonly auth: Groups["auth"] & {
    /** superUser and superUser.N: principals that may do everything. */
    readonly superUsers: readonly string[];
    /** authProvider.N: Java classes of further schemes. */
    readonly authProviders: readonly AuthProvider[];
  };
  readonly quorum: With<Groups["quorum"], { readonly peerType: Role }>;

  /** The file, as it was named; undefined when there were only arguments. */
  readonly configFile: string | undefined;
  /** Its text, for those who ask what the server was started with. */
  readonly configText: string;
  /** The number in dataDir/myid; a standalone server needs none. */
  readonly myid: Sid | undefined;
  /** Several voters, or one with standaloneEnabled=false: quorum and election run. */
  readonly distributed: boolean;
  readonly membership: Membership;
  /** A reconfig that was proposed and not committed when the server stopped: <configFile>.dynamic.next. */
  readonly nextMembership: Membership | undefined;
  /** System properties as Java would have them: -D, then what zoo.cfg added or overwrote. */
  readonly properties: ReadonlyMap<string, string>;
  /** Keys of the metrics provider, without metricsProvider. */
  readonly metricsProviderProperties: ReadonlyMap<string, string>;
}

export interface AuthProvider {
  /** The property's name without zookeeper.authProvider. */
  readonly name: string;
  readonly className: string;
}

/** A line for the server's log, from the time before it had one; Java's class is QuorumPeerConfig. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The lines of `log` that an operator should see: warnings and errors. */
  readonly warnings: readonly string[];
  /** Everything Java says while it reads its configuration, in its order. */
  readonly log: readonly LogLine[];
}

/** Freezes what is in a value, all the way down. Maps are wrapped so that they refuse changes. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    const refuse = () => {
      throw new TypeError("Cannot change the configuration: it is frozen");
    };
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
  }
  Object.freeze(value);
  for (const one of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(one);
  return value;
}
