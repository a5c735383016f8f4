// Local sessions (localSessionsEnabled), on every member of ensembles of both kinds, led by both kinds: the same outcomes
// everywhere, on a Java member as on one of Zooid.

import assert from "node:assert/strict";
import { Ensemble, type Member, PORTS, until } from "./ensemble-world.js";
import { fourLetterWord } from "./four-letter-word.js";
import { peerTest, type ServerKind } from "./peers.js";
import { ask, must } from "./raw/client.js";
import { RawConnection } from "./raw/connection.js";
import { closeSession, create, exists, Mode, multi, OPEN, ping } from "./raw/requests.js";

const EPHEMERAL_ON_LOCAL_SESSION = -120;
const NO_NODE = -101;
const SESSION_EXPIRED = -112;

async function connect(member: Member, timeoutMs = 20_000): Promise<RawConnection> {
  const connection = await RawConnection.open(member.port);
  await connection.establish({ timeoutMs });
  return connection;
}

/** The same session, on this member: whether it takes it. */
async function renew(member: Member, { sessionId, password }: RawConnection) {
  const connection = await RawConnection.open(member.port);
  const isTaken = await connection.establish({ sessionId, password, timeoutMs: 20_000 }).then(
    () => true,
    () => false,
  );
  if (!isTaken) await connection.destroy();
  return isTaken ? connection : undefined;
}

async function sessionCounts(member: Member): Promise<string> {
  const text = await fourLetterWord(member.port, "mntr");
  const of = (name: string) => new RegExp(`^zk_${name}_sessions\\s+(\\d+)`, "m").exec(text)?.[1];
  return `${of("local")} local, ${of("global")} global`;
}

async function untilCounts(
  member: Member,
  wanted: string,
  keepAlive: () => void = () => {},
): Promise<void> {
  let found = "";
  await until(
    `member ${member.sid} (${member.kind}) has ${wanted}`,
    async () => {
      keepAlive();
      found = await sessionCounts(member);
      return found === wanted;
    },
    60_000,
    () => found,
  );
}

const ephemeral = (path: string) => create(path, "e", OPEN, Mode.ephemeral);

/** A session that no other member knows, until it wants an ephemeral node. */
async function upgrades(ensemble: Ensemble, member: Member, other: Member): Promise<void> {
  const path = `/upgraded-on-${member.sid}`;
  await untilCounts(member, "0 local, 0 global");
  const first = await connect(member);
  await must(first, create(`/written-on-${member.sid}`));
  await untilCounts(member, "1 local, 0 global");
  await first.destroy();
  assert.equal(await renew(other, first), undefined, "A local session went to another member");
  const back = await renew(member, first);
  assert.ok(back, "A local session did not come back to its own member");

  await must(back, ephemeral(path));
  for (const one of ensemble.members) await untilCounts(one, "0 local, 1 global");
  const { body } = await must(back, exists(path));
  assert.equal(body.readBigInt64BE(44), back.sessionId, "ephemeralOwner");
  await back.destroy();
  const moved = await renew(other, back);
  assert.ok(moved, "A session that was upgraded did not go to another member");
  await must(moved, closeSession());
  for (const one of ensemble.members) await untilCounts(one, "0 local, 0 global");
  assert.equal(await absent(member, path), NO_NODE);
}

async function absent(member: Member, path: string): Promise<number> {
  const connection = await connect(member);
  const { error } = await ask(connection, exists(path));
  await must(connection, closeSession());
  await connection.destroy();
  return error;
}

/** Closing comes right behind the ephemeral node, before anything is answered: nothing may be left of it (ZOOKEEPER-3471). */
async function closesAtOnce(member: Member): Promise<void> {
  const path = `/at-once-on-${member.sid}`;
  const connection = await connect(member);
  connection.request(ephemeral(path));
  connection.request(closeSession());
  await connection.waitFor(() => connection.isClosed);
  await untilCounts(member, "0 local, 0 global");
  assert.equal(await absent(member, path), NO_NODE);
}

async function expires(member: Member): Promise<void> {
  const connection = await connect(member, 4000);
  await untilCounts(member, "1 local, 0 global", () => connection.request(ping()));
  await connection.destroy();
  await untilCounts(member, "0 local, 0 global");
  assert.equal(await renew(member, connection), undefined);
}

async function refuses(member: Member, isLeader: boolean): Promise<void> {
  const connection = await connect(member);
  const path = `/refused-on-${member.sid}`;
  assert.equal((await ask(connection, ephemeral(path))).error, EPHEMERAL_ON_LOCAL_SESSION);
  const parts = multi(create(`${path}-a`), ephemeral(`${path}-b`));
  const { body } = await must(connection, parts);
  // Two error parts: 4 + 1 + 4 bytes of header, and the error itself.
  const error = isLeader ? EPHEMERAL_ON_LOCAL_SESSION : SESSION_EXPIRED;
  assert.equal(body.readInt32BE(13 + 9), error, "the second part of the multi");
  await must(connection, create(path));
  assert.equal((await ask(connection, exists(`${path}-a`))).error, NO_NODE);
  await untilCounts(member, "1 local, 0 global");
  await must(connection, closeSession());
  await untilCounts(member, "0 local, 0 global");
}

async function onEveryMember(
  kinds: readonly ServerKind[],
  upgradingEnabled: boolean,
  play: (ensemble: Ensemble, member: Member, leader: number) => Promise<void>,
): Promise<void> {
  const ensemble = new Ensemble({
    basePort: PORTS.localSessions,
    members: kinds.map((kind) => ({ kind })),
    cfg: { localSessionsEnabled: "true", localSessionsUpgradingEnabled: `${upgradingEnabled}` },
  });
  try {
    await ensemble.startLedBy(3);
    for (const member of ensemble.members) await play(ensemble, member, 3);
  } finally {
    await ensemble.discard();
  }
}

const ENSEMBLES: readonly (readonly ServerKind[])[] = [
  ["zooid", "java39", "zooid"],
  ["java39", "zooid", "java39"],
];

for (const kinds of ENSEMBLES) {
  const who = `${kinds.join(", ")}, the last leads`;
  peerTest(
    `Local sessions stay with their member until they want an ephemeral: ${who}`,
    kinds,
    () =>
      onEveryMember(kinds, true, async (ensemble, member) => {
        await upgrades(ensemble, member, ensemble.member((member.sid % 3) + 1));
        await closesAtOnce(member);
        await expires(member);
      }),
  );
  peerTest(`Local sessions that may not be upgraded get no ephemerals: ${who}`, kinds, () =>
    onEveryMember(kinds, false, (_, member, leader) => refuses(member, member.sid === leader)),
  );
}
