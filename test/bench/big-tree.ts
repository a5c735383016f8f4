// A tree of many znodes, made through the client port with our own client: 1000 children for each parent.

import { ZooKeeperClient } from "../../src/cli/client/zookeeper-client.js";
import { createNodePlatform } from "../../src/platform/node/platform.js";

const CHILDREN = 1000;
/** Requests in flight. */
const WINDOW = 1000;

export const platform = createNodePlatform({ log: { level: "ERROR" } });

export async function fill(port: number, nodes: number, bytes: number): Promise<void> {
  const zk = ZooKeeperClient.connect(platform, `127.0.0.1:${port}`);
  await zk.untilConnected();
  const data = Buffer.alloc(bytes, "x");
  let under: Promise<unknown>[] = [];
  const send = async (path: string) => {
    under.push(zk.create(path, data));
    if (under.length < WINDOW) return;
    await Promise.all(under);
    under = [];
  };
  await send("/bench");
  for (let i = 0; i < nodes; i++) {
    const parent = `/bench/parent${String(Math.floor(i / CHILDREN)).padStart(6, "0")}`;
    if (i % CHILDREN === 0) await send(parent);
    else await send(`${parent}/node${String(i).padStart(10, "0")}`);
  }
  await Promise.all(under);
  await zk.close();
}
