// The commented manual, conf/zoo_sample.cfg, made from the table of settings so that it cannot say anything else than the
// program does. test/config/sample.test.ts compares the file with this and rewrites it when ZOOID_UPDATE=1.

import { METRICS_PREFIX } from "./read-settings.js";
import type { Setting } from "./setting.js";
import { type GroupName, groups, SETTINGS } from "./table.js";

const COLUMNS = 100;

/** What the sample sets, as ZooKeeper's own sample does. */
const SAMPLE_VALUES: readonly [Setting<unknown>, string][] = [
  [SETTINGS.session.tickTimeMs, "2000"],
  [SETTINGS.quorum.initLimitTicks, "10"],
  [SETTINGS.quorum.syncLimitTicks, "5"],
  [SETTINGS.storage.dataDir, "/tmp/zookeeper"],
  [SETTINGS.client.clientPort, "2181"],
];

const HEADINGS: Readonly<Record<GroupName, string>> = {
  client: "Clients: ports, connections, four-letter words",
  session: "Sessions",
  storage: "Data: directories, log, snapshots, purge",
  limits: "Limits: how much is taken on at a time",
  tree: "The tree: node types, quotas, reaping",
  quorum: "The ensemble: members, election, synchronization",
  auth: "Who may do what",
  tlsClient: "TLS for clients (secureClientPort, client.portUnification)",
  tlsQuorum:
    "TLS between members (sslQuorum) and for HTTP (admin.portUnification, admin.forceHttps)",
  admin: "HTTP commands",
  metrics: "Metrics",
  logging: "Logs",
};

