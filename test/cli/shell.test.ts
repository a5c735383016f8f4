import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { Shell } from "../../src/cli/shell/shell.js";
import { TypedLines } from "../../src/cli/shell/typed-lines.js";
import { ErrorCode } from "../../src/wire/error-codes.js";
import { OpCode } from "../../src/wire/op-codes.js";
import { readGetChildrenRequest } from "../../src/wire/records.js";
import { type FakeServer, FakeWorld, type ServerEnd } from "./fake-world.js";

/** Answers what has been asked: children for every path but /missing. */
function answer(connection: ServerEnd): void {
  while (connection.requests.length > 0) {
    const { xid, type, body } = connection.take();
    if (type === OpCode.closeSession || type === OpCode.setData) connection.reply(xid, 9);
    else if (readGetChildrenRequest(body).path === "/missing") {
      connection.reply(xid, 9, ErrorCode.noNode);
    } else {
      connection.reply(xid, 9, 0, (out) => {
        out.int(2);
        out.string("tea");
        out.string("ale");
      });
    }
  }
}

/** A shell whose world is in memory, and what it has printed. */
class Desk {
  readonly world = new FakeWorld();
  readonly server: FakeServer;
  readonly shell: Shell;
  out = "";
  err = "";

  constructor(interrupt?: (text: string) => void) {
    this.server = this.world.server("h:1");
    const write = (text: string): void => {
      this.out += text;
    };
    const writeError = (text: string): void => {
      this.err += text;
    };
    const screen = { write, writeError, interrupt: interrupt ?? write };
    this.shell = new Shell(this.world.platform, {}, screen, "h:1");
  }

  /** Until nothing more happens, with a server that answers. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await this.world.settle();
      for (const connection of this.server.connections) answer(connection);
    }
  }

  /** What the line printed. */
  async type(line: string): Promise<string> {
    this.out = "";
    this.err = "";
    const done = this.shell.execute(line);
    await this.settle();
    await done;
    return this.out + this.err;
  }
}

describe("A session at the command line", () => {
  it("shows its server, its state and the command's number in the prompt", async () => {
    const desk = new Desk();
    assert.equal(desk.shell.prompt, "[zk: h:1(CONNECTING) 0] ");
    await desk.settle();
    await desk.type("ls /");
    assert.equal(desk.shell.prompt, "[zk: h:1(CONNECTED) 1] ");
    await desk.type("");
    assert.equal(desk.shell.prompt, "[zk: h:1(CONNECTED) 1] ");
  });

  it("prints events as they come, unless told not to", async () => {
    const desk = new Desk();
    await desk.settle();
    const connected =
      "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null zxid: -1\n";
    assert.equal(desk.out, connected);
    await desk.type("ls -w /");
    await desk.type("printwatches off");
    assert.equal(await desk.type("printwatches"), "printwatches is off\n");
    desk.out = "";
    desk.server.connection.event(4, "/", 12);
    await desk.settle();
    assert.equal(desk.out, "");
    await desk.type("printwatches on");
    await desk.type("ls -w /");
    desk.out = "";
    desk.server.connection.event(4, "/", 12);
    await desk.settle();
    assert.equal(
      desk.out,
      "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:NodeChildrenChanged path:/ zxid: 12\n",
    );
  });

  it("ends each command with an exit code", async () => {
    const desk = new Desk();
    await desk.settle();
    assert.equal(await desk.type("ls /missing"), "Node does not exist: /missing\n");
    assert.equal(desk.shell.exitCode, 1);
    assert.equal(await desk.type("ls /"), "[ale, tea]\n");
    assert.equal(desk.shell.exitCode, 0);
    assert.match(await desk.type("nonsense"), /\nCommand not found: Command not found nonsense\n$/);
    assert.equal(desk.shell.exitCode, 127);
    const noNumber =
      'Exception in thread "main" java.lang.NumberFormatException: For input string: "x"\n';
    assert.equal(await desk.type("delete -v x /a"), noNumber);
    assert.equal(desk.shell.exitCode, 1);
  });

  it("lists every command, sorted, but for those of old", async () => {
    const desk = new Desk();
    const lines = (await desk.type("help")).split("\n\t").slice(1, -1);
    assert.equal(lines.length, 27);
    assert.deepEqual(lines, [...lines].sort());
    assert(!lines.some((line) => /^(ls2|rmr) /.test(line)));
  });

  it("keeps a history, and does a command of it again", async () => {
    const desk = new Desk();
    await desk.settle();
    await desk.type("ls /a");
    assert.equal(await desk.type("redo 0"), "[ale, tea]\n");
    assert.equal(await desk.type("history"), "0 - ls /a\n1 - ls /a\n2 - history\n");
    assert.equal(await desk.type("redo 99"), "Command index out of range\n");
    assert.equal(await desk.type("redo -1"), "Command index out of range\n");
    await desk.type("redo");
    assert.equal(await desk.type("redo 5"), "No redoing redos\n");
  });

  it("says that it is not connected once it was closed, and can be connected again", async () => {
    const desk = new Desk();
    await desk.settle();
    assert.match(await desk.type("close"), /state:Closed/);
    assert.equal(desk.shell.prompt, "[zk: h:1(CLOSED) 1] ");
    assert.equal(await desk.type("ls /"), "Not connected\n");
    await desk.type("connect");
    assert.equal(await desk.type("ls /"), "[ale, tea]\n");
    assert.equal(desk.server.connections.length, 2);
  });

  it("goes to another server with connect, and closes the session that it had", async () => {
    const desk = new Desk();
    const other = desk.world.server("other:5");
    await desk.settle();
    assert.match(await desk.type("connect other:5"), /state:Closed.*state:SyncConnected/s);
    assert.equal(other.connections.length, 1);
    assert.equal(desk.shell.prompt, "[zk: other:5(CONNECTED) 1] ");
  });

  it("has the commands of 3.4 under their names", async () => {
    const desk = new Desk();
    await desk.settle();
    const listed = await desk.type("ls /a true");
    assert.equal(
      listed,
      "[ale, tea]\n'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.\n",
    );
    const removed = await desk.type("rmr /missing");
    assert.equal(
      removed,
      "The command 'rmr' has been deprecated. Please use 'deleteall' instead.\nNode does not exist: /missing\n",
    );
  });
});

