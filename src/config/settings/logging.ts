// What the server tells about itself in its log: levels, audit, pauses, statistics of paths.

import { choice, decimal, flag, int, long, optionalText, text } from "../setting.js";

const LEVELS = ["ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"] as const;

export const loggingSettings = {
  logThreshold: choice({
    name: "log.threshold",
    fallback: "INFO",
    values: LEVELS,
    about:
      "Level of Java's log file. Accepted without effect: lines go to standard output, which zkServer.sh keeps.",
  }),
  consoleThreshold: choice({
    name: "console.threshold",
    fallback: "INFO",
    values: LEVELS,
    about: "Lines below this level are not written. -Dzookeeper.root.logger wins over it.",
  }),
  rootLogger: optionalText({
    name: "root.logger",
    about: "Up to 3.7: level and appenders; here the level.",
  }),
  logFormat: choice({
    name: "log.format",
    fallback: "text",
    values: ["text", "json"],
    about: "Zooid only: text is ZooKeeper's layout, json one object a line.",
  }),
  logDir: optionalText({
    name: "log.dir",
    about:
      "Directory of log files; zkServer.sh sets it to ZOO_LOG_DIR. Accepted without effect on the server itself.",
  }),
  logFile: optionalText({
    name: "log.file",
    about: "Name of Java's log file; zkServer.sh sets it. Accepted without effect.",
  }),
  logMaxFileSize: optionalText({
    name: "log.maxfilesize",
    about:
      "Size of Java's log files. Accepted without effect: leave rotation to logrotate (copytruncate).",
  }),
  logMaxBackupIndex: optionalText({
    name: "log.maxbackupindex",
    about: "How many old log files Java keeps. Accepted without effect.",
  }),
  jmxLog4jDisable: flag({
    name: "jmx.log4j.disable",
    fallback: false,
    about: "JMX of Java's logging. Accepted without effect.",
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
    about: "Java class that writes them. Accepted without effect.",
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
    later: true,
    fallback: false,
    about:
      "Java: count requests by path, for its log. It and the others of its name are accepted without effect.",
  }),
  pathStatsSlotCapacity: int({
    name: "pathStats.slotCapacity",
    later: true,
    fallback: 60,
    unit: "slots",
    about: "So many slots of time are kept.",
  }),
  pathStatsSlotDurationSeconds: int({
    name: "pathStats.slotDuration",
    later: true,
    fallback: 15,
    unit: "s",
    about: "One slot is this long.",
  }),
  pathStatsMaxDepth: int({
    name: "pathStats.maxDepth",
    later: true,
    fallback: 6,
    unit: "levels",
    about: "Paths are cut to this depth.",
  }),
  pathStatsSampleRate: decimal({
    name: "pathStats.sampleRate",
    later: true,
    fallback: 0.1,
    about: "This part of the requests is counted.",
  }),
  pathStatsInitialDelayMinutes: long({
    name: "pathStats.initialDelay",
    later: true,
    fallback: 5,
    unit: "minutes",
    about: "The first report comes after this long.",
  }),
  pathStatsDelayMinutes: long({
    name: "pathStats.delay",
    later: true,
    fallback: 5,
    unit: "minutes",
    about: "Then one each.",
  }),
  pathStatsTopPathMax: int({
    name: "pathStats.topPathMax",
    later: true,
    fallback: 20,
    unit: "paths",
    about: "So many paths are reported.",
  }),
} as const;
