// How late the event loop is: what a request that comes at the wrong moment waits. Java: JvmPauseMonitor, which measures the
// same thing, a sleep that takes longer than it should, where garbage is collected.

import type { Config } from "../config/config.js";
import type { PercentileSummary } from "../metrics/instruments.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Logger, Platform, Timer } from "../platform/platform.js";

type Settings = Pick<
  Config["logging"],
  "jvmPauseSleepTimeMs" | "jvmPauseInfoThresholdMs" | "jvmPauseWarnThresholdMs"
>;

export class PauseMonitor {
  readonly #platform: Platform;
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #pauses: PercentileSummary;
  #timer: Timer | undefined;
  #infos = 0;
  #warnings = 0;

  constructor(platform: Platform, settings: Settings, metrics: Metrics) {
    this.#platform = platform;
    this.#settings = settings;
    this.#log = platform.log.child("JvmPauseMonitor");
    this.#pauses = metrics.percentiles.jvm_pause_time_ms;
  }

  start(): void {
    const { jvmPauseInfoThresholdMs: info, jvmPauseWarnThresholdMs: warn } = this.#settings;
    this.#log.info(
      `Starting JVM Pause Monitor with infoThresholdMs:${info} warnThresholdMs:${warn} and sleepTimeMs:${this.#settings.jvmPauseSleepTimeMs}`,
    );
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    const { clock } = this.#platform;
    const sleepMs = Math.max(1, this.#settings.jvmPauseSleepTimeMs);
    const startMs = clock.monotonicMs();
    this.#timer = clock.setTimer(sleepMs, () => {
      this.#note(Math.floor(clock.monotonicMs() - startMs - sleepMs));
      this.#schedule();
    });
  }

  #note(lateMs: number): void {
    const { jvmPauseInfoThresholdMs, jvmPauseWarnThresholdMs } = this.#settings;
    if (lateMs >= 0) this.#pauses.add(lateMs);
    if (lateMs > jvmPauseWarnThresholdMs) {
      this.#warnings++;
      this.#log.warn(this.#describe(lateMs));
    } else if (lateMs > jvmPauseInfoThresholdMs) {
      this.#infos++;
      this.#log.info(this.#describe(lateMs));
    }
  }

  #describe(lateMs: number): string {
    return `Detected pause in JVM or host machine (eg GC): pause of approximately ${lateMs} ms, total pause: info level: ${this.#infos}, warn level: ${this.#warnings}`;
  }
}
