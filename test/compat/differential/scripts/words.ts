// The four-letter words, after a small fixed load. Numbers of time and place are masked; counts are not.

import { int, long } from "../../raw/bytes.js";
import { create, exists, getChildren, getData, Mode, OPEN } from "../../raw/requests.js";
import { connect, type Script, type Step, word } from "../steps.js";

const VERSION = [/Zookeeper version: .*/g, "Zookeeper version: <version>"] as const;
const LATENCY = [/Latency min\/avg\/max: \S+/g, "Latency min/avg/max: <numbers>"] as const;
const CLIENT = [/\/127\.0\.0\.1:\d+/g, "/127.0.0.1:<port>"] as const;
const CONS = [
  [/est=\d+/g, "est=<time>"],
  [/lresp=\d+/g, "lresp=<time>"],
  [/(llat|minlat|avglat|maxlat)=\d+/g, "$1=<number>"],
] as const;
const ANYTHING = [/\S+$/gm, "<value>"] as const;
const PLACES = [
  [/clientPort=\d+/, "clientPort=<port>"],
  [/=\/.*version-2/g, "=<directory>"],
  [/(dataDirSize|dataLogSize)=\d+/g, "$1=<number>"],
] as const;
const CLIENT_LINE = /^(\t| \/)/;
const EXPIRY = [
  [/^\d+ expire at .*:\n/gm, ""],
  [/Sets \(\d+\)\/\(\d+\)/g, "Sets (<n>)"],
] as const;

export const wordsScript: Script = {
  name: "words",
  steps: [
    // The harness has asked srvr until it was answered.
    word("srst"),
    word("ruok"),
    word("isro"),
    word("srvr", [VERSION, LATENCY]),
    word("wchs"),
    word("wchc", [], /^\t/),
    word("wchp", [], /^[/\t]/),
    word("dump", [CLIENT, ...CONS, ...EXPIRY], CLIENT_LINE),
    connect("a"),
    connect("b"),
    ["a", create("/n", "1"), create("/e", "", OPEN, Mode.ephemeral), getData("/n", true)],
    ["a", create("/e2", "", OPEN, Mode.ephemeral), getChildren("/", true), exists("/x", true)],
    word("stat", [VERSION, LATENCY, CLIENT], CLIENT_LINE),
    word("srvr", [VERSION, LATENCY]),
    word("wchs"),
    word("wchp", [], /^[/\t]/),
    word("wchc", [], /^\t/),
    word("conf", PLACES),
    word("dirs", [ANYTHING]),
    word("gtmk"),
    word(Buffer.concat([Buffer.from("stmk"), long(0)])),
    word("gtmk"),
    word(Buffer.concat([Buffer.from("stmk"), long(306)])),
    word("hash"),
    word("srst"),
    word("srvr", [VERSION, LATENCY]),
    word("crst"),
    word("envi", [
      [/=.*$/gm, "=<value>"],
      [/^java\..*\n/gm, ""],
    ]),
    word("mntr", [[/\t.*$/gm, "\t<value>"]]),
    word("ruokmore"),
    word("ruok\n"),
    word(Buffer.concat([Buffer.from("srvr"), int(0)]), [VERSION, LATENCY]),
    word("RUOK"),
    word("abcd"),
  ],
};

/** What a client list shows cannot be told apart while both clients are there: one alone. */
export const consScript: Script = {
  name: "words-cons",
  steps: [
    word("cons", [CLIENT, ...CONS], CLIENT_LINE),
    connect("a"),
    ["a", create("/n", ""), exists("/n")],
    word("cons", [CLIENT, ...CONS], CLIENT_LINE),
    word("crst"),
    word("cons", [CLIENT, ...CONS], CLIENT_LINE),
    word("dump", [CLIENT, ...CONS, ...EXPIRY], CLIENT_LINE),
  ],
};

const NAMES =
  "conf cons crst dump envi ruok srst srvr stat wchc wchp wchs mntr isro gtmk stmk dirs hash".split(
    " ",
  );

export const whitelistScript: Script = {
  name: "words-whitelist",
  cfg: { "4lw.commands.whitelist": "srvr, isro ,srst,nosuch" },
  steps: ["srst", ...NAMES].map((name): Step => word(name, [VERSION, LATENCY])),
};
