// Asks a server one four-letter word: four-letter-word-main [-Dkey=value]... host port word [secure]
//
// What zkServer.sh status is made of. Answers to Java's FourLetterWordMain: same arguments, same answer on standard output
// (the server's, lines ended with \n, and one more), five seconds for connecting and for each silence. With
// "true" for secure it asks by TLS, with the keys that zookeeper.ssl.* name.

import { connect } from "node:net";

const SILENCE_MAX_MS = 5000;
const USAGE = "Usage: FourLetterWordMain <host> <port> <cmd> <secure(optional)>";

function ask(host: string, port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port, noDelay: true });
    socket.setTimeout(SILENCE_MAX_MS, () => {
      socket.destroy(new Error(`Exception while executing four letter word: ${word}`));
    });
    // end() half-closes: the server answers and closes its side.
    socket.on("connect", () => socket.end(word));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}

async function askByTls(
  argv: readonly string[],
  host: string,
  port: number,
  word: string,
): Promise<string> {
  const secure = await import("./four-letter-word-tls.js");
  return secure.askByTls({ host, port, word, silenceMaxMs: SILENCE_MAX_MS }, argv);
}

async function main(argv: readonly string[]): Promise<number> {
  const [host, port, word, secure, ...more] = argv.filter((argument) => !argument.startsWith("-"));
  if (host === undefined || port === undefined || word === undefined || more.length > 0) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  try {
    const answer =
      secure?.toLowerCase() === "true"
        ? await askByTls(argv, host, Number(port), word)
        : await ask(host, Number(port), word);
    const lines = answer.split(/\r\n|\r|\n/);
    if (lines.at(-1) === "") lines.pop();
    process.stdout.write(`${lines.map((line) => `${line}\n`).join("")}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