/** A terminal that is two streams, with a person's hands. */
async function seated() {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  output.on("data", (text: Buffer) => {
    shown += text.toString();
  });
  const typed = new TypedLines(input as never, output as never);
  const desk = new Desk((text) => typed.interrupt(text));
  await desk.settle();
  let isOver = false;
  const over = typed.run(desk.shell).then(() => {
    isOver = true;
  });
  const keys = async (...strokes: string[]): Promise<string> => {
    shown = "";
    for (const stroke of strokes) {
      input.write(stroke);
      await desk.settle();
    }
    return shown;
  };
  const end = async (): Promise<void> => {
    while (!isOver) await desk.settle();
    await over;
  };
  return { desk, keys, end };
}

describe("A person at the terminal", () => {
  it("completes commands and paths with the tab key", async () => {
    const { desk, keys, end } = await seated();
    assert.match(await keys("who", "\t"), /whoami $/);
    await keys("\x15");
    assert.match(await keys("getA", "\t", "\t"), /getAcl\s+getAllChildrenNumber/);
    await keys("\x15");
    assert.match(await keys("ls /a", "\t"), /ls \/ale$/);
    await keys("\x15", "q", "uit", "\r");
    await end();
    assert.equal(desk.shell.isOver, true);
  });

  it("may paste several lines: each waits for the one before", async () => {
    const { desk, keys, end } = await seated();
    await keys("ls /missing\rls /\rquit\r");
    await end();
    assert.equal(desk.err, "Node does not exist: /missing\n");
    assert.equal(desk.out, "[ale, tea]\n");
    assert.equal(desk.shell.exitCode, 0);
  });

  it("sees an event above the line that is being typed", async () => {
    const { desk, keys, end } = await seated();
    await keys("ls -w /", "\r", "get /hal");
    desk.server.connection.event(4, "/", 12);
    const shown = await keys("f");
    assert.match(
      shown,
      /NodeChildrenChanged path:\/ zxid: 12\n.*\[zk: h:1\(CONNECTED\) 1\] get \/hal/s,
    );
    await keys("\x15", "quit\r");
    await end();
  });

  it("takes a line back with Ctrl-C, and leaves with another", async () => {
    const { desk, keys, end } = await seated();
    await keys("delete /precious", "\x03");
    assert.equal(desk.shell.isOver, false);
    await keys("\x03");
    await end();
    assert.equal(desk.shell.exitCode, 130);
    assert.equal(desk.shell.zk.state, "CLOSED");
  });
});
