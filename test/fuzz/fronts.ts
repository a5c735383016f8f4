// All that is fuzzed, by name, and of a hundred inputs how many each is thrown.

import type { Front } from "./campaign.js";
import { hostileClientFront } from "./hostile-client.js";
import { leaderFront } from "./hostile-leader.js";
import { learnerFront } from "./hostile-learner.js";
import { clientFront, httpFront, membersFront } from "./ports.js";
import { saslFront } from "./sasl-port.js";
import { httpsFront, membersTlsFront, tlsFront } from "./tls-ports.js";

export interface Fuzzed {
  /** What must be so, as the test says it. */
  readonly holds: string;
  readonly share: number;
  readonly open: () => Promise<Front>;
  /** Programs that it needs, beside the server. */
  readonly needs?: readonly "openssl"[];
}

export const FRONTS: Readonly<Record<string, Fuzzed>> = {
  client: {
    holds: "Zooid serves on after frames that are none, on the client port",
    share: 40,
    open: clientFront,
  },
  members: {
    holds: "Members serve on after what no member would send them",
    share: 13,
    open: membersFront,
  },
  http: {
    holds: "Commands and metrics answer on after requests that are none",
    share: 10,
    open: httpFront,
  },
  tls: {
    holds: "Zooid serves on after broken TLS, and broken frames in right TLS",
    share: 6,
    open: tlsFront,
    needs: ["openssl"],
  },
  https: {
    holds: "Commands and metrics answer on after broken TLS, and broken requests in right TLS",
    share: 3,
    open: httpsFront,
    needs: ["openssl"],
  },
  "members-tls": {
    holds: "Members serve on after broken TLS, and broken packets in right TLS",
    share: 4,
    open: membersTlsFront,
    needs: ["openssl"],
  },
  sasl: {
    holds: "Zooid serves on after SASL tokens that are none",
    share: 4,
    open: saslFront,
  },
  "hostile-client": {
    holds: "Zooid serves on beside a client that knows the password and means no good",
    share: 3,
    open: hostileClientFront,
  },
  "hostile-learner": {
    holds: "Members serve on beside a learner that knows the password and means no good",
    share: 13,
    open: learnerFront,
  },
  "hostile-leader": {
    holds: "A member follows the next leader after one that meant no good",
    share: 4,
    open: leaderFront,
  },
};
