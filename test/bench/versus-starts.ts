// From the start of the processes with empty directories until all of them serve.

import { type Contest, inTurn, say, withBoth } from "./contest.js";

export async function measureStarts(contest: Contest): Promise<void> {
  const { figures, turns, servers } = contest;
  for (const count of new Set([1, servers])) {
    say(`starts of ${count}`);
    await withBoth(contest, count, async (both) => {
      for (let turn = 0; turn < turns; turn++) {
        for (const { name, ensemble } of inTurn(both, turn)) {
          const what = count === 1 ? "one server" : `${count} servers`;
          figures.add(`time to serve, ${what}`, "ms", name, await ensemble.startAfresh());
          figures.add(`time to serve, ${what}`, "ms of CPU", name, ensemble.cpuMs());
          figures.add(`${what}, just started`, "RSS in MB", name, ensemble.rssBytes() / 2 ** 20);
          await ensemble.kill();
        }
      }
    });
  }
}
