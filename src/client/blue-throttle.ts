// How many new connections are let in: a token bucket, and on top of it a probability to refuse. Java: BlueThrottle.
//
// Each handshake takes tokens (as many as its kind weighs, if weights are on); `fillCount` tokens come back every
// `fillTime`. An empty bucket refuses. With a freeze time set, an empty bucket also raises, every freeze time, the chance
// that a handshake is refused at random, and a full enough bucket lowers it (the BLUE algorithm), which spreads a crowd of
// clients that reconnect out over time. 0 tokens: off.
//
// Java: zookeeper.connection_throttle_*. Invariant: 0 <= tokens <= maximum, 0 <= drop chance <= 1.

import type { BlueThrottleSettings } from "./settings.js";

export type HandshakeKind = "global" | "local" | "renew";

export class BlueThrottle {
  readonly #settings: BlueThrottleSettings;
  readonly #weights: { readonly [kind in HandshakeKind]: number };
  readonly #tokensMax: number;
  readonly #fillCount: number;
  #tokens: number;
  #lastFillMs: number;
  #lastFreezeMs: number;
  #dropChance = 0;

  constructor(settings: BlueThrottleSettings, nowMs: number) {
    this.#settings = settings;
    this.#weights = weightsOf(settings);
    // What is configured is meant for global sessions.
    const scale = settings.connectionThrottleWeightEnabled ? this.#weights.global : 1;
    this.#tokensMax = settings.connectionThrottleTokens * scale;
    this.#fillCount = settings.connectionThrottleFillCount * scale;
    this.#tokens = this.#tokensMax;
    this.#lastFillMs = nowMs;
    this.#lastFreezeMs = nowMs;
  }

  get dropChance(): number {
    return this.#dropChance;
  }

  /** Tokens that are missing. */
  get deficit(): number {
    return this.#tokensMax - this.#tokens;
  }

  /** Whether one more may come in; if so its tokens are taken. `random` is between 0 and 1, 1 excluded. */
  admit(kind: HandshakeKind, nowMs: number, random: number): boolean {
    if (this.#tokensMax === 0) return true;
    const need = this.#settings.connectionThrottleWeightEnabled ? this.#weights[kind] : 1;
    this.#fill(nowMs);
    if (this.#settings.connectionThrottleFreezeTimeMs !== -1) {
      this.#adjustDropChance(nowMs);
      if (random < this.#dropChance) return false;
    }
    if (this.#tokens < need) return false;
    this.#tokens -= need;
    return true;
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - this.#lastFillMs;
    const fillTimeMs = this.#settings.connectionThrottleFillTimeMs;
    if (elapsedMs <= fillTimeMs) return;
    const refill = Math.floor((elapsedMs * this.#fillCount) / Math.max(fillTimeMs, 1));
    this.#tokens = Math.min(this.#tokens + refill, this.#tokensMax);
    this.#lastFillMs = nowMs;
  }

  #adjustDropChance(nowMs: number): void {
    const settings = this.#settings;
    if (nowMs - this.#lastFreezeMs <= settings.connectionThrottleFreezeTimeMs) return;
    const threshold = Math.round(this.#tokensMax * settings.connectionThrottleDecreaseRatio);
    if (this.#tokens === 0 && this.#dropChance < 1) {
      this.#dropChance = Math.min(this.#dropChance + settings.connectionThrottleDropIncrease, 1);
    } else if (this.deficit <= threshold && this.#dropChance > 0) {
      this.#dropChance = Math.max(this.#dropChance - settings.connectionThrottleDropDecrease, 0);
    }
    this.#lastFreezeMs = nowMs;
  }
}

/** A global session costs more than a renewal, and that more than a local one: Java keeps weights in that order. */
function weightsOf(settings: BlueThrottleSettings): { readonly [kind in HandshakeKind]: number } {
  const local = settings.connectionThrottleLocalSessionWeight;
  return {
    local: local <= 0 ? 1 : local,
    global: atLeast(settings.connectionThrottleGlobalSessionWeight, local, 3),
    renew: atLeast(settings.connectionThrottleRenewSessionWeight, local, 2),
  };
}

function atLeast(weight: number, local: number, fallback: number): number {
  return weight <= 0 ? fallback : Math.max(weight, local);
}
