// A crowd that means no good, from many addresses (127.x.y.z), at one server:
// `node dist/test/faults/flooder.js PORT SEED [ELECTION-PORT QUORUM-PORT]`, the latter two where the ports take TLS as well. It stops
// when it is told to (SIGTERM), and prints what it has done.
//
//   connections that say nothing · connections that come and go · handshakes · frames that are never finished · requests
//   without end, whose answers nobody reads · watches, and what fires them · wrong passwords, by auth and by SASL · words
//   TLS handshakes, whole, half and never begun, and silence and nonsense on the members' ports

import { connect, type Socket } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import { buffer, frame, int, join } from "../compat/raw/bytes.js";
import { handshakeBytes } from "../compat/raw/connection.js";
import {
  addWatch,
  auth,
  getChildren,
  getData,
  type Request,
  sasl,
  setData,
} from "../compat/raw/requests.js";
import { recordHellos } from "../fuzz/tls-records.js";
import { Random } from "./random.js";

const CROWD = 300;
const WATCHES = 2000;
const [port, seed, electionPort, quorumPort] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number | undefined,
  number | undefined,
];
const random = new Random(seed);
const counts: Record<string, number> = {};
let isOver = false;
let all = 0;
const open = new Set<Socket>();

const requestBytes = (request: Request, xid = 1): Buffer =>
  frame(int(request.xid ?? xid), int(request.type), request.body);
const HANDSHAKE = handshakeBytes({ timeoutMs: 4000 });

interface Way {
  bytes(): Buffer;
  readonly stayMs: number;
  readonly reads: boolean;
  /** Instead of the clients'. */
  readonly port?: number;
  /** A handshake comes first. */
  readonly isSecure?: boolean;
}

/** What one of the crowd sends, and how long it stays. */
const WAYS: Record<string, Way> = {
  silent: { bytes: () => Buffer.alloc(0), stayMs: 3000, reads: true },
  gone: { bytes: () => Buffer.alloc(0), stayMs: 0, reads: true },
  handshake: { bytes: () => HANDSHAKE, stayMs: 50, reads: true },
  "half a handshake": { bytes: () => HANDSHAKE.subarray(0, 20), stayMs: 3000, reads: true },
  "half a frame": {
    bytes: () => join(HANDSHAKE, int(1_000_000), random.bytes(5000)),
    stayMs: 3000,
    reads: true,
  },
  greedy: {
    bytes: () => join(HANDSHAKE, ...Array(500).fill(requestBytes(getChildren("/crowd")))),
    stayMs: 2000,
    reads: false,
  },
  watches: {
    bytes: () =>
      join(
        HANDSHAKE,
        ...Array.from({ length: WATCHES }, (_, i) =>
          requestBytes(addWatch(`/crowd/${random.below(1e6)}/${i}`, i % 2)),
        ),
        requestBytes(getData("/crowd", true)),
      ),
    stayMs: 1000,
    reads: true,
  },
  stirring: {
    bytes: () => join(HANDSHAKE, requestBytes(setData("/crowd", "x"))),
    stayMs: 50,
    reads: true,
  },
  "wrong password": {
    bytes: () => join(HANDSHAKE, requestBytes(auth("nosuch", "x"))),
    stayMs: 500,
    reads: true,
  },
  "wrong sasl": {
    bytes: () =>
      join(
        HANDSHAKE,
        requestBytes(sasl("")),
        requestBytes(sasl('username="bob",realm="zk-sasl-md5"')),
      ),
    stayMs: 500,
    reads: true,
  },
  word: { bytes: () => Buffer.from("mntr"), stayMs: 200, reads: false },
  nonsense: { bytes: () => random.bytes(1 + random.below(100)), stayMs: 500, reads: true },
  "too long": { bytes: () => join(int(2 ** 31 - 1), buffer("x")), stayMs: 500, reads: true },
};

/** Where there is TLS. */
async function addSecureWays(election: number, quorum: number): Promise<void> {
  const hellos = await recordHellos(createSecureContext());
  const hello = () => random.pick(hellos);
  const half = () => hello().subarray(0, 20 + random.below(60));
  const nothing = () => Buffer.alloc(0);
  const some = () => random.bytes(1 + random.below(60));
  Object.assign(WAYS, {
    "TLS handshake": { bytes: nothing, stayMs: 50, reads: true, isSecure: true },
    "TLS session": { bytes: () => HANDSHAKE, stayMs: 500, reads: true, isSecure: true },
    "TLS hello": { bytes: hello, stayMs: 3000, reads: true },
    "half a TLS hello": { bytes: half, stayMs: 3000, reads: true },
    "TLS hello to members": { bytes: hello, stayMs: 3000, reads: true, port: quorum },
    "half a TLS hello to members": { bytes: half, stayMs: 3000, reads: true, port: election },
    "silent to elections": { bytes: nothing, stayMs: 3000, reads: true, port: election },
    "silent to the quorum": { bytes: nothing, stayMs: 3000, reads: true, port: quorum },
    "nonsense to elections": { bytes: some, stayMs: 500, reads: true, port: election },
    "nonsense to the quorum": { bytes: some, stayMs: 500, reads: true, port: quorum },
  } satisfies Record<string, Way>);
}

function knock(way: Way): Socket {
  const localAddress = `127.${1 + random.below(4)}.${random.below(256)}.${1 + random.below(250)}`;
  const socket = connect({ port: way.port ?? port, host: "127.0.0.1", localAddress });
  if (way.isSecure !== true) return socket;
  socket.on("error", () => {});
  return connectTls({ socket, rejectUnauthorized: false });
}

function onceMore(): void {
  if (isOver) return;
  const name = random.pick(Object.keys(WAYS));
  const way = WAYS[name]!;
  const { bytes, stayMs, reads } = way;
  counts[name] = (counts[name] ?? 0) + 1;
  if (++all === 2 * CROWD) process.stdout.write("in full swing\n");
  const socket = knock(way);
  open.add(socket);
  let timer: NodeJS.Timeout | undefined;
  socket.on("error", () => {});
  if (reads) socket.resume();
  socket.once(way.isSecure === true ? "secureConnect" : "connect", () => {
    const what = bytes();
    if (what.length > 0) socket.write(what);
    timer = setTimeout(() => socket.destroy(), stayMs);
  });
  socket.once("close", () => {
    clearTimeout(timer);
    open.delete(socket);
    setImmediate(onceMore);
  });
}

process.once("SIGTERM", () => {
  isOver = true;
  for (const socket of open) socket.destroy();
  process.stdout.write(`${JSON.stringify(counts)}\n`);
});
if (electionPort !== undefined && quorumPort !== undefined) {
  await addSecureWays(electionPort, quorumPort);
}
for (let i = 0; i < CROWD; i++) onceMore();
