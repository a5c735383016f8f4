// Which four-letter words there are, and which of them are answered. Java: FourLetterCommands.

export const WORDS = [
  "conf",
  "cons",
  "crst",
  "dirs",
  "dump",
  "envi",
  "gtmk",
  "ruok",
  "stmk",
  "srst",
  "srvr",
  "stat",
  "wchc",
  "wchp",
  "wchs",
  "mntr",
  "isro",
  "hash",
] as const;
export type Word = (typeof WORDS)[number];

/**
 * What telnet sends when its user closes the connection. Java knows it as a word of this name so that the log stays clean;
 * it is answered like any word that is not in the whitelist.
 */
export const TELNET_CLOSE = "telnet close";

export interface FourLetterSettings {
  readonly fourLetterWordWhitelist: readonly string[];
  readonly readonlymodeEnabled: boolean;
}

const byFirstBytes = new Map<number, Word | typeof TELNET_CLOSE>([
  ...WORDS.map((word) => [Buffer.from(word, "latin1").readInt32BE(0), word] as const),
  [0xfff4fffd | 0, TELNET_CLOSE] as const,
]);

/** The word that a connection's first four bytes are, read as an int; undefined if they are none (but a length). */
export function wordOf(firstBytes: number): Word | typeof TELNET_CLOSE | undefined {
  return byFirstBytes.get(firstBytes);
}

/** All that are answered. */
export function enabledWords(settings: FourLetterSettings): ReadonlySet<string> {
  const enabled = new Set<string>();
  for (const name of settings.fourLetterWordWhitelist) {
    const word = name.trim();
    if (word === "*") {
      for (const each of [...WORDS, TELNET_CLOSE]) enabled.add(each);
      break;
    }
    if (word !== "") enabled.add(word);
  }
  // zkServer.sh and read-only clients ask these themselves.
  if (settings.readonlymodeEnabled) enabled.add("isro");
  enabled.add("srvr");
  return enabled;
}
