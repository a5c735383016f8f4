// Asks a server a four-letter word: four bytes in, text out, connection closed.

import { connect } from "node:net";

/** The whole answer. Rejects when the connection is refused or nothing comes in time. */
export function fourLetterWord(
  port: number,
  word: string | Buffer,
  timeoutMs = 30_000,
  host = "127.0.0.1",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`No answer in ${timeoutMs} ms`)));
    socket.once("connect", () => socket.write(word));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("error", (error) => {
      // A server that closes with something unread resets the connection; what it said before counts.
      if (chunks.length > 0) resolve(Buffer.concat(chunks).toString("latin1"));
      else reject(error);
    });
    socket.once("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}
