// The program of the thread that reads large snapshots ahead of the server (src/storage/snapshot-ahead.ts).

import { parentPort, workerData } from "node:worker_threads";
import { NodeDisk } from "./platform/node/disk.js";
import { NodeThreadPort } from "./platform/node/threads.js";
import { type ReadAheadOrder, readAhead } from "./storage/snapshot-ahead.js";
import { NodeNotes } from "./tree/node-notes.js";

if (parentPort !== null) {
  const port = new NodeThreadPort(parentPort);
  const order = workerData as ReadAheadOrder;
  // What is thrown ends the thread with an error.
  const notes = new NodeNotes(order.hashSeed);
  void readAhead(new NodeDisk(), order, port, notes).finally(() => port.close());
}
