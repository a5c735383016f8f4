// The program of the thread that reads the large files of a start ahead of the server (src/storage/read-ahead.ts).

import { parentPort, workerData } from "node:worker_threads";
import { NodeDisk } from "./platform/node/disk.js";
import { NodeThreadPort } from "./platform/node/threads.js";
import { sendLogs } from "./storage/log-ahead.js";
import { PageSender, type ReadAheadOrder } from "./storage/read-ahead.js";
import { sendSnapshot } from "./storage/snapshot-ahead.js";
import { CreateNotes } from "./tree/create-notes.js";
import { NodeNotes } from "./tree/node-notes.js";

async function run(port: NodeThreadPort, { file, hashSeed }: ReadAheadOrder): Promise<void> {
  const disk = new NodeDisk();
  const sender = new PageSender(port);
  await sendSnapshot(disk, file, sender, new NodeNotes(hashSeed));
  await sendLogs(disk, await sender.untilAsked(), sender, new CreateNotes(hashSeed));
}

if (parentPort !== null) {
  const port = new NodeThreadPort(parentPort);
  // What is thrown ends the thread with an error.
  void run(port, workerData as ReadAheadOrder).finally(() => port.close());
}
