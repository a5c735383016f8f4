// A four-letter word by TLS: what four-letter-word-main does with "true" for secure. Java: FourLetterWordMain with ClientX509Util.
//
// A file of its own, loaded when it is needed: asking plainly takes a tenth of the time that all this takes to load.

import { createNodePlatform, type NodePlatform } from "../platform/node/platform.js";
import type { Connection, Timer } from "../platform/platform.js";
import { dial } from "./client/dial.js";
import { clientTls, takeProperties } from "./client-tls.js";

export interface Question {
  readonly host: string;
  readonly port: number;
  readonly word: string;
  /** For connecting, and for each silence. */
  readonly silenceMaxMs: number;
}

/** `argv`: where the keys are, as -Dzookeeper.ssl.*. */
export function askByTls(question: Question, argv: readonly string[]): Promise<string> {
  const platform = createNodePlatform({ log: { level: "OFF" } });
  const { host, port, silenceMaxMs } = question;
  return new Promise((resolve, reject) => {
    const tls = clientTls(platform, takeProperties(argv).values, () => {});
    const call = { target: { host, port }, name: host, timeoutMs: silenceMaxMs, tls };
    dial(platform.network, call, (error, connection) => {
      if (connection === undefined) reject(error);
      else listen(platform, connection, question, resolve, reject);
    });
  });
}

function listen(
  platform: NodePlatform,
  connection: Connection,
  { word, silenceMaxMs }: Question,
  resolve: (answer: string) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let silence: Timer | undefined;
  const heard = (): void => {
    silence?.cancel();
    silence = platform.clock.setTimer(silenceMaxMs, () => {
      connection.destroy();
      reject(new Error(`Exception while executing four letter word: ${word}`));
    });
  };
  connection.start({
    onData: (chunk) => {
      chunks.push(Buffer.from(chunk));
      heard();
    },
    onDrain: () => {},
    onEnd: () => connection.end(),
    onClose: (error) => {
      silence?.cancel();
      if (error === undefined || chunks.length > 0) {
        resolve(Buffer.concat(chunks).toString("utf8"));
      } else reject(error);
    },
  });
  heard();
  connection.write(Buffer.from(word));
}
