// The tree that follows a SNAP, from the link into the loader. Java: the SNAP part of Learner.syncWithLeader.

import { ProtocolError } from "../errors.js";
import { reached } from "../marks.js";
import type { PacketLink } from "../peer/packet-link.js";
import type { SnapshotStreamReader } from "../storage/snapshot-stream.js";
import { SnapshotError } from "../tree/snapshot.js";

export interface SnapshotReceiver {
  /** False: it was cut off. */
  readonly whole: Promise<boolean>;
  /** The link is gone. */
  abandon(): void;
}

/** What is no snapshot costs the leader its connection. `progressed` is called for each piece. */
export function receiveSnapshot(
  link: PacketLink | undefined,
  stream: SnapshotStreamReader,
  progressed: () => void,
): SnapshotReceiver {
  let abandon = () => {};
  const whole = new Promise<boolean>((resolve, reject) => {
    abandon = () => {
      if (!stream.isDone) reached("learner: SNAP is cut off");
      resolve(false);
    };
    link?.readRaw((chunk) => {
      try {
        progressed();
        const left = stream.push(chunk);
        if (!stream.isDone) return -1;
        resolve(true);
        return chunk.length - left;
      } catch (error) {
        if (!(error instanceof SnapshotError || error instanceof ProtocolError)) reject(error);
        throw new ProtocolError(`${error}`);
      }
    });
  });
  return { whole, abandon };
}
