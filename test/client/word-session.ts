// A fixed session against a real server, then every four-letter word: what came back, with what differs from run to run
// masked. The same text comes from Java 3.9.5 and from us (test/client/golden/words-*.txt).
//
//   node dist/test/client/word-session.js PORT > test/client/golden/words-java-3.9.5.txt      makes a golden anew

import { connect, type Socket } from "node:net";
import { argv, stdout } from "node:process";
import { pathToFileURL } from "node:url";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { fourLetterWord } from "../compat/four-letter-word.js";
import { connectFrame, readConnect, requestFrame } from "./helper.js";

class Session {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #xid = 0;
  id = 0n;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
    });
  }

  static async open(port: number, timeoutMs: number): Promise<Session> {
    const socket = connect({ port, host: "127.0.0.1" });
    const session = new Session(socket);
    socket.write(connectFrame({ readOnly: false, timeoutMs, password: Buffer.alloc(16) }));
    session.id = readConnect(await session.#frame()).sessionId;
    return session;
  }

  get localPort(): number {
    return this.#socket.localPort!;
  }

  close(): void {
    this.#socket.destroy();
  }

  async ask(type: number, write: (out: JuteWriter) => void, xid = ++this.#xid): Promise<void> {
    const body = new JuteWriter();
    write(body);
    this.#socket.write(requestFrame(xid, type, body.take()));
    for (;;) {
      // Watch events come in between.
      if (new JuteReader(await this.#frame()).int() === xid) return;
    }
  }

  async #frame(): Promise<Buffer> {
    while (this.#buffer.length < 4 || this.#buffer.length < 4 + this.#buffer.readInt32BE(0)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const length = this.#buffer.readInt32BE(0);
    const frame = this.#buffer.subarray(4, 4 + length);
    this.#buffer = this.#buffer.subarray(4 + length);
    return frame;
  }
}

function create(path: string, data: string, flags: number) {
  return (out: JuteWriter): void => {
    out.string(path);
    out.buffer(Buffer.from(data));
    out.int(1);
    out.int(31);
    out.string("world");
    out.string("anyone");
    out.int(flags);
  };
}

function watching(path: string) {
  return (out: JuteWriter): void => {
    out.string(path);
    out.bool(true);
  };
}

const mask = (value: number): Buffer => {
  const bytes = Buffer.from("stmk\0\0\0\0\0\0\0\0", "latin1");
  bytes.writeBigInt64BE(BigInt(value), 4);
  return bytes;
};

const WORDS: readonly (string | Buffer)[] = [
  "ruok",
  "srvr",
  "stat",
  "cons",
  "conf",
  "dirs",
  "dump",
  "wchs",
  "wchc",
  "wchp",
  "isro",
  "gtmk",
  mask(0x133),
  "gtmk",
  mask(306),
  "hash",
  "envi",
  "crst",
  "cons",
  "srst",
  "srvr",
  "mntr",
  "srvr\n",
  "abcd",
  Buffer.from("fff4fffd", "hex"),
  "RUOK",
  "ruok and more bytes",
];

/** What every server must say, line for line. */
export async function wordTranscript(port: number): Promise<string> {
  // Whoever waited for the server has asked it something.
  await fourLetterWord(port, "srst");
  const [first, second] = [await Session.open(port, 30_000), await Session.open(port, 8000)];
  try {
    await fillTree(first, second);
    let transcript = "";
    for (const word of WORDS) {
      const text = masked(await fourLetterWord(port, word), [first, second]);
      const lines = word === "mntr" ? namesOnly(text) : text;
      const name = typeof word === "string" ? JSON.stringify(word) : word.toString("hex");
      transcript += `=== ${name}\n${settled(lines)}|\n`;
    }
    return transcript;
  } finally {
    first.close();
    second.close();
  }
}

async function fillTree(first: Session, second: Session): Promise<void> {
  await first.ask(OpCode.create, create("/e1", "x", 1));
  await first.ask(OpCode.create, create("/p", "data", 0));
  await first.ask(OpCode.exists, watching("/p"));
  await first.ask(OpCode.exists, watching("/none"));
  await first.ask(OpCode.getChildren2, watching("/p"));
  await second.ask(OpCode.create, create("/e2", "", 1));
  await second.ask(OpCode.create, create("/e3", "", 1));
  await second.ask(OpCode.getData, watching("/p"));
  await second.ask(OpCode.addWatch, (out) => {
    out.string("/p");
    out.int(1);
  });
  await second.ask(OpCode.delete, (out) => {
    out.string("/nix");
    out.int(-1);
  });
  await first.ask(OpCode.ping, () => {}, -2);
}

function masked(text: string, sessions: readonly Session[]): string {
  let result = text;
  for (const [at, { id, localPort }] of sessions.entries()) {
    const hexId = BigInt.asUintN(64, id).toString(16);
    result = result.replaceAll(hexId, `SESSION${at + 1}`);
    result = result.replaceAll(`127.0.0.1:${localPort}`, `127.0.0.1:PORT${at + 1}`);
  }
  return result
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replace(/(Latency min\/avg\/max: )\d+\/\d+\.\d+\/\d+/g, "$1LATENCY")
    .replace(/(est|lresp|llat|minlat|avglat|maxlat)=\d+/g, "$1=MS")
    .replace(/expire at \w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}:/g, "expire at DATE:")
    .replace(/(version: |version=|version\t)3\.\d+\.\d+-?\S*, built on .*/g, "$1VERSION")
    .replace(/^(host\.name|java\.[a-z.]+|os\.[a-z.]+|user\.[a-z.]+)=.+$/gm, "$1=VALUE")
    .replace(/^(dataDir|dataLogDir)=\/.*\/version-2$/gm, "$1=DIRECTORY/version-2")
    .replace(/^(dataDirSize|dataLogSize|clientPort)=\d+$/gm, "$1=NUMBER")
    .replace(/^(datadir_size|logdir_size): \d+$/gm, "$1: NUMBER");
}

/**
 * Connections, sessions and paths come in no order, and how sessions share buckets depends on when they were last heard
 * of: entries (a line, with the lines below it that are indented by a tab) are sorted where several follow each other.
 */
function settled(text: string): string {
  const lines = text
    .replace(/Sets \(\d+\)\//g, "Sets (BUCKETS)/")
    .split("\n")
    .filter((line) => !/^\d+ expire at DATE:$/.test(line));
  const result: string[] = [];
  let entries: string[] = [];
  for (const line of lines) {
    if (/^( \/|0xSESSION|\/)/.test(line)) entries.push(line);
    else if (line.startsWith("\t") && entries[0]?.startsWith("\t") === false)
      entries[entries.length - 1] += `\n${line}`;
    else if (/^\t(ip: |0xSESSION)/.test(line)) entries.push(line);
    else {
      result.push(...entries.sort(), line);
      entries = [];
    }
  }
  return [...result, ...entries.sort()].map(sortedBelow).join("\n");
}

function sortedBelow(entry: string): string {
  const [first, ...below] = entry.split("\n");
  return [first, ...below.sort()].join("\n");
}

/** Values change; by-namespace metrics come in an order of their own. */
function namesOnly(text: string): string {
  return text
    .split("\n")
    .filter((line) => !line.includes("_per_namespace"))
    .map((line) => (/^zk_(version|server_state)\t/.test(line) ? line : line.replace(/\t.*/, "")))
    .join("\n");
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  stdout.write(await wordTranscript(Number(argv[2])));
}
