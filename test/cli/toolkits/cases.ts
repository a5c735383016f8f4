// What the toolkits are asked, each with its name. Paths are relative to a directory that files.ts has filled.

export type ToolkitName =
  | "txn-log-toolkit"
  | "snapshot-formatter"
  | "snapshot-comparer"
  | "snapshot-recursive-summary";

export interface ToolkitCase {
  readonly tool: ToolkitName;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly zone: string;
  /** Java complains in words of its own libraries: only that there is a complaint is compared. */
  readonly isWordingFree: boolean;
}

export const JAVA_CLASSES: Readonly<Record<ToolkitName, string>> = {
  "txn-log-toolkit": "persistence.TxnLogToolkit",
  "snapshot-formatter": "SnapshotFormatter",
  "snapshot-comparer": "SnapshotComparer",
  "snapshot-recursive-summary": "SnapshotRecursiveSummary",
};

type More = Partial<Pick<ToolkitCase, "stdin" | "zone" | "isWordingFree">>;

/** `line` is split at blanks; "" stands for an empty argument. */
function ask(tool: ToolkitName, line: string, more: More = {}): ToolkitCase {
  const args = line === "" ? [] : line.split(" ").map((word) => (word === '""' ? "" : word));
  return { tool, args, stdin: "", zone: "UTC", isWordingFree: false, ...more };
}

export function nameOf({ tool, args, stdin, zone }: ToolkitCase): string {
  const answers = stdin === "" ? "" : ` <<< ${JSON.stringify(stdin)}`;
  return `${tool} ${args.map((arg) => arg || '""').join(" ")}${answers}${zone === "UTC" ? "" : ` in ${zone}`}`;
}

const log = (line: string, more?: More) => ask("txn-log-toolkit", line, more);
const format = (line: string, more?: More) => ask("snapshot-formatter", line, more);
const compare = (line: string, more?: More) => ask("snapshot-comparer", line, more);
const summarize = (line: string, more?: More) => ask("snapshot-recursive-summary", line, more);

const LOG = "java39/version-2/log.1";
const SHORT_LOG = "java39/version-2/log.62";
const OLD = "java39/version-2/snapshot.36";
const NEW = "java39/version-2/snapshot.60";

const LOGS = [
  "java34/version-2/log.1",
  "java34/version-2/log.62",
  "java38/version-2/log.35",
  LOG,
  "java39-malformed/version-2/log.5",
  "odd/log.1",
].map((path) => log(path));

const LOG_DAMAGE = [
  "crc crc-high end length-huge length-large length-null length-negative length-zero length-short",
  "type path cut-record cut-end cut-prefix cut-header empty",
]
  .flatMap((names) => names.split(" "))
  .flatMap((name) => [log(`${name}/log.1`), log(`-r -y ${name}/log.1`)]);

const LOG_RECOVERY = [
  log(`-r ${SHORT_LOG}`),
  log("-r crc/log.1", { stdin: "y\nn\nyes\n" }),
  log("-r -v crc/log.1", { stdin: "what  No\nY" }),
  log("-r -v crc/log.1", { stdin: "no y abort" }),
  log("-r crc/log.1", { stdin: "a\n" }),
  log("-r crc/log.1"),
  log("-ryv crc/log.1"),
  log("-r -y odd/log.1"),
  log("-y crc-high/log.1"),
  log("-r fixed/log.1"),
];

const LOG_CHOPS = [
  log(`-c -z 5 ${LOG}`),
  log(`-c -z 0x10 ${LOG}`),
  log(`--chop --zxid=010 ${LOG}`),
  log(`-c -z 0 ${LOG}`),
  log(`-c -z 999999 ${LOG}`),
  log(`-c -z -1 ${LOG}`),
  log(`-c -z twelve ${LOG}`),
  log(`-c -z 0x ${LOG}`, { isWordingFree: true }),
  log("-c -z 5 odd/log.gaps"),
  log("-c -z 3 odd/log.gaps"),
  log("-c -z 0x300000004 odd/log.gaps"),
  log("-c -z 5 crc/log.1"),
  log("-c -z 9 end/log.1"),
  log("-c -z 9 cut-end/log.1"),
  log("-c -z 9 cut-record/log.1"),
  log("-c -z 9 length-huge/log.1"),
  log("-c -z 9 cut-header/log.1"),
  log("-c -z 9 type/log.1"),
  log(`-c -z 9 ${OLD}`),
  log("-c -z 9 none"),
  log("-c -z 9 odd"),
];

const LOG_WORDS = [
  ...["", "-h", "--hel", "-x", "--x", "none", "odd", "-c -z", `-c ${SHORT_LOG}`, OLD],
  ...[`-z 5 ${SHORT_LOG}`, `-zxid5 ${SHORT_LOG}`, `--zxid= ${SHORT_LOG}`, `-d=3 ${SHORT_LOG}`],
  ...[`-verbose ${SHORT_LOG} more`, `-dv ${SHORT_LOG}`, `-dq ${SHORT_LOG}`, `-- ${SHORT_LOG} -h`],
  ...[`${SHORT_LOG} -h`, `-c --dump -z ${SHORT_LOG}`, `--verb=1 ${SHORT_LOG}`, `.//${SHORT_LOG}`],
].map((line) => log(line));

