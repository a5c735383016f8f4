// One session at the command line: lines in, what they do, what they say. Java: ZooKeeperMain.
//
// Knows nothing of terminals: lines come by `execute`, text goes to a Screen.

import type { ClientPlatform, SessionOptions } from "../client/session-options.js";
import { isAlive } from "../client/session-state.js";
import { describeEvent, EventType, KeeperState, type WatchEvent } from "../client/watch-event.js";
import { ZooKeeperClient } from "../client/zookeeper-client.js";
import { InvalidArgumentError } from "../client/zookeeper-error.js";
import { type CommandContext, runCommand } from "../commands/command.js";
import { COMMANDS } from "../commands/table.js";
import { CliError, cliErrorOf, uncaughtOf } from "./cli-error.js";
import { javaDecodeOrDie } from "./java-numbers.js";
import { splitWords } from "./words.js";

export interface Screen {
  /** Standard output. */
  write(text: string): void;
  /** Standard error. */
  writeError(text: string): void;
  /** Standard output, at any time: a person may be typing. */
  interrupt(text: string): void;
}

const COMMAND_NOT_FOUND = 127;
const HISTORY_SHOWN = 10;

/** About zkCli itself, with what follows each in the list of commands. */
const OWN_COMMANDS: ReadonlyMap<string, string> = new Map([
  ["connect", "host:port"],
  ["history", ""],
  ["redo", "cmdno"],
  ["printwatches", "on|off"],
  ["quit", ""],
]);

export function commandNames(): string[] {
  return usages()
    .map(([name]) => name)
    .sort();
}

function usages(): [name: string, usage: string][] {
  const shown = [...COMMANDS.values()].filter((command) => command.isHidden !== true);
  return [
    ...OWN_COMMANDS,
    ...shown.map((command): [string, string] => [command.name, command.usage]),
  ];
}

export class Shell {
  /** Of the last command. */
  exitCode = 0;
  isOver = false;
  readonly #platform: ClientPlatform;
  readonly #options: SessionOptions;
  readonly #screen: Screen;
  readonly #context: CommandContext;
  readonly #history: string[] = [];
  #zk: ZooKeeperClient;
  #host: string;
  #printsWatches = true;
  #onConnected: (() => void) | undefined;

  constructor(platform: ClientPlatform, options: SessionOptions, screen: Screen, host: string) {
    this.#platform = platform;
    this.#options = options;
    this.#screen = screen;
    this.#host = host;
    this.#zk = this.#connect(host);
    const shell = this;
    this.#context = {
      get zk() {
        return shell.#zk;
      },
      write: (text) => screen.write(text),
      out: (line) => screen.write(`${line}\n`),
      err: (line) => screen.writeError(`${line}\n`),
    };
  }

  get zk(): ZooKeeperClient {
    return this.#zk;
  }

  get prompt(): string {
    return `[zk: ${this.#host}(${this.#zk.state}) ${this.#history.length}] `;
  }

  /** The first connection of the session that there is now, if it comes before the time is over. */
  untilConnected(timeoutMs: number): Promise<boolean> {
    if (this.#zk.session.isConnected) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.#platform.clock.setTimer(timeoutMs, () => resolve(false));
      this.#onConnected = () => {
        timer.cancel();
        resolve(true);
      };
    });
  }

  /** One line of an interactive session. An empty one is nothing. */
  async execute(line: string): Promise<void> {
    if (line === "") return;
    const words = splitWords(line);
    const number = this.#history.push(line) - 1;
    await this.run(words, number);
  }

  /** One command. What goes wrong is said; `exitCode` tells of it. `number`: its place in the history. */
  async run(words: readonly string[], number = 0): Promise<void> {
    try {
      await this.#run(words, number);
      if (!this.isOver) this.exitCode = 0;
    } catch (error) {
      const known = cliErrorOf(error);
      if (!(known instanceof CliError)) throw error;
      this.exitCode = known.exitCode;
      this.#context.err(known.message);
    }
  }

  async #run(words: readonly string[], number: number): Promise<void> {
    const name = words[0];
    if (name === undefined) {
      this.#printUsage();
      throw new CliError("No command entered");
    }
    const command = COMMANDS.get(name);
    if (command === undefined && !OWN_COMMANDS.has(name)) {
      this.#printUsage();
      throw new CliError(`Command not found: Command not found ${name}`, COMMAND_NOT_FOUND);
    }
    if (name === "quit") await this.#quit();
    else if (command === undefined) await this.#runOwn(words, number);
    if (this.isOver) return;
    // Java looks only now whether there is a session; `history` of a closed one says so too.
    if (!isAlive(this.#zk.state)) this.#context.out("Not connected");
    else if (command !== undefined) await runCommand(command, this.#context, words);
  }

  async #runOwn(words: readonly string[], number: number): Promise<void> {
    const argument = words[1];
    switch (words[0]) {
      case "redo":
        if (argument !== undefined) await this.#redo(javaDecodeOrDie(argument), number);
        return;
      case "history":
        for (let i = Math.max(number - HISTORY_SHOWN, 0); i <= number; i++) {
          this.#context.out(`${i} - ${this.#history[i] ?? null}`);
        }
        return;
      case "printwatches":
        if (argument === undefined) {
          this.#context.out(`printwatches is ${this.#printsWatches ? "on" : "off"}`);
        } else this.#printsWatches = argument === "on";
        return;
      case "connect":
        if (isAlive(this.#zk.state)) await this.#zk.close();
        this.#zk = this.#reconnect(argument ?? this.#host);
        return;
    }
  }

  async #redo(index: number, number: number): Promise<void> {
    if (number <= index || index < 0) throw new CliError("Command index out of range");
    const line = this.#history[index]!;
    const words = splitWords(line);
    if (words[0] === "redo") throw new CliError("No redoing redos");
    this.#history[number] = line;
    await this.run(words, number);
  }

  /** The exit code is that of the command before. */
  async #quit(): Promise<void> {
    await this.#zk.close();
    this.isOver = true;
  }

  #reconnect(host: string): ZooKeeperClient {
    try {
      this.#host = host;
      return this.#connect(host);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw uncaughtOf(error);
    }
  }

  #connect(host: string): ZooKeeperClient {
    const watcher = (event: WatchEvent): void => this.#onEvent(event);
    return ZooKeeperClient.connect(this.#platform, host, { ...this.#options, watcher });
  }

  #onEvent(event: WatchEvent): void {
    if (this.#printsWatches) {
      this.#screen.interrupt(`\nWATCHER::\n\n${describeEvent(event)}\n`);
    }
    if (event.type === EventType.none && event.state === KeeperState.syncConnected) {
      this.#onConnected?.();
    }
  }

  #printUsage(): void {
    const lines = usages()
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, usage]) => `\t${name} ${usage}`);
    this.#context.err(
      ["ZooKeeper -server host:port -client-configuration properties-file cmd args", ...lines].join(
        "\n",
      ),
    );
  }
}
