// What the tests of storage share: a platform around a FaultDisk, records, and a state that is compared.

import { JuteWriter } from "../../src/jute/writer.js";
import type { Clock, Logger, Platform, Random } from "../../src/platform/platform.js";
import { DEFAULT_STORAGE_SETTINGS, type StorageSettings } from "../../src/storage/settings.js";
import { Storage } from "../../src/storage/storage.js";
import type { SnapshotSink, SnapshotSource, ZxidDigest } from "../../src/tree/snapshot.js";
import { makeZxid, type SessionId, type Zxid } from "../../src/wire/ids.js";
import type { ACL } from "../../src/wire/records.js";
import type { FaultDisk } from "./fault-disk.js";

export const DIRECTORY = "/data/version-2";

export class Lines implements Logger {
  readonly lines: string[] = [];
  child(): Logger {
    return this;
  }
  trace(): void {}
  debug(): void {}
  info(message: string): void {
    this.lines.push(`INFO ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`WARN ${message}`);
  }
  error(message: string): void {
    this.lines.push(`ERROR ${message}`);
  }
  isDebugEnabled(): boolean {
    return false;
  }
}

const clock: Clock = {
  wallMs: () => 1_700_000_000_000,
  turnWallMs: () => 1_700_000_000_000,
  monotonicMs: () => 0,
  setTimer: () => ({ cancel() {} }),
  atTurnEnd: (run) => queueMicrotask(run),
};

const random: Random = {
  integer: (bound) => bound - 1,
  fill: (target) => target.fill(7),
  hashSeed: 0,
};

export function platformOn(disk: FaultDisk, log: Logger = new Lines()): Platform {
  return { clock, random, disk, log } as unknown as Platform;
}

export const SETTINGS: StorageSettings = {
  ...DEFAULT_STORAGE_SETTINGS,
  dataDir: "/data",
  dataLogDir: "/data",
  preAllocBytes: 64 * 1024,
};

/** A record that no one but storage looks at: TxnHeader, and `size` bytes that depend on the zxid. */
export function record(zxid: Zxid, size = 40): Buffer {
  const out = new JuteWriter();
  out.bigLong(0x1000n);
  out.int(zxid % 1000);
  out.long(zxid);
  out.long(1_700_000_000_000);
  out.int(1);
  for (let i = 0; i < size; i++) out.byte(1 + ((zxid + i * 7) % 250));
  return out.take();
}

/** A state as simple as can be: the zxids that were applied, each with its record's length; a snapshot has them all. */
export class Model implements SnapshotSink {
  readonly applied = new Map<Zxid, number>();
  readonly sessions = new Map<SessionId, number>();
  readonly acls = new Map<number, readonly ACL[]>();
  digest: ZxidDigest | undefined;
  lastZxid = 0 as Zxid;

  readonly replay = (_page: Buffer, start: number, end: number, zxid: Zxid): void => {
    this.apply(zxid, end - start);
  };

  apply(zxid: Zxid, length: number): void {
    this.applied.set(zxid, length);
    this.lastZxid = zxid;
  }

  zxids(): Zxid[] {
    return [...this.applied.keys()];
  }

  begin(): void {
    this.applied.clear();
    this.sessions.clear();
    this.acls.clear();
    this.digest = undefined;
    this.lastZxid = 0 as Zxid;
  }
  session(id: SessionId, timeoutMs: number): void {
    this.sessions.set(id, timeoutMs);
  }
  acl(id: number, acl: readonly ACL[]): void {
    this.acls.set(id, acl);
  }
  node(
    paths: Buffer,
    pathStart: number,
    pathEnd: number,
    page: Buffer,
    start: number,
    length: number,
    _acl: number,
    stat: number,
  ): void {
    if (pathStart === pathEnd) return;
    const path = paths.toString("utf8", pathStart, pathEnd);
    const zxid = makeZxid(page.readUInt32BE(stat), page.readUInt32BE(stat + 4));
    const recordLength = page.readUInt32BE(start);
    if (length !== 4 + (recordLength % 50)) throw new Error(`Wrong data of ${path}`);
    this.applied.set(zxid, recordLength);
  }
  finish(lastZxid: Zxid, digest: ZxidDigest | undefined): void {
    this.lastZxid = lastZxid;
    this.digest = digest;
  }

  source(extra: Partial<SnapshotSource> = {}): SnapshotSource {
    const nodes = [...this.applied];
    let next = -1;
    return {
      lastZxid: this.lastZxid,
      digest: { zxid: this.lastZxid, version: 2, digest: -5n },
      sessionCount: this.sessions.size,
      sessions: () => this.sessions,
      aclCount: this.acls.size,
      acls: () => this.acls,
      writeNodes(out, untilLength) {
        while (next < nodes.length && out.length < untilLength) {
          const [zxid, length] = next < 0 ? [0, 0] : nodes[next]!;
          out.string(next < 0 ? "" : `/${zxid}`);
          out.int(4 + (length % 50));
          out.int(length);
          out.raw(Buffer.alloc(length % 50, 1));
          out.long(-1);
          out.long(zxid);
          for (let i = 0; i < 13; i++) out.int(0);
          next++;
        }
        return next < nodes.length;
      },
      release() {},
      ...extra,
    };
  }
}

export interface Opened {
  readonly storage: Storage;
  readonly model: Model;
  readonly log: Lines;
  readonly recovered: Awaited<ReturnType<Storage["recover"]>>;
  readonly fatal: Error[];
}

export async function open(
  disk: FaultDisk,
  settings: Partial<StorageSettings> = {},
): Promise<Opened> {
  const log = new Lines();
  const fatal: Error[] = [];
  const storage = await Storage.open(platformOn(disk, log), { ...SETTINGS, ...settings }, log, {
    onFatal: (error) => fatal.push(error),
  });
  const model = new Model();
  const recovered = await storage.recover(model, model.replay);
  return { storage, model, log, recovered, fatal };
}

export function append(opened: Opened, zxid: number, size = 40): void {
  const bytes = record(zxid as Zxid, size);
  opened.storage.append(bytes, zxid as Zxid);
  opened.model.apply(zxid as Zxid, bytes.length);
}

export function flush(storage: Storage): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.flush((error) => (error === undefined ? resolve() : reject(error)));
  });
}

export function snapshot(opened: Opened): Promise<void> {
  return new Promise((resolve, reject) => {
    opened.storage.startSnapshot(opened.model.source(), (error) =>
      error === undefined ? resolve() : reject(error),
    );
  });
}

/** Appends and flushes one by one. */
export async function write(
  opened: Opened,
  from: number,
  to: number,
  size?: number,
): Promise<void> {
  for (let zxid = from; zxid <= to; zxid++) {
    append(opened, zxid, size);
    await flush(opened.storage);
  }
}