const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kolkata"].flatMap(
  (zone) => [log("odd/log.1", { zone }), format(OLD, { zone })],
);

const FORMATS = [
  ...["java34/version-2/snapshot.28", "java38/version-2/snapshot.0", OLD, NEW],
  ...["java38-gz/version-2/snapshot.5e.gz", "java39-snappy/version-2/snapshot.50.snappy"],
  ...["java39-plain/version-2/snapshot.39", "wide/snapshot.100", "quota/snapshot.9"],
]
  .flatMap((path) => [path, `-d ${path}`, `-json ${path}`])
  .map((line) => format(line));

const FORMAT_WORDS = [
  ...["", "-d", "none", "odd", `-d -json ${OLD}`, `-d -d ${OLD}`, `${OLD} -d`, `-x ${OLD}`],
  ...["named/snapshot", "-d named/backup.GZ", "named/snapshot.ffffffffffffff.gz"],
].map((line) => format(line));

const SNAPSHOT_DAMAGE = [
  format("magic/snapshot.36"),
  format("cut/snapshot.36"),
  format("empty/snapshot.36"),
  format("orphan/snapshot.5"),
  format("gz/snapshot.36.gz", { isWordingFree: true }),
  format("gz-cut/snapshot.36.gz", { isWordingFree: true }),
  format("snappy/snapshot.36.snappy", { isWordingFree: true }),
  // We complain where Java does not.
  format("crc/snapshot.36", { isWordingFree: true }),
  format("-d cut-seal/snapshot.36", { isWordingFree: true }),
  summarize("crc/snapshot.36 / 1", { isWordingFree: true }),
  compare(`-l crc/snapshot.36 -r ${OLD} -b 1 -n 1`, { isWordingFree: true }),
];

const COMPARISONS = [
  compare(`-l ${OLD} -r ${NEW} -b 0 -n 0`),
  compare(`-l ${OLD} -r ${NEW} -b 5 -n 1 -d`),
  compare(`--left=${NEW} -right ${OLD} -b0 --nod 2`),
  compare("-l wide/snapshot.100 -r wide/snapshot.200 -b 10 -n 0"),
  compare("-l wide/snapshot.200 -r wide/snapshot.100 -b 100 -n 3 -d"),
  compare(`-l java38-gz/version-2/snapshot.35.gz -r ${NEW} -b 1 -n 1`),
  compare(`-l ${OLD} -r java39-snappy/version-2/snapshot.50.snappy -b 1 -n 1`),
  compare(`-l ${OLD} -r ${NEW} -b 5 -n 1 -i`, {
    stdin: "\n1\n/\n/n0\n99\nabc\n-1\n/none\n+2\n\n\n\n",
  }),
  compare("-l wide/snapshot.100 -r wide/snapshot.200 -b 5 -n 1 -i -d", {
    stdin: "/many\r\n/a.b\n/deep/d\n59\r\n\n\n\n",
  }),
  compare(`-l ${OLD} -r ${NEW} -b 5 -n 1 -i`, { stdin: "\n" }),
  ...["", "-l", "-q", "--b 1", `-l ${OLD}`, `-l ${OLD} -r ${NEW} -b 1`, "-l a -r b -b c -n d"],
  ...[`-l none -r ${NEW} -b 1 -n 1`, `-l ${OLD} -r none -b 1 -n 1`, "-l odd -r odd -b 1 -n 1"],
  ...[`-l ${OLD} -r ${OLD} -b -1 -n 2147483648`, `-l ${OLD} -r ${OLD} -b -1 -n 5 extra`],
].map((item) => (typeof item === "string" ? compare(item) : item));

const SUMMARIES = [
  ...["", `${OLD} /`, `${OLD} / x`, `${OLD} / 0`, `${OLD} / 1`, `${OLD} / +2`, `${OLD} "" 2`],
  ...[`${NEW} /n0 -1`, `${NEW} /n0 0`, `${NEW} /n0/ 1`, `${NEW} /none 1`, "none / 1", "odd / 1"],
  ...["wide/snapshot.100 / 0", "wide/snapshot.100 /many 0", "wide/snapshot.200 /deep/d/d 5"],
  ...["quota/snapshot.9 / 0", "java38-gz/version-2/snapshot.5e.gz / 0", `${OLD} / 0 more`],
  ...["java39-snappy/version-2/snapshot.50.snappy / 2", `${OLD} /zookeeper/config 0`],
].map((line) => summarize(line));

export const CASES: readonly ToolkitCase[] = [
  ...LOGS,
  ...LOG_DAMAGE,
  ...LOG_RECOVERY,
  ...LOG_CHOPS,
  ...LOG_WORDS,
  ...ZONES,
  ...FORMATS,
  ...FORMAT_WORDS,
  ...SNAPSHOT_DAMAGE,
  ...COMPARISONS,
  ...SUMMARIES,
];
