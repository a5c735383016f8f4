// Time and sessions: the tick from which all other times are made, and how long a session may be silent.

import { flag, InvalidValue, int } from "../setting.js";

export const sessionSettings = {
  tickTimeMs: int({
    name: "tickTime",
    place: "file",
    fallback: 3000,
    unit: "ms",
    about:
      "The tick. Sessions expire on its multiples, initLimit and syncLimit count in it, and the session time-outs are made of it (2 to 20 ticks). Smaller finds dead servers sooner and takes slow ones for dead.",
    adjust: (value) => {
      if (value > 0) return value;
      throw new InvalidValue("tickTime is not set", "must be at least 1");
    },
  }),
  minSessionTimeoutMs: int({
    name: "minSessionTimeout",
    place: "file",
    fallback: -1,
    unit: "ms",
    about: "Shortest session time-out a client can get; -1: 2 x tickTime.",
  }),
  maxSessionTimeoutMs: int({
    name: "maxSessionTimeout",
    place: "file",
    fallback: -1,
    unit: "ms",
    about:
      "Longest session time-out a client can get; -1: 20 x tickTime. A client that asks for more gets this and is expired earlier than it thinks, unless it looks at what it got.",
  }),
  localSessionsEnabled: flag({
    name: "localSessionsEnabled",
    place: "file",
    fallback: false,
    about:
      "Sessions that never create ephemeral nodes stay on their server and cost the ensemble no write. A local session is lost when its client moves to another server.",
  }),
  localSessionsUpgradingEnabled: flag({
    name: "localSessionsUpgradingEnabled",
    later: true,
    place: "file",
    fallback: false,
    about:
      "A local session that creates an ephemeral node is made a global one. Off, that create fails.",
  }),
} as const;
