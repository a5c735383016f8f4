// snapshot and restore: the whole tree, out and in. Java: SnapshotCommand, RestoreCommand in Commands.
//
// A snapshot is taken as any other, a slice a turn, and then sent from its file: what it holds is what a client was
// promised, and purge may remove it meanwhile, because the open file stays.
//
// restore would replace the tree under the feet of sessions, watches and the log; that is not done yet, and it answers what
// it would with admin.restore.enabled=false.

import type { Logger } from "../../platform/platform.js";
import { DiskError } from "../../platform/platform.js";
import { hex0x } from "../../wire/ids.js";
import type { AdminContext, TakenSnapshot } from "../admin-context.js";
import type { HttpBody } from "../http/response.js";
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
  context.takeSnapshot((snapshot) => {
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

export function restoreCommand(log: Logger): Command {
  return {
    names: ["restore", "rest"],
    method: "POST",
    needsServer: true,
    isProtected: true,
    run(_context, _query, answer) {
      log.warn("Restore command is disabled");
      answer({ status: 503 });
    },
  };
}