/** What stands in the manual for settings that have no default to show. By name; a * stands for the part before it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  clientPortAddress: "127.0.0.1",
  secureClientPort: "2281",
  secureClientPortAddress: "127.0.0.1",
  "nio.numSelectorThreads": "1",
  "nio.numWorkerThreads": "4",
  controllerPort: "9000",
  dataLogDir: "/var/lib/zookeeper-log",
  maxWriteQueuePollTime: "0",
  "snapshot.compression.method": "gz",
  "testingonly.initialZxid": "1",
  "jute.maxbuffer.extrasize": "1048575",
  "commitProcessor.numWorkerThreads": "2",
  dynamicConfigFile: "/etc/zookeeper/zoo.cfg.dynamic",
  oraclePath: "/etc/zookeeper/oracle",
  "DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
  "X509AuthenticationProvider.superUser": "CN=admin",
  "SASLAuthenticationProvider.superPassword": "secret",
  letAnySaslUserDoX: "anybody",
  ensembleAuthName: "production",
  "enforce.auth.schemes": "digest",
  "java.security.auth.login.config": "/etc/zookeeper/jaas.conf",
  "admin.page.hosts": "zookeeper.example.com",
  "*keyStore.location": "/etc/zookeeper/key.pem",
  "*keyStore.password": "secret",
  "*keyStore.passwordPath": "/etc/zookeeper/key.password",
  "*keyStore.type": "PEM",
  "*trustStore.location": "/etc/zookeeper/trust.pem",
  "*trustStore.password": "secret",
  "*trustStore.passwordPath": "/etc/zookeeper/trust.password",
  "*trustStore.type": "PEM",
  "*protocol": "TLSv1.3",
  "*enabledProtocols": "TLSv1.2,TLSv1.3",
  "*ciphersuites": "TLS_AES_256_GCM_SHA384",
  "*context.supplier.class": "com.example.Supplier",
  "root.logger": "INFO",
  "log.dir": "/var/log/zookeeper",
  "log.file": "zookeeper.log",
  "log.maxfilesize": "256MB",
  "log.maxbackupindex": "20",
  "jmx.log4j.mbean": "org.apache.log4j.jmx.HierarchyDynamicMBean",
};

const PREFACE = `
This is zoo.cfg, and its manual. Copied to conf/zoo.cfg it is what zkServer.sh starts with;
without that file zkServer.sh takes this one, and says so.

A line that is commented out shows the default, or an example where there is none: taking its #
away changes nothing, or does what the text above it tells. Units stand behind the names. A file
that works with ZooKeeper works here. What is marked Zooid only we have.

How it is read: key=value, one a line, as Java reads properties. # begins a comment only at the
beginning of a line. A backslash is written twice (dataDir=E:\\\\zookeeper), other letters than
those of ISO-8859-1 as \\uXXXX. Of equal keys the last one counts. Most settings can also be given
as -Dzookeeper.<key>=<value> in SERVER_JVMFLAGS (conf/java.env, conf/zookeeper-env.sh); this file
wins. A key that nobody knows becomes such a property too, and the log says so, with the nearest
known one.`;

const MEMBERS = `
Members are listed here, alike on every server, or in the file named by dynamicConfigFile:
  server.1=zoo1.example.com:2888:3888
  server.2=zoo2.example.com:2888:3888;2181
  server.3=zoo3.example.com:2888:3888:participant;[::1]:2181
  server.4=zoo4.example.com:2888:3888:observer
That is host:quorum port:election port[:role][;[client address:]client port]; several addresses
stand between | if multiAddress.enabled. Which one a server is tells dataDir/myid, a file with the
number and nothing else. "myid file is missing" and "serverid x is not a number" end the start
with exit code 2. Three servers outlive the loss of one, five of two; an even number is no better
than one less ("Non-optimal configuration, consider an odd number of servers.").

Groups make a hierarchical quorum, a majority of the weight in a majority of the groups:
  group.1=1:2:3
  group.2=4:5:6
  weight.1=2`;

const NUMBERED = `
superUser=<id>, superUser.1=<id>, superUser.2=<id> ...: ids that may do everything.
authProvider.1=<class> ...: further schemes, by the names of ZooKeeper's classes for them.`;

const LOGGING = `
The log is open before this file is read: log.*, console.threshold and root.logger must be given
as -Dzookeeper.<key>=<value> in SERVER_JVMFLAGS, as with ZooKeeper.`;

/** Groups whose part of the program is still to come. */
/** The whole file. */
export function sampleText(): string {
  const set = new Map(SAMPLE_VALUES);
  const parts = [comment(PREFACE), heading("What a server needs")];
  for (const [setting, value] of SAMPLE_VALUES) parts.push(paragraph(setting, value, true));
  for (const [name, rows] of groups()) {
    parts.push(heading(HEADINGS[name]));
    if (name === "quorum") parts.push(comment(MEMBERS));
    if (name === "logging") parts.push(comment(LOGGING));
    if (name === "auth") parts.push(comment(NUMBERED));
    for (const setting of Object.values(rows)) {
      if (!set.has(setting)) parts.push(paragraph(setting, shown(setting), false));
    }
  }
  return `${parts.join("\n\n")}\n`;
}

function shown(setting: Setting<unknown>): string {
  const { name, fallbackText } = setting;
  if (fallbackText !== undefined && fallbackText !== "") return fallbackText;
  const pattern = Object.keys(EXAMPLES).find((one) =>
    one.startsWith("*") ? name.endsWith(one.slice(1)) : one === name,
  );
  return pattern === undefined ? "" : (EXAMPLES[pattern] as string);
}

function paragraph(setting: Setting<unknown>, value: string, active: boolean): string {
  const { about, fallbackText, name, place, unit } = setting;
  const key = place === "file metricsProvider" ? METRICS_PREFIX + name : name;
  const title = unit === undefined ? key : `${key} (${unit})`;
  const facts: string[] = [];
  if (fallbackText === undefined || fallbackText === "") facts.push("Not set by default.");
  else if (active) facts.push(`Default: ${fallbackText}.`);
  if (setting.later) facts.push("Without effect in this version.");
  if (place === "bare") facts.push(`ZooKeeper itself knows only -D${name}.`);
  const text = wrap([about, ...facts].join(" "), COLUMNS - 4);
  return [
    `# ${title}`,
    ...text.map((line) => `#   ${line}`),
    `${active ? "" : "#"}${key}=${value}`,
  ].join("\n");
}

function heading(title: string): string {
  return `# ${"=".repeat(COLUMNS - 3 - title.length)} ${title}`;
}

function comment(text: string): string {
  const lines = text.trimStart().split("\n");
  return lines.map((line) => `# ${line}`.trimEnd()).join("\n");
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}
