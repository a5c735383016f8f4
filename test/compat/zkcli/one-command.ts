// zkCli for one command, at a port to which not everybody may connect.

import { type CliVersion, Terminal } from "./terminal.js";

export type Asked = [
  version: CliVersion,
  port: number,
  settings: readonly string[],
  ...command: readonly string[],
];

/** Of somebody who gets in, however long a busy machine takes; what it shows. */
export const zkCli = (...asked: Asked): Promise<string> => connectedWithin(30_000, asked);

/** Of somebody who does not. */
export const keptOut = (...asked: Asked): Promise<string> => connectedWithin(6000, asked);

async function connectedWithin(ms: number, asked: Asked): Promise<string> {
  const [version, port, settings, ...command] = asked;
  const args = ["-timeout", `${ms}`, "-waitforconnection", "-server", `localhost:${port}`];
  const terminal = new Terminal(version, [...args, ...command], settings);
  terminal.endOfInput();
  try {
    await terminal.ended;
    return terminal.text;
  } finally {
    terminal.kill();
  }
}
