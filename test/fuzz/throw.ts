// Throws bytes at a port, over TCP or over whatever else a connection is made of: one connection, in one piece or two.

import { connect, type Socket } from "node:net";
import type { Random } from "../faults/random.js";

/** So long an input waits to be refused or answered: what is merely incomplete never is. */
export const PATIENCE_MS = 50;

/** Begins a connection; "connect" or "secureConnect" says that it is there. */
export type Opener = () => { readonly socket: Socket; readonly isThere: string };

export const tcp =
  (port: number): Opener =>
  () => ({ socket: connect({ port, host: "127.0.0.1" }), isThere: "connect" });

/** Whatever becomes of it: answered, refused, cut off, or left alone. */
export function throwBytes(open: Opener, random: Random, bytes: Buffer): Promise<void> {
  const cut = random.below(3) === 0 ? random.below(bytes.length + 1) : bytes.length;
  const { socket, isThere } = open();
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), 10 * PATIENCE_MS);
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once(isThere, () => {
      socket.write(bytes.subarray(0, cut));
      if (cut < bytes.length) setImmediate(() => socket.write(bytes.subarray(cut)));
      leave(random, socket);
    });
  });
}

/** Most hang up at once, some by a reset; one of eight waits to be sent away. */
export function leave(random: Random, socket: Socket): void {
  const how = random.below(8);
  if (how === 0) setTimeout(() => socket.destroy(), PATIENCE_MS);
  else if (how === 1) setImmediate(() => socket.destroy());
  else setImmediate(() => socket.end());
}
