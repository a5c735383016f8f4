// snapshot and restore: the whole tree, out and in. Java: SnapshotCommand, RestoreCommand in Commands.
//
// A snapshot is taken as any other, a slice a turn, and then sent from its file: what it holds is what a client was
// promised, and purge may remove it meanwhile, because the open file stays.
//
// restore takes one in and makes it the state: of a lone server, or, through its leader, of a whole ensemble (src/restore.ts).
// A body that is no whole snapshot changes nothing.

import type { Logger } from "../../platform/platform.js";
import { DiskError } from "../../platform/platform.js";
import { hex0x } from "../../wire/ids.js";
import type { AdminContext, TakenSnapshot } from "../admin-context.js";
import type { HttpBody, HttpClient } from "../http/response.js";
import type { RateLimiter } from "../rate-limiter.js";
import type { Answer, Command } from "./command.js";

export function snapshotCommand(limiter: RateLimiter, log: Logger): Command {
  return {
    names: ["snapshot", "snap"],
    method: "GET",
    needsServer: true,
    isProtected: true,
    run(context, query, answer) {
      const { config, door } = context;
      const { counters } = door.metrics;
      if (!config.admin.snapshotEnabled) {
        log.warn("Snapshot command is disabled");
        answer({ status: 503 });
      } else if (!config.storage.serializeLastProcessedZxidEnabled) {
        log.warn("Snapshot command requires serializeLastProcessedZxidEnable flag is set to true");
        answer({ status: 500 });
      } else if (!limiter.allow(door.platform.clock.monotonicMs())) {
        counters.snapshot_rate_limited_count.add(1);
        log.warn("Snapshot request was rate limited");
        answer({ status: 429 });
      } else {
        const isStreamed = (query.get("streaming") ?? "true").toLowerCase() === "true";
        take(context, isStreamed, log, answer);
      }
    },
  };
}

function take(context: AdminContext, isStreamed: boolean, log: Logger, answer: Answer): void {
  context.takeSnapshot(isStreamed, (snapshot) => {
    if (snapshot === undefined) {
      context.door.metrics.counters.snapshot_error_count.add(1);
      log.warn("Exception occurred when taking the snapshot via the snapshot admin command");
      answer({ status: 500 });
      return;
    }
    const headers = [
      ["last_zxid", hex0x(snapshot.file.zxid)],
      ["snapshot_size", String(snapshot.content.sizeBytes)],
    ] as const;
    if (isStreamed) {
      answer({ headers, bytes: contentOf(snapshot, log) });
    } else {
      snapshot.content.close();
      answer({ headers });
    }
  });
}

function contentOf({ content, file }: TakenSnapshot, log: Logger): HttpBody {
  return {
    kind: "bytes",
    length: content.sizeBytes,
    read(position, target) {
      try {
        return content.read(position, target);
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        log.warn(`Exception streaming out ${file.path}`, error);
        return 0;
      }
    },
    close: () => content.close(),
  };
}

export function restoreCommand(limiter: RateLimiter, log: Logger): Command {
  return {
    names: ["restore", "rest"],
    method: "POST",
    needsServer: true,
    isProtected: true,
    run(context, _query, answer, client) {
      const { config, door } = context;
      const { counters } = door.metrics;
      if (!config.admin.restoreEnabled) {
        log.warn("Restore command is disabled");
        answer({ status: 503 });
      } else if (!config.storage.serializeLastProcessedZxidEnabled) {
        log.warn("Restore command requires serializeLastProcessedZxidEnable flag is set to true");
        answer({ status: 500 });
      } else if (!limiter.allow(door.platform.clock.monotonicMs())) {
        counters.restore_rate_limited_count.add(1);
        log.warn("Restore request was rate limited");
        answer({ status: 429 });
      } else {
        restore(context, client, log, answer);
      }
    },
  };
}

function restore(context: AdminContext, client: HttpClient, log: Logger, answer: Answer): void {
  const { platform, metrics } = context.door;
  const restoration = context.beginRestore();
  if (restoration === undefined) {
    answer({ status: 409, refused: "Another restore is under way" });
    return;
  }
  const startMs = platform.clock.monotonicMs();
  const body = client.takeBody({
    data: (chunk) => restoration.push(chunk),
    aborted() {
      metrics.counters.restore_error_count.add(1);
      log.warn(`The snapshot to be restored was not sent to its end (${client.remoteAddress})`);
      restoration.abandon();
      answer({ status: 500 });
    },
    end() {
      restoration.finish((outcome) => {
        if (outcome.ok) {
          metrics.summaries.restore_time.add(Math.floor(platform.clock.monotonicMs() - startMs));
          answer({ entries: [["last_zxid", outcome.zxid]] });
          return;
        }
        const { status, error } = outcome;
        metrics.counters.restore_error_count.add(1);
        log.warn(`Exception occurred when restore snapshot via the restore command: ${error}`);
        answer({ status, refused: error });
      });
    },
  });
  restoration.onRoom = () => body.resume();
}
