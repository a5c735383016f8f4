// What the server tells about itself in its log: levels, audit, pauses, statistics of paths.

import { choice, decimal, flag, int, long, optionalText, text } from "../setting.js";

const LEVELS = ["ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"] as const;

export const loggingSettings = {
  logThreshold: choice({
    name: "log.threshold",
    fallback: "INFO",
    values: LEVELS,
    about: "Lines below this level are not written to a log file.",
  }),
  consoleThreshold: choice({
    name: "console.threshold",
    fallback: "INFO",
    values: LEVELS,
    about: "Lines below this level are not written to standard output.",
  }),
  rootLogger: optionalText({
    name: "root.logger",
    about:
      "Up to 3.7: level and appenders, as in INFO,ROLLINGFILE. The level is used, and ROLLINGFILE writes to the log file.",
  }),
  logFormat: choice({
    name: "log.format",
    fallback: "text",
    values: ["text", "json"],
    about: "Zooid's own: text is ZooKeeper's layout, json one object a line.",
  }),
  logDir: optionalText({
    name: "log.dir",
    about: "Directory of log files; zkServer.sh sets it to ZOO_LOG_DIR.",
  }),
  logFile: optionalText({
    name: "log.file",
    about: "Name of the log file; zkServer.sh sets it.",
  }),
  logMaxFileSize: optionalText({
    name: "log.maxfilesize",
    about: "Size at which a new log file is begun, as in 256MB.",
  }),
  logMaxBackupIndex: optionalText({
    name: "log.maxbackupindex",
    about: "How many old log files are kept.",
  }),
  jmxLog4jDisable: flag({
    name: "jmx.log4j.disable",
    fallback: false,
    about: "JMX of Java's logging. Accepted; there is no JMX here.",
  }),
  jmxLog4jMbean: optionalText({
    name: "jmx.log4j.mbean",
    about: "JMX of Java's logging. Accepted without effect.",
  }),
  auditEnable: flag({
    name: "audit.enable",
    fallback: false,
    about: "One line for each change and who made it, to the log named audit.",
  }),
  auditImplClass: text({
    name: "audit.impl.class",
    fallback: "org.apache.zookeeper.audit.Slf4jAuditLogger",
    about: "Java class that writes them. Only this one is here.",
  }),
  jvmPauseMonitor: flag({
    name: "jvm.pause.monitor",
    place: "file",
    fallback: false,
    about: "Report when the process was held up (garbage collection, a busy or sleeping machine).",
  }),
  jvmPauseInfoThresholdMs: long({
    name: "jvm.pause.info-threshold.ms",
    place: "file",
    fallback: 1000,
    unit: "ms",
    about: "From this long on as information.",
  }),
  jvmPauseWarnThresholdMs: long({
    name: "jvm.pause.warn-threshold.ms",
    place: "file",
    fallback: 10_000,
    unit: "ms",
    about: "From this long on as a warning.",
  }),
  jvmPauseSleepTimeMs: long({
    name: "jvm.pause.sleep.time.ms",
    place: "file",
    fallback: 500,
    unit: "ms",
    about: "How often it is looked at.",
  }),
  pathStatsEnabled: flag({
    name: "pathStats.enabled",
    fallback: false,
    about: "Count requests by path.",
  }),
  pathStatsSlotCapacity: int({
    name: "pathStats.slotCapacity",
    fallback: 60,
    unit: "slots",
    about: "So many slots of time are kept.",
  }),
  pathStatsSlotDurationSeconds: int({
    name: "pathStats.slotDuration",
    fallback: 15,
    unit: "s",
    about: "One slot is this long.",
  }),
  pathStatsMaxDepth: int({
    name: "pathStats.maxDepth",
    fallback: 6,
    unit: "levels",
    about: "Paths are cut to this depth.",
  }),
  pathStatsSampleRate: decimal({
    name: "pathStats.sampleRate",
    fallback: 0.1,
    about: "This part of the requests is counted.",
  }),
  pathStatsInitialDelayMinutes: long({
    name: "pathStats.initialDelay",
    fallback: 5,
    unit: "minutes",
    about: "The first report comes after this long.",
  }),
  pathStatsDelayMinutes: long({
    name: "pathStats.delay",
    fallback: 5,
    unit: "minutes",
    about: "Then one each.",
  }),
  pathStatsTopPathMax: int({
    name: "pathStats.topPathMax",
    fallback: 20,
    unit: "paths",
    about: "So many paths are reported.",
  }),
} as const;
