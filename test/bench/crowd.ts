// Many sessions of raw connections, for what they cost by being there and by being told.

import { RawConnection } from "../compat/raw/connection.js";

const PATIENCE_MS = 60_000;
/** Connections that are opened at once: listen queues are short. */
const AT_ONCE = 50;

/** Dealt among the servers. `crowd`: those that there are already. */
export async function openUpTo(
  crowd: RawConnection[],
  count: number,
  ports: readonly number[],
  timeoutMs: number,
): Promise<void> {
  while (crowd.length < count) {
    const some = Math.min(AT_ONCE, count - crowd.length);
    const opened = Array.from({ length: some }, async (_, i) => {
      const connection = await RawConnection.open(ports[(crowd.length + i) % ports.length]!);
      await connection.establish({ timeoutMs });
      return connection;
    });
    crowd.push(...(await Promise.all(opened)));
  }
}

/** Sends, and waits until each has `frames` frames, which are forgotten. */
export async function answered(
  crowd: readonly RawConnection[],
  send: (connection: RawConnection) => void,
  frames = 1,
): Promise<void> {
  for (const connection of crowd) send(connection);
  const all = crowd.map((connection) =>
    connection.waitFor(() => connection.frames.length >= frames, PATIENCE_MS),
  );
  if ((await Promise.all(all)).includes(false)) throw new Error("An answer is missing");
  for (const connection of crowd) connection.frames.splice(0, frames);
}
