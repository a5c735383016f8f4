// Whether a server that has come back has kept its promises: the other half of load.ts.

import { exists, getChildren, getData } from "../compat/raw/requests.js";
import { type Client, expect } from "./load.js";

const NO_NODE = -101;

/** Compares the account of a client with the server, through the client's connection, and settles what was open. */
export async function verify(client: Client): Promise<void> {
  const children = await childrenOf(client, client.root);
  await verifyValue(client);
  verifyNodes(client, children, await childrenOf(client, `${client.root}/q`));
  await verifyPairs(client, children);
  expect(client.repeated.length === 0, `given twice: ${client.repeated.join(", ")}`);
}

async function childrenOf(client: Client, path: string): Promise<Set<string>> {
  const { error, body } = await client.ask(getChildren(path));
  expect(error === 0, `getChildren ${path} failed with ${error}`);
  const names = new Set<string>();
  let position = 4;
  for (let i = body.readInt32BE(0); i > 0; i--) {
    const length = body.readInt32BE(position);
    names.add(`${path}/${body.toString("utf8", position + 4, position + 4 + length)}`);
    position += 4 + length;
  }
  return names;
}

async function numberAt(client: Client, path: string): Promise<number> {
  const { error, body } = await client.ask(getData(path));
  expect(error === 0, `getData ${path} failed with ${error}`);
  return Number(body.toString("utf8", 4, 4 + body.readInt32BE(0)));
}

async function verifyValue(client: Client): Promise<void> {
  const value = await numberAt(client, `${client.root}/value`);
  expect(
    value >= client.acknowledgedValue,
    `${client.name}: set ${client.acknowledgedValue} was acknowledged, ${value} is there`,
  );
  expect(value <= client.sentValue, `${client.name}: ${value} is there and was never sent`);
  client.acknowledgedValue = value;
  client.sentValue = value;
}

function verifyNodes(client: Client, children: Set<string>, sequences: Set<string>): void {
  for (const [path, state] of client.nodes) {
    const isThere = children.has(path) || sequences.has(path);
    expect(state !== "there" || isThere, `${path} was acknowledged and is not there`);
    expect(state !== "gone" || !isThere, `the delete of ${path} was acknowledged and it is there`);
    if (isThere) client.nodes.set(path, "there");
    else client.nodes.delete(path);
  }
  for (const path of sequences) client.sequences.add(path);
}

async function verifyPairs(client: Client, children: Set<string>): Promise<void> {
  let last = 0;
  for (const { a, b, number, acknowledged } of client.pairs) {
    expect(children.has(a) === children.has(b), `half of a multi: ${a} ${children.has(a)}`);
    expect(!acknowledged || children.has(a), `multi ${a} was acknowledged and is not there`);
    if (children.has(a)) last = number;
  }
  const value = await numberAt(client, `${client.root}/value2`);
  expect(value === last, `multi ${last} is there, and what it set is ${value}`);
  for (const pair of client.pairs) pair.acknowledged = children.has(pair.a);
  client.pairs.splice(0, client.pairs.length, ...client.pairs.filter((p) => p.acknowledged));
}

/** The session was taken up again: its ephemerals must all be there. Otherwise: none. */
export async function verifyEphemerals(
  client: Client,
  asker: Client,
  isAlive: boolean,
): Promise<void> {
  for (const [path, state] of client.ephemerals) {
    const { error } = await asker.ask(exists(path));
    expect(error === 0 || error === NO_NODE, `exists ${path} failed with ${error}`);
    if (isAlive) {
      expect(state !== "there" || error === 0, `${path} is gone and its session lives`);
      if (error === 0) client.ephemerals.set(path, "there");
      else client.ephemerals.delete(path);
    } else {
      expect(error === NO_NODE, `${path} is there and its session is gone`);
    }
  }
  if (!isAlive) client.ephemerals.clear();
}
